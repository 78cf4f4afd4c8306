/**
 * The grammar of Nostos (docs: language/syntax.md).
 *
 * Three ideas carry it; README.md lists what each leaves to lowering.
 *
 * 1. Newlines are blanks except where the parser can accept `_nl`; the external
 *    scanner then looks at the next token and decides (rules N1-N6).
 * 2. Text that may turn out to be a pattern, a type or an expression only when
 *    a later `=`, `=>`, `:` or `->` is seen is parsed as an expression (a cover
 *    form). Where the text itself says "pattern" or "type" (arms, parameters of
 *    declarations, `var`, annotations), it is parsed by the rules of that kind.
 * 3. Names come from the scanner, which knows the reserved words, so a reserved
 *    word is never a name, whatever the parser state.
 */

// Binding strength, loosest to tightest (syntax.md 5.1).
const PREC = {
  cover: -2,
  open_ended: -1,
  send: 1,
  pipe: 2,
  or: 3,
  and: 4,
  compare: 5,
  concat: 6,
  cons: 7,
  add: 8,
  multiply: 9,
  power: 10,
  prefix: 11,
  splice: 12,
  postfix: 13,
};

// Characters that stand neither in code nor in comments (syntax.md 1.1).
const CONTROL = '\\x00-\\x08\\x0B\\x0C\\x0E-\\x1F\\x7F';

// Each element is reduced together with its separator: while the last one is read,
// the elements before it are one entry of the parser's stack, however many they are.
const sep1 = (rule, separator) => seq(repeat(seq(rule, separator)), rule);
const commas = rule => optional(sep1(rule, ','));
const commas1 = rule => sep1(rule, ',');
const commasTrailing = rule => optional(seq(sep1(rule, ','), optional(',')));
const commas1Trailing = rule => seq(sep1(rule, ','), optional(','));

module.exports = grammar({
  name: 'nostos',

  externals: $ => [
    $._nl,
    $._nl_before_equals,
    $._nl_before_bar,
    $.line_comment,
    $.identifier,
    $.upper_identifier,
    $._as,
    $._from,
    $.integer,
    $.sized_integer,
    $.big_integer,
    $.float,
    $.float32,
    $.decimal,
    $.invalid_number,
    $._index_point,
    $.tuple_index,
    $.character,
    $.invalid_character,
    $._double_quote,
    $._single_quote,
    $._double_quoted_text,
    $._single_quoted_text,
    $.escape_sequence,
    $._interpolation_start,
    $._double_quote_end,
    $._single_quote_end,
    $.unterminated,
    $._error_sentinel,
  ],

  extras: $ => [/[ \t\r\n]/, $.line_comment, $.block_comment],

  word: $ => $._word,

  inline: $ => [$._upper, $._member, $._type_name],

  rules: {
    source_file: $ => repeat($._declaration_line),

    _declaration_line: $ => seq($._declaration, optional($._nl)),

    // Never produced as a node: a reserved word where it cannot stand.
    _word: _ => /[a-z_][A-Za-z0-9_]*/,

    block_comment: _ => token(seq(
      '#*',
      new RegExp(`[^*${CONTROL}]*\\*+([^#*${CONTROL}][^*${CONTROL}]*\\*+)*`),
      '#',
    )),

    self_type: _ => 'Self',
    wildcard: _ => '_',

    _upper: $ => choice($.upper_identifier, $.self_type),
    _type_name: $ => choice($.upper_identifier, $.self_type),
    _member: $ => choice($.identifier, $.upper_identifier, $.self_type),

    // ------------------------------------------------------------ declarations

    _declaration: $ => choice(
      $.module_declaration,
      $.use_declaration,
      $.type_declaration,
      $.trait_declaration,
      $.impl_declaration,
      $.function_declaration,
      $.template_declaration,
      $.const_declaration,
      $.mvar_declaration,
      $.binding_declaration,
      $.test_declaration,
      $.extern_type_declaration,
      $.extern_function_declaration,
    ),

    pub: _ => 'pub',

    module_declaration: $ => seq(
      optional($.pub), 'module', field('name', $.upper_identifier),
      repeat($._declaration_line),
      'end',
    ),

    use_declaration: $ => seq(
      'use', $._use_path, '.',
      choice(
        field('wildcard', $.use_all),
        field('items', $.use_list),
        seq(field('name', $._member), optional(seq(alias($._as, 'as'), field('alias', $._member)))),
      ),
    ),
    _use_path: $ => seq(optional(seq($._use_path, '.')), field('path', $._member)),
    use_all: _ => '*',
    use_list: $ => seq('{', commasTrailing($.use_item), '}'),
    use_item: $ => seq(
      field('name', $._member), optional(seq(alias($._as, 'as'), field('alias', $._member))),
    ),

    function_declaration: $ => seq(
      repeat($.decorator), optional($.pub),
      field('name', $.identifier),
      $._function_head, field('body', $._expression),
    ),
    _function_head: $ => seq(
      optional(field('type_parameters', $.type_parameters)),
      field('parameters', $.parameters),
      optional($._guard),
      optional($._return_type),
      optional($._nl), '=',
    ),

    decorator: $ => seq(
      '@', field('name', $.identifier),
      optional(field('arguments', $.decorator_arguments)),
    ),
    decorator_arguments: $ => seq('(', commas($._expression), ')'),

    type_parameters: $ => seq('[', commasTrailing($.type_parameter), ']'),
    type_parameter: $ => seq(
      field('name', choice($.upper_identifier, $.identifier)),
      optional(seq(':', sep1(field('bound', $._type_name), '+'))),
    ),

    parameters: $ => seq('(', commas($.parameter), ')'),
    parameter: $ => seq(
      field('pattern', $._pattern),
      optional(seq(':', field('type', $._type))),
      optional(seq('=', field('default', $._expression))),
    ),

    _guard: $ => seq('when', field('guard', $._expression)),
    _return_type: $ => seq('->', field('return_type', $._type)),

    template_declaration: $ => seq(
      'template', field('name', $.identifier),
      $._template_head, field('body', $._expression),
    ),
    _template_head: $ => seq(
      optional(field('type_parameters', $.type_parameters)),
      field('parameters', $.template_parameters),
      optional($._return_type),
      optional($._nl), '=',
    ),
    template_parameters: $ => seq('(', commas($.template_parameter), ')'),
    template_parameter: $ => seq(
      field('name', $.identifier), optional(seq(':', field('type', $._type))),
    ),

    type_declaration: $ => prec.right(seq(
      repeat($.decorator), optional($.pub),
      field('kind', choice('type', 'reactive', seq('var', 'type'))),
      field('name', $.upper_identifier),
      optional(field('type_parameters', $.type_parameters)),
      optional(seq('=', field('body', choice($.variant_body, $._type)))),
    )),
    variant_body: $ => choice(
      seq($._bar, $._constructor, repeat(seq($._bar, $._constructor))),
      seq(alias($.constructor_with_fields, $.constructor), repeat(seq($._bar, $._constructor))),
      seq(alias($.bare_constructor, $.constructor), repeat1(seq($._bar, $._constructor))),
    ),
    _bar: $ => seq(optional($._nl_before_bar), '|'),
    _constructor: $ => choice(
      alias($.constructor_with_fields, $.constructor),
      alias($.bare_constructor, $.constructor),
    ),
    bare_constructor: $ => field('name', $.upper_identifier),
    constructor_with_fields: $ => prec(1, seq(
      field('name', $.upper_identifier),
      field('fields', choice($.positional_fields, $.record_type)),
    )),
    positional_fields: $ => seq('(', commas1($._type), ')'),

    trait_declaration: $ => seq(
      optional($.pub), 'trait', field('name', $.upper_identifier),
      optional(seq(':', commas1(field('supertrait', $.upper_identifier)))),
      repeat(seq($.trait_method, optional($._nl))),
      'end',
    ),
    trait_method: $ => seq(
      field('name', $._method_name),
      field('parameters', $.parameters),
      optional($._return_type),
      optional(seq('=', field('body', $._expression))),
    ),

    impl_declaration: $ => seq(
      optional($.pub),
      field('type', choice($._named_type, $.list_type, $.parenthesized_type, $.tuple_type)),
      ':', field('trait', $._type_name),
      optional(seq('when', commas1($.bound), optional($._nl))),
      repeat(seq($.impl_method, optional($._nl))),
      'end',
    ),
    bound: $ => prec.right(seq(
      field('name', choice($.upper_identifier, $.identifier)), ':',
      sep1(field('bound', $._type_name), '+'),
    )),
    impl_method: $ => seq(
      field('name', $._method_name), $._function_head, field('body', $._expression),
    ),
    _method_name: $ => choice($.identifier, $.operator_name),
    operator_name: _ => choice(
      '==', '!=', '<', '>', '<=', '>=', '+', '-', '*', '/', '%', '**', '++',
    ),

    const_declaration: $ => seq(
      optional($.pub), 'const', field('name', $._member), '=',
      field('value', choice($._number, $.negative_literal, $.string, $._character, $.boolean)),
    ),

    mvar_declaration: $ => seq(
      optional($.pub), 'mvar', field('name', $.identifier),
      ':', field('type', $._type), '=', field('value', $._expression),
    ),

    binding_declaration: $ => seq(
      optional($.pub), optional(field('mutable', $.var)),
      field('name', $.identifier),
      optional(seq(':', field('type', $._type))),
      '=', field('value', $._expression),
    ),
    var: _ => 'var',

    test_declaration: $ => seq(
      'test', field('name', $.string), '=', field('body', $._expression),
    ),

    extern_type_declaration: $ => seq('extern', 'type', field('name', $.upper_identifier)),
    extern_function_declaration: $ => seq(
      'extern', field('name', $.identifier),
      field('parameters', $.extern_parameters),
      $._return_type,
      alias($._from, 'from'), field('library', $.string),
    ),
    extern_parameters: $ => seq('(', commas($.extern_parameter), ')'),
    extern_parameter: $ => seq(field('name', $.identifier), ':', field('type', $._type)),

    // -------------------------------------------------------------- statements

    block: $ => seq('{', optional($._statements), '}'),
    do_block: $ => seq('do', optional($._statements), 'end'),

    _statements: $ => seq(sep1($._statement, $._separator), optional($._separator)),

    // NL | (NL? (';' | ','))+ NL? -- never two newlines in a row, so that the
    // scanner looks for a newline once between two statements.
    _separator: $ => choice($._nl, seq($._separator_run, optional($._nl))),
    _separator_run: $ => seq(
      optional(choice($._separator_run, $._nl, seq($._separator_run, $._nl))),
      choice(';', ','),
    ),

    _statement: $ => choice(
      $._expression,
      $.var_binding,
      alias($.statement_binding, $.binding),
      alias($.statement_typed_binding, $.typed_binding),
      $.record_field,
      $.local_function,
    ),

    var_binding: $ => seq($._var_head, field('value', $._expression)),
    _var_head: $ => seq(
      'var', field('pattern', $._pattern), optional(seq(':', field('type', $._type))), '=',
    ),

    statement_binding: $ => seq(
      field('left', choice($._target, $.alternative_cover, $.range)), '=',
      field('value', $._expression),
    ),
    statement_typed_binding: $ => seq(
      field('left', $._pattern_cover), ':', field('type', $._item),
      '=', field('value', $._expression),
    ),
    record_field: $ => seq(
      field('name', $._pattern_cover), ':', field('pattern', $._item),
    ),

    local_function: $ => seq($._local_function_head, field('body', $._expression)),
    _local_function_head: $ => seq(
      field('name', $.identifier),
      field('parameters', $.arguments),
      optional($._return_type),
      optional($._nl_before_equals), '=',
    ),

    // Arm bodies and branches: no `var`, no local function, no bare `|`.
    binding: $ => prec(PREC.open_ended, seq(
      field('left', $._target), '=', field('value', $._expression),
    )),
    typed_binding: $ => seq(
      field('left', $._pattern_cover), ':',
      field('type', choice($._expression, alias($.function_type_cover, $.function_type))),
      '=', field('value', $._expression),
    ),

    _target: $ => prec(PREC.cover, choice(
      $._pattern_cover, $.field_expression, $.index_expression,
    )),

    // ------------------------------------------------------------- cover forms

    // What may stand left of `=`, `:`, `=>` or `|` and mean a pattern.
    _pattern_cover: $ => prec(PREC.cover, choice(
      $.identifier,
      $.wildcard,
      $._literal,
      $.negative_literal,
      $.pin_pattern,
      $._upper,
      $.constructor_expression,
      $.record_pattern_cover,
      $.unit,
      $.parenthesized_expression,
      $.tuple_expression,
      $.list_expression,
      $.map_expression,
      $.set_expression,
      $.block,
    )),

    record_pattern_cover: $ => prec(PREC.cover, seq(
      field('constructor', $._upper), field('fields', $.block),
    )),

    // What may stand between brackets: an expression, or a form that only a
    // pattern or a type may have.
    _item: $ => choice(
      $._expression,
      $.range,
      $.alternative_cover,
      alias($.function_type_cover, $.function_type),
    ),

    range: $ => seq(
      field('left', $._expression),
      field('operator', choice('..', '..=')),
      field('right', $._expression),
    ),

    alternative_cover: $ => seq(
      repeat1(seq(choice($._pattern_cover, $.range), '|')),
      choice($._pattern_cover, $.range),
    ),

    function_type_cover: $ => prec(PREC.cover, seq(
      field('parameters', choice($._pattern_cover, $.field_expression, $.index_expression)),
      '->', field('result', $._type),
    )),

    // ------------------------------------------------------------- expressions

    _expression: $ => choice(
      $.send_expression,
      $.binary_expression,
      $.unary_expression,
      $.splice_expression,
      $._postfix,
      $._open_ended,
    ),

    // These extend as far right as they can.
    _open_ended: $ => choice(
      $.lambda,
      $.if_expression,
      $.while_expression,
      $.for_expression,
      $.return_expression,
      $.break_expression,
    ),

    // `<-` does not chain; a grammar that knows would have twice the states, so
    // lowering rejects a send whose left operand is a send.
    send_expression: $ => prec.left(PREC.send, seq(
      field('left', $._expression), field('operator', '<-'), field('right', $._expression),
    )),

    binary_expression: $ => choice(
      ...[
        [prec.left, PREC.pipe, '|>'],
        [prec.left, PREC.or, '||'],
        [prec.left, PREC.and, '&&'],
        [prec.left, PREC.compare, choice('==', '!=', '<', '>', '<=', '>=')],
        [prec.left, PREC.concat, '++'],
        [prec.right, PREC.cons, '::'],
        [prec.left, PREC.add, choice('+', '-')],
        [prec.left, PREC.multiply, choice('*', '/', '%')],
        [prec.right, PREC.power, '**'],
      ].map(([associate, level, operator]) => associate(level, seq(
        field('left', $._expression),
        field('operator', operator),
        field('right', $._expression),
      ))),
    ),

    unary_expression: $ => prec(PREC.prefix, seq(
      field('operator', choice('-', '!', 'not')), field('operand', $._expression),
    )),
    splice_expression: $ => prec(PREC.splice, seq(
      '~', field('operand', choice($.splice_expression, $._postfix, $._open_ended)),
    )),

    _postfix: $ => choice(
      $._primary,
      $.call_expression,
      $.index_expression,
      $.field_expression,
      $.tuple_element_expression,
      $.propagate_expression,
      $.constructor_expression,
    ),

    call_expression: $ => prec(PREC.postfix, choice(
      seq(field('function', $.identifier), field('arguments', $.arguments)),
      seq(field('function', $._postfix), field('arguments', $.arguments)),
    )),
    arguments: $ => seq('(', optional($._arguments), ')'),
    _arguments: $ => commas1($._argument),
    _argument: $ => choice($._item, $.named_argument, $.default_argument),
    named_argument: $ => seq(
      $._argument_name, field('value', $._item),
      optional(seq('=', field('default', $._expression))),
    ),
    _argument_name: $ => seq(field('name', $._pattern_cover), ':'),
    default_argument: $ => seq(
      field('name', $._pattern_cover), '=', field('value', $._expression),
    ),

    constructor_expression: $ => prec(PREC.postfix + 1, seq(
      optional(seq(field('qualifier', $._postfix), '.')),
      field('constructor', $._upper),
      field('arguments', $.constructor_arguments),
    )),
    constructor_arguments: $ => seq('(', optional($._constructor_arguments), ')'),
    _constructor_arguments: $ => commas1Trailing(choice($._item, $.constructor_field)),
    constructor_field: $ => seq(field('name', $.identifier), ':', field('value', $._item)),

    index_expression: $ => prec(PREC.postfix, seq(
      field('object', $._postfix), '[', optional($._indices), ']',
    )),
    _indices: $ => commas1Trailing(field('index', $._item)),
    field_expression: $ => prec(PREC.postfix, seq(
      field('object', $._postfix), '.', field('name', $._member),
    )),
    tuple_element_expression: $ => prec(PREC.postfix, seq(
      field('object', $._postfix), alias($._index_point, '.'), field('index', $.tuple_index),
    )),
    propagate_expression: $ => prec(PREC.postfix, seq(field('operand', $._postfix), '?')),

    _primary: $ => choice(
      $._literal,
      $.identifier,
      $._upper,
      $.wildcard,
      $.pin_pattern,
      $.record_pattern_cover,
      $.unit,
      $.parenthesized_expression,
      $.tuple_expression,
      $.list_expression,
      $.map_expression,
      $.set_expression,
      $.block,
      $.do_block,
      $.match_expression,
      $.receive_expression,
      $.try_expression,
      $.spawn_expression,
      $.quote_expression,
      $.continue_expression,
    ),

    unit: _ => seq('(', ')'),
    parenthesized_expression: $ => seq('(', $._element, ')'),
    tuple_expression: $ => seq('(', $._elements, ')'),
    _elements: $ => seq(repeat1(seq($._element, ',')), $._element),
    _element: $ => choice($._item, $.typed_element),
    typed_element: $ => seq(field('pattern', $._pattern_cover), ':', field('type', $._type)),

    list_expression: $ => seq('[', optional($._list_elements), ']'),
    _list_elements: $ => seq(
      commas1($._list_element),
      optional(seq('|', field('tail', choice($._expression, $.alternative_cover)))),
    ),
    _list_element: $ => choice(
      $._expression,
      $.range,
      alias($.function_type_cover, $.function_type),
    ),

    map_expression: $ => seq('%', '{', optional($._map_entries), '}'),
    _map_entries: $ => commas1Trailing($.map_entry),
    map_entry: $ => seq($._map_key, field('value', $._item)),
    _map_key: $ => seq(field('key', $._expression), ':'),
    set_expression: $ => seq('#{', optional($._set_elements), '}'),
    _set_elements: $ => commas1Trailing($._item),

    lambda: $ => prec(PREC.open_ended, seq($._lambda_head, field('body', $._expression))),
    _lambda_head: $ => seq(
      field('parameters', $._pattern_cover), optional($._return_type), '=>',
    ),

    if_expression: $ => prec.right(PREC.open_ended, seq(
      $._if_head, field('consequence', $._branch),
      optional(seq('else', field('alternative', $._branch))),
    )),
    _if_head: $ => seq('if', field('condition', $._head), optional(choice('then', $._nl))),
    while_expression: $ => prec(PREC.open_ended, seq(
      $._while_head, field('body', $._branch),
    )),
    _while_head: $ => seq('while', field('condition', $._head), optional($._nl)),
    for_expression: $ => prec(PREC.open_ended, seq($._for_head, field('body', $._branch))),
    _for_head: $ => seq(
      'for', field('variable', $.identifier), '=', field('from', $._expression),
      optional($._nl), 'to', field('to', $._head), optional($._nl),
    ),
    // What a branch or body may follow directly: it ends only where no operator,
    // call or index can continue it.
    _head: $ => $._expression,
    _branch: $ => choice($._expression, $.binding),

    match_expression: $ => seq($._match_head, field('arms', $.match_arms)),
    _match_head: $ => seq('match', field('subject', $._expression), optional($._nl)),
    match_arms: $ => seq('{', $._arms, '}'),
    catch_arms: $ => seq('{', optional($._arms), '}'),
    _arms: $ => seq(
      optional('|'), sep1($.arm, $._arm_separator), optional($._arm_separator),
    ),
    _arm_separator: $ => choice($._nl, seq($._arm_separator_run, optional($._nl))),
    _arm_separator_run: $ => seq(
      optional(choice($._arm_separator_run, $._nl, seq($._arm_separator_run, $._nl))),
      choice(';', ',', '|'),
    ),
    arm: $ => seq(
      $._arm_head, field('body', choice($._expression, $.binding, $.typed_binding)),
    ),
    // A newline ends the guard and the time of `after`; that `->` must not follow on the next line is said later.
    _arm_head: $ => seq(field('pattern', $._pattern), optional(seq($._guard, optional($._nl))), '->'),

    receive_expression: $ => seq('receive', field('arms', $.receive_arms)),
    receive_arms: $ => seq('{', optional($._arms), optional($._timeout), '}'),
    _timeout: $ => seq(field('timeout', $.after_clause), optional($._arm_separator)),
    after_clause: $ => seq($._after_head, field('body', $._expression)),
    _after_head: $ => seq('after', field('time', $._expression), optional($._nl), '->'),

    try_expression: $ => prec.right(PREC.open_ended, seq(
      'try', field('body', $._expression),
      optional(seq('catch', field('arms', $.catch_arms))),
      optional(seq('finally', field('finalizer', $._expression))),
    )),

    spawn_expression: $ => seq(
      field('keyword', choice('spawn', 'spawn_link', 'spawn_monitor')),
      field('body', choice($.parenthesized_expression, $.block)),
    ),
    quote_expression: $ => seq(
      'quote', field('body', choice($.parenthesized_expression, $.block)),
    ),

    return_expression: $ => prec.right(PREC.open_ended, seq(
      'return', optional(field('value', $._expression)),
    )),
    break_expression: $ => prec.right(PREC.open_ended, seq(
      'break', optional(field('value', $._expression)),
    )),
    continue_expression: _ => 'continue',

    // ---------------------------------------------------------------- literals

    _literal: $ => choice($._number, $._character, $.string, $.boolean),
    _number: $ => choice(
      $.integer, $.sized_integer, $.big_integer, $.float, $.float32, $.decimal,
      $.invalid_number,
    ),
    _character: $ => choice($.character, $.invalid_character),
    negative_literal: $ => prec(PREC.cover, seq('-', field('operand', $._number))),
    boolean: _ => choice('true', 'false'),

    string: $ => choice(
      seq(
        alias($._double_quote, '"'),
        repeat(choice(
          alias($._double_quoted_text, $.string_content), $.escape_sequence, $.interpolation,
        )),
        choice(alias($._double_quote_end, '"'), $.unterminated),
      ),
      seq(
        alias($._single_quote, '\''),
        repeat(choice(
          alias($._single_quoted_text, $.string_content), $.escape_sequence, $.interpolation,
        )),
        choice(alias($._single_quote_end, '\''), $.unterminated),
      ),
    ),
    interpolation: $ => seq(
      alias($._interpolation_start, '${'), field('expression', $._expression), '}',
    ),

    // ---------------------------------------------------------------- patterns

    _pattern: $ => choice($._basic_pattern, $.alternative_pattern),
    alternative_pattern: $ => seq(repeat1(seq($._basic_pattern, '|')), $._basic_pattern),

    _basic_pattern: $ => choice(
      $.wildcard,
      $.identifier,
      $._literal,
      $.negative_literal,
      $.range_pattern,
      $.pin_pattern,
      $.unit,
      $.parenthesized_pattern,
      $.tuple_pattern,
      $.list_pattern,
      $.record_pattern,
      $._upper,
      $.constructor_pattern,
      $.map_pattern,
      $.set_pattern,
    ),

    range_pattern: $ => seq(
      field('left', $._range_bound),
      field('operator', choice('..', '..=')),
      field('right', $._range_bound),
    ),
    _range_bound: $ => choice(
      $.integer, $.invalid_number, alias($.negative_integer, $.negative_literal),
    ),
    negative_integer: $ => seq('-', field('operand', choice($.integer, $.invalid_number))),

    pin_pattern: $ => seq('^', field('name', $.identifier)),
    parenthesized_pattern: $ => seq('(', $._pattern, ')'),
    tuple_pattern: $ => seq('(', repeat1(seq($._pattern, ',')), $._pattern, ')'),
    list_pattern: $ => seq(
      '[',
      optional(seq(commas1($._basic_pattern), optional(seq('|', field('tail', $._pattern))))),
      ']',
    ),
    record_pattern: $ => seq(
      optional(field('constructor', $._upper)), field('fields', $.field_patterns),
    ),
    field_patterns: $ => seq('{', commasTrailing(choice($.field_pattern, $.wildcard)), '}'),
    field_pattern: $ => seq(
      field('name', $.identifier), optional(seq(':', field('pattern', $._pattern))),
    ),
    constructor_pattern: $ => seq(
      field('constructor', $._upper),
      field('arguments', choice($.positional_patterns, $.named_patterns)),
    ),
    positional_patterns: $ => seq('(', commas1($._pattern), ')'),
    named_patterns: $ => seq('(', commas1Trailing(alias($.named_pattern, $.field_pattern)), ')'),
    named_pattern: $ => seq(field('name', $.identifier), ':', field('pattern', $._pattern)),
    map_pattern: $ => seq('%', '{', commasTrailing($.map_pattern_entry), '}'),
    map_pattern_entry: $ => seq(
      field('key', choice($.integer, $.invalid_number, $.string, $._character, $.boolean, $.pin_pattern)),
      ':', field('pattern', $._pattern),
    ),
    set_pattern: $ => seq('#{', commasTrailing($._pattern), '}'),

    // ------------------------------------------------------------------- types

    _type: $ => choice($.function_type, $._type_atom),
    function_type: $ => seq(
      field('parameters', $._type_atom), '->', field('result', $._type),
    ),
    _type_atom: $ => choice(
      $.unit_type,
      $.parenthesized_type,
      $.tuple_type,
      $._named_type,
      $.identifier,
      $.list_type,
      $.record_type,
    ),
    unit_type: _ => seq('(', ')'),
    parenthesized_type: $ => seq('(', $._type, ')'),
    tuple_type: $ => seq('(', repeat1(seq($._type, ',')), $._type, ')'),
    _named_type: $ => choice($._qualified_name, $.generic_type),
    _qualified_name: $ => choice($._type_name, $.qualified_type),
    qualified_type: $ => seq(
      field('qualifier', $._qualified_name), '.', field('name', $._type_name),
    ),
    generic_type: $ => prec(1, seq(
      field('name', $._qualified_name), field('arguments', $.type_arguments),
    )),
    type_arguments: $ => seq('[', commas1Trailing($._type), ']'),
    list_type: $ => seq('[', $._type, ']'),
    record_type: $ => seq('{', optional($._field_declarations), '}'),
    _field_declarations: $ => commas1Trailing($.field_declaration),
    field_declaration: $ => seq(
      optional(field('visibility', $.private)),
      field('name', $.identifier), ':', field('type', $._type),
    ),
    private: _ => 'private',
  },
});
