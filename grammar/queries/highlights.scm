; Classes of syntax.md 11. Later patterns win over earlier ones.

(line_comment) @comment
(block_comment) @comment

; Names by role
(identifier) @variable
(upper_identifier) @type
(self_type) @variable.builtin
((identifier) @variable.builtin (#eq? @variable.builtin "self"))
(wildcard) @variable.builtin

(module_declaration name: (_) @module)
(use_declaration path: (_) @module)
(type_declaration name: (_) @type.definition)
(trait_declaration name: (_) @type.definition)
(type_parameter name: (_) @type.parameter)
(constructor name: (_) @constructor)
(constructor_expression constructor: (_) @constructor)
(constructor_pattern constructor: (_) @constructor)
(record_pattern constructor: (_) @constructor)
(record_pattern_cover constructor: (_) @constructor)
(const_declaration name: (_) @constant)

(function_declaration name: (_) @function)
(template_declaration name: (_) @function)
(extern_function_declaration name: (_) @function)
(local_function name: (_) @function)
(trait_method name: (_) @function.method)
(impl_method name: (_) @function.method)
(call_expression function: (identifier) @function.call)
(call_expression function: (index_expression object: (identifier) @function.call))
(call_expression function: (field_expression name: (identifier) @function.method.call))
(binary_expression operator: "|>" right: (identifier) @function.call)
(decorator "@" @attribute name: (_) @attribute)

(parameter pattern: (identifier) @variable.parameter)
(template_parameter name: (_) @variable.parameter)
(extern_parameter name: (_) @variable.parameter)
(named_argument name: (identifier) @variable.parameter)
(default_argument name: (identifier) @variable.parameter)
(lambda parameters: (identifier) @variable.parameter)
(lambda parameters: (parenthesized_expression (identifier) @variable.parameter))
(lambda parameters: (tuple_expression (identifier) @variable.parameter))
(typed_element pattern: (identifier) @variable.parameter)

(field_declaration name: (_) @property)
(field_expression name: (identifier) @property)
(field_pattern name: (_) @property)
(record_field name: (identifier) @property)
(constructor_field name: (_) @property)
(tuple_index) @number

; A field that is called is a method.
(call_expression function: (field_expression name: (identifier) @function.method.call))

; Literals
[(integer) (sized_integer) (big_integer)] @number
[(float) (float32) (decimal)] @number.float
(boolean) @boolean
(unit) @constant.builtin
(unit_type) @type.builtin
(character) @character
(string) @string
(escape_sequence) @string.escape
(interpolation "${" @punctuation.special "}" @punctuation.special)
[(invalid_number) (invalid_character)] @error

; Keywords
["if" "then" "else" "match" "when" "try" "catch" "finally" "do" "while" "for" "to"] @keyword.control
["return" "break" "receive" "after"] @keyword.control
(continue_expression) @keyword.control
(do_block "end" @keyword.control)
["spawn" "spawn_link" "spawn_monitor"] @keyword.coroutine
["type" "reactive" "mvar" "const" "trait" "module" "use" "template" "test" "extern"] @keyword
[(var) (pub) (private)] @keyword
(var_binding "var" @keyword)
(type_declaration "var" @keyword)
(module_declaration "end" @keyword)
(trait_declaration "end" @keyword)
(impl_declaration "end" @keyword)
(use_item "as" @keyword)
(use_declaration "as" @keyword)
(extern_function_declaration "from" @keyword)
"quote" @keyword.directive
(splice_expression "~" @keyword.directive)
"not" @keyword.operator

; Operators and punctuation
(send_expression operator: _ @keyword.coroutine)
(binary_expression operator: _ @operator)
(unary_expression operator: ["-" "!"] @operator)
(operator_name) @operator
(propagate_expression "?" @operator)
(pin_pattern "^" @operator)
(negative_literal "-" @operator)
[".." "..=" "=" "->" "=>" "|"] @operator
["," ";" ":" "."] @punctuation.delimiter
["(" ")" "[" "]" "{" "}" "#{"] @punctuation.bracket
(map_expression "%" @punctuation.bracket)
(map_pattern "%" @punctuation.bracket)
