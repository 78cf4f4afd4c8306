[
  (module_declaration)
  (trait_declaration)
  (impl_declaration)
  (block)
  (do_block)
  (match_arms)
  (catch_arms)
  (receive_arms)
  (parameters)
  (arguments)
  (constructor_arguments)
  (use_list)
  (record_type)
  (parenthesized_expression)
  (tuple_expression)
  (list_expression)
  (map_expression)
  (set_expression)
  (field_patterns)
  (variant_body)
] @indent.begin

(function_declaration body: (_) @indent.begin)
(impl_method body: (_) @indent.begin)
(if_expression "then" @indent.begin)
(if_expression "else" @indent.branch)

["}" "]" ")" "end"] @indent.end @indent.branch

(block_comment) @indent.ignore
(string) @indent.ignore
