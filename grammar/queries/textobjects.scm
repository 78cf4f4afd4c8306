(function_declaration body: (_) @function.inner) @function.outer
(template_declaration body: (_) @function.inner) @function.outer
(impl_method body: (_) @function.inner) @function.outer
(trait_method body: (_) @function.inner) @function.outer
(local_function body: (_) @function.inner) @function.outer
(lambda body: (_) @function.inner) @function.outer

(type_declaration body: (_) @class.inner) @class.outer
(trait_declaration) @class.outer
(impl_declaration) @class.outer
(module_declaration) @class.outer

(parameters (parameter) @parameter.inner)
(template_parameters (template_parameter) @parameter.inner)
(arguments (_) @parameter.inner)
(constructor_arguments (_) @parameter.inner)

(call_expression arguments: (_) @call.inner) @call.outer
(constructor_expression arguments: (_) @call.inner) @call.outer

(if_expression consequence: (_) @conditional.inner) @conditional.outer
(if_expression alternative: (_) @conditional.inner)
(match_expression arms: (_) @conditional.inner) @conditional.outer
(arm body: (_) @conditional.inner)

(while_expression body: (_) @loop.inner) @loop.outer
(for_expression body: (_) @loop.inner) @loop.outer

(block) @block.outer
(do_block) @block.outer

(binding left: (_) @assignment.lhs value: (_) @assignment.rhs) @assignment.outer
(typed_binding left: (_) @assignment.lhs value: (_) @assignment.rhs) @assignment.outer
(var_binding pattern: (_) @assignment.lhs value: (_) @assignment.rhs) @assignment.outer

(test_declaration body: (_) @test.inner) @test.outer

(line_comment) @comment.outer
(block_comment) @comment.outer
