(module_declaration name: (_) @name) @definition.module
(type_declaration name: (_) @name) @definition.class
(trait_declaration name: (_) @name) @definition.interface
(impl_declaration type: (_) @name) @definition.implementation
(constructor name: (_) @name) @definition.constructor
(function_declaration name: (_) @name) @definition.function
(template_declaration name: (_) @name) @definition.macro
(extern_function_declaration name: (_) @name) @definition.function
(local_function name: (_) @name) @definition.function
(trait_method name: (_) @name) @definition.method
(impl_method name: (_) @name) @definition.method
(const_declaration name: (_) @name) @definition.constant
(mvar_declaration name: (_) @name) @definition.variable
(binding_declaration name: (_) @name) @definition.variable
(test_declaration name: (_) @name) @definition.test

(call_expression function: (identifier) @name) @reference.call
(call_expression function: (field_expression name: (_) @name)) @reference.call
(call_expression function: (index_expression object: (identifier) @name)) @reference.call
(constructor_expression constructor: (_) @name) @reference.class
(impl_declaration trait: (_) @name) @reference.implementation
