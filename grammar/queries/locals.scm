; Scopes, definitions and references, for editors without the language server.

(source_file) @local.scope
(module_declaration) @local.scope
(function_declaration) @local.scope
(template_declaration) @local.scope
(impl_method) @local.scope
(trait_method) @local.scope
(local_function) @local.scope
(lambda) @local.scope
(block) @local.scope
(do_block) @local.scope
(arm) @local.scope
(for_expression) @local.scope

(function_declaration name: (identifier) @local.definition.function)
(local_function name: (identifier) @local.definition.function)
(template_declaration name: (identifier) @local.definition.function)
(type_declaration name: (upper_identifier) @local.definition.type)
(trait_declaration name: (upper_identifier) @local.definition.type)
(type_parameter name: (_) @local.definition.type)
(constructor name: (upper_identifier) @local.definition.constructor)
(const_declaration name: (_) @local.definition.constant)
(mvar_declaration name: (identifier) @local.definition.var)
(binding_declaration name: (identifier) @local.definition.var)

(parameter pattern: (identifier) @local.definition.parameter)
(template_parameter name: (identifier) @local.definition.parameter)
(local_function parameters: (arguments (identifier) @local.definition.parameter))
(local_function parameters: (arguments
  (named_argument name: (identifier) @local.definition.parameter)))
(local_function parameters: (arguments
  (default_argument name: (identifier) @local.definition.parameter)))
(lambda parameters: (identifier) @local.definition.parameter)
(lambda parameters: (parenthesized_expression (identifier) @local.definition.parameter))
(lambda parameters: (tuple_expression (identifier) @local.definition.parameter))
(typed_element pattern: (identifier) @local.definition.parameter)

(binding left: (identifier) @local.definition.var)
(binding left: (tuple_expression (identifier) @local.definition.var))
(typed_binding left: (identifier) @local.definition.var)
(var_binding pattern: (identifier) @local.definition.var)
(for_expression variable: (identifier) @local.definition.var)

(arm pattern: (identifier) @local.definition.var)
(tuple_pattern (identifier) @local.definition.var)
(list_pattern (identifier) @local.definition.var)
(list_pattern tail: (identifier) @local.definition.var)
(positional_patterns (identifier) @local.definition.var)
(field_pattern pattern: (identifier) @local.definition.var)
(field_pattern name: (identifier) @local.definition.var !pattern)
(map_pattern_entry pattern: (identifier) @local.definition.var)

(identifier) @local.reference
(upper_identifier) @local.reference
