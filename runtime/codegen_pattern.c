// Pattern matching: tests that jump to `fail`, parts in registers, bindings.
//
// Assignments to vars (patterns.md 3.2) take place only after the whole pattern has matched, so they are collected.
// Bindings may take over the register that holds the part; the caller keeps the matched register for itself.
#include <stdlib.h>
#include <string.h>

#include "runtime/codegen_internal.h"
#include "runtime/heap.h"

typedef struct Pending {
    NstLocal *local;
    uint32_t reg;
} Pending;

typedef struct Matcher {
    NstCg *cg;
    Pending *pending;
    size_t pending_count, pending_size;
    int alternatives; // depth of or-patterns: several ways lead to the same bindings
} Matcher;

static void match(Matcher *m, const NstPattern *pattern, uint32_t reg, NstCgLabel *fail);

bool cg_irrefutable(const NstPattern *pattern) {
    return pattern->kind == NST_PAT_WILDCARD || (pattern->kind == NST_PAT_NAME && pattern->role != NST_ROLE_EQUALS);
}

// ---- Names -------------------------------------------------------------------------------

static void assign_later(Matcher *m, NstLocal *local, uint32_t reg) {
    NstCg *cg = m->cg;
    if (m->alternatives > 0) { // every alternative puts its part into one register
        for (size_t i = 0; i < m->pending_count; i++) {
            if (m->pending[i].local == local) {
                cg_move(cg, m->pending[i].reg, reg);
                return;
            }
        }
        uint32_t shared = cg_temp(cg);
        cg_move(cg, shared, reg);
        reg = shared;
    }
    if (m->pending_count == m->pending_size) {
        m->pending_size = m->pending_size ? m->pending_size * 2 : 8;
        Pending *bigger = nst_code_alloc(m->pending_size * sizeof *bigger);
        if (m->pending_count > 0) memcpy(bigger, m->pending, m->pending_count * sizeof *bigger);
        free(m->pending);
        m->pending = bigger;
    }
    m->pending[m->pending_count++] = (Pending){ local, reg };
}

// Jumps to `fail` unless the registers are equal by the language's ==.
static void must_equal(NstCg *cg, uint32_t a, uint32_t b, NstCgLabel *fail) {
    if (!nst_program_has_own(cg->program, "Eq")) {
        cg_jump(cg, NST_OP_CODE_J_NE, a, b, fail);
        return;
    }
    uint32_t equal = cg_temp(cg);
    cg_emit(cg, NST_OP_CODE_EQ, equal, a, b);
    cg_result(cg, NST_OP_CODE_RESULT, equal, 0);
    cg_jump(cg, NST_OP_CODE_J_FALSE, equal, 0, fail);
}

static void name(Matcher *m, const NstPattern *pattern, uint32_t reg, NstCgLabel *fail) {
    NstCg *cg = m->cg;
    switch (pattern->role) {
    case NST_ROLE_EQUALS: must_equal(cg, reg, cg_local(cg, pattern->local), fail); break;
    case NST_ROLE_ASSIGN: assign_later(m, pattern->local, reg); break;
    default: cg_bind_local(cg, pattern->local, reg, true); break;
    }
}

static void pin(Matcher *m, const NstPattern *pattern, uint32_t reg, NstCgLabel *fail) {
    NstCg *cg = m->cg;
    uint32_t value = pattern->pin ? cg_operand(cg, pattern->pin) : cg_local(cg, pattern->local);
    must_equal(cg, reg, value, fail);
}

// ---- Literals ----------------------------------------------------------------------------

static void literal(NstCg *cg, const NstLiteral *value, uint32_t reg, NstCgLabel *fail) {
    if (value->kind == NST_LIT_INT && value->integer >= -INT16_MAX && value->integer <= INT16_MAX) {
        cg_jump(cg, NST_OP_CODE_J_NE_I, reg, (uint16_t)(int16_t)value->integer, fail);
    } else {
        cg_jump(cg, NST_OP_CODE_T_CONST, reg, cg_constant(cg, cg_literal_value(value)), fail);
    }
}

static void range(NstCg *cg, const NstPattern *pattern, uint32_t reg, NstCgLabel *fail) {
    int64_t low = pattern->literal.integer, high = pattern->high.integer;
    if (!pattern->inclusive) {
        if (high == INT64_MIN) {
            cg_jump(cg, NST_OP_CODE_JUMP, 0, 0, fail);
            return;
        }
        high--;
    }
    cg_jump(cg, NST_OP_CODE_T_RANGE, reg, cg_constant_pair(cg, nst_int(low), nst_int(high)), fail);
}

// ---- Lists and strings -------------------------------------------------------------------

static bool unused(const NstPattern *pattern) {
    return pattern->kind == NST_PAT_WILDCARD;
}

static uint32_t prefix_constant(NstCg *cg, const NstPattern *pattern) {
    size_t size = 0;
    for (size_t i = 0; i < pattern->item_count; i++) size += pattern->items[i]->literal.text.size;
    char *text = nst_code_alloc(size);
    size = 0;
    for (size_t i = 0; i < pattern->item_count; i++) {
        NstText part = pattern->items[i]->literal.text;
        memcpy(text + size, part.data, part.size);
        size += part.size;
    }
    uint32_t k = cg_string_constant(cg, text, size);
    free(text);
    return k;
}

static void string_prefix(NstCg *cg, const NstPattern *pattern, uint32_t reg, uint32_t rest, NstCgLabel *fail) {
    uint32_t k = prefix_constant(cg, pattern);
    cg_jump(cg, NST_OP_CODE_T_PREFIX, reg, k, fail);
    if (!unused(pattern->rest)) cg_emit(cg, NST_OP_CODE_STRING_DROP_U, rest, reg, k);
}

static void list(Matcher *m, const NstPattern *pattern, uint32_t reg, uint32_t rest, NstCgLabel *fail) {
    NstCg *cg = m->cg;
    uint32_t count = (uint32_t)pattern->item_count;
    cg_jump(cg, pattern->rest ? NST_OP_CODE_T_LIST_MIN : NST_OP_CODE_T_LIST, reg, count, fail);
    for (uint32_t i = 0; i < count; i++) {
        if (unused(pattern->items[i])) continue;
        uint32_t part = cg_temp(cg);
        if (i == 0) {
            cg_emit(cg, NST_OP_CODE_LIST_HEAD_U, part, reg, 0);
        } else {
            cg_emit(cg, NST_OP_CODE_LIST_AT_U, part, reg, i);
        }
        match(m, pattern->items[i], part, fail);
    }
    if (pattern->rest && !unused(pattern->rest)) {
        if (count == 1) {
            cg_emit(cg, NST_OP_CODE_LIST_TAIL_U, rest, reg, 0);
        } else {
            cg_emit(cg, NST_OP_CODE_LIST_DROP_U, rest, reg, count);
        }
    }
}

static void list_or_string(Matcher *m, const NstPattern *pattern, uint32_t reg, NstCgLabel *fail) {
    NstCg *cg = m->cg;
    uint32_t rest = pattern->rest && !unused(pattern->rest) ? cg_temp(cg) : 0;
    if (pattern->string_prefix) {
        string_prefix(cg, pattern, reg, rest, fail);
    } else if (pattern->maybe_prefix) {
        NstCgLabel text = CG_LABEL, done = CG_LABEL;
        cg_jump(cg, NST_OP_CODE_T_LIST_ANY, reg, 0, &text);
        list(m, pattern, reg, rest, fail);
        cg_jump(cg, NST_OP_CODE_JUMP, 0, 0, &done);
        cg_bind(cg, &text);
        string_prefix(cg, pattern, reg, rest, fail);
        cg_bind(cg, &done);
    } else {
        list(m, pattern, reg, rest, fail);
    }
    if (pattern->rest && !unused(pattern->rest)) match(m, pattern->rest, rest, fail);
}

// ---- Tuples, constructors, records -------------------------------------------------------

static void tuple(Matcher *m, const NstPattern *pattern, uint32_t reg, NstCgLabel *fail) {
    NstCg *cg = m->cg;
    cg_jump(cg, NST_OP_CODE_T_TUPLE, reg, (uint32_t)pattern->item_count, fail);
    for (uint32_t i = 0; i < pattern->item_count; i++) {
        if (unused(pattern->items[i])) continue;
        uint32_t part = cg_temp(cg);
        cg_emit(cg, NST_OP_CODE_TUPLE_GET_U, part, reg, i);
        match(m, pattern->items[i], part, fail);
    }
}

static void constructor_part(Matcher *m, const NstPattern *part, const NstCtor *ctor, uint32_t field, uint32_t reg,
                             NstCgLabel *fail) {
    NstCg *cg = m->cg;
    const NstLayout *layout = nst_layout_of((NstCtor *)(uintptr_t)ctor);
    if (unused(part)) return;
    uint32_t value = cg_temp(cg);
    if (layout->reactive && layout->is_record) { // counts as a read of the field
        cg_emit(cg, NST_OP_CODE_FIELD_DYN, value, reg, cg_field(cg, NULL, 0, ctor->field_names[field]));
        cg_result(cg, NST_OP_CODE_RESULT, value, 0);
    } else {
        cg_emit(cg, NST_OP_CODE_DATA_GET_U, value, reg, field);
    }
    match(m, part, value, fail);
}

static int field_index(const NstFieldPattern *field, const NstCtor *ctor) {
    if (field->field >= 0) return field->field;
    for (size_t i = 0; i < ctor->field_count; i++) {
        if (ctor->field_names[i] == field->name.name) return (int)i;
    }
    return -1;
}

static void constructor(Matcher *m, const NstPattern *pattern, uint32_t reg, NstCgLabel *fail) {
    NstCg *cg = m->cg;
    NstCtor *ctor = pattern->ctor;
    if (!ctor) {
        cg_fail(cg, "a constructor pattern without constructor reached code generation");
        return;
    }
    if (nst_makes_cell(ctor)) { // patterns look through to the content
        uint32_t content = cg_temp(cg);
        cg_emit(cg, NST_OP_CODE_CONTENT, content, reg, 0);
        cg_result(cg, NST_OP_CODE_RESULT, content, 0);
        reg = content;
    }
    cg_jump(cg, NST_OP_CODE_T_CTOR, reg, cg_constant(cg, nst_ctor(nst_layout_of(ctor))), fail);
    if (pattern->named) {
        for (size_t i = 0; i < pattern->field_count; i++) {
            int index = field_index(&pattern->fields[i], ctor);
            if (index >= 0) constructor_part(m, pattern->fields[i].pattern, ctor, (uint32_t)index, reg, fail);
        }
        return;
    }
    for (uint32_t i = 0; i < pattern->item_count && i < ctor->field_count; i++) {
        constructor_part(m, pattern->items[i], ctor, i, reg, fail);
    }
}

static void record(Matcher *m, const NstPattern *pattern, uint32_t reg, NstCgLabel *fail) {
    NstCg *cg = m->cg;
    const NstLayout *layout = cg_record_layout(cg, pattern->type);
    cg_jump(cg, NST_OP_CODE_T_RECORD, reg, 0, fail);
    for (size_t i = 0; i < pattern->field_count; i++) {
        const NstFieldPattern *field = &pattern->fields[i];
        bool known = layout && field->field >= 0;
        uint32_t value = cg_temp(cg);
        uint32_t k = cg_field(cg, known ? layout : NULL, known ? (uint32_t)field->field : 0, field->name.name);
        if (known && layout->reactive) {
            cg_emit(cg, NST_OP_CODE_FIELD_DYN, value, reg, k);
            cg_result(cg, NST_OP_CODE_RESULT, value, 0);
        } else {
            cg_emit(cg, NST_OP_CODE_FIELD_TRY, value, reg, k);
            cg_jump(cg, NST_OP_CODE_J_MISSING, value, 0, fail);
        }
        match(m, field->pattern, value, fail);
    }
}

// ---- Maps and sets -----------------------------------------------------------------------

static uint32_t key_register(NstCg *cg, const NstPattern *key) {
    if (key->kind == NST_PAT_LITERAL) {
        uint32_t reg = cg_temp(cg);
        cg_literal(cg, &key->literal, reg);
        return reg;
    }
    return key->pin ? cg_operand(cg, key->pin) : cg_local(cg, key->local);
}

static void map(Matcher *m, const NstPattern *pattern, uint32_t reg, NstCgLabel *fail) {
    NstCg *cg = m->cg;
    cg_jump(cg, NST_OP_CODE_T_MAP, reg, 0, fail);
    for (size_t i = 0; i < pattern->item_count; i++) {
        uint32_t value = cg_temp(cg);
        uint32_t mark = cg->next;
        cg_emit(cg, NST_OP_CODE_MAP_FIND, value, reg, key_register(cg, pattern->keys[i]));
        cg_result(cg, NST_OP_CODE_RESULT_MISSING, value, 0);
        cg_jump(cg, NST_OP_CODE_J_MISSING, value, 0, fail);
        cg->next = mark;
        match(m, pattern->items[i], value, fail);
    }
}

static void set(Matcher *m, const NstPattern *pattern, uint32_t reg, NstCgLabel *fail) {
    NstCg *cg = m->cg;
    cg_jump(cg, NST_OP_CODE_T_SET, reg, 0, fail);
    for (size_t i = 0; i < pattern->item_count; i++) {
        uint32_t mark = cg->next;
        uint32_t found = cg_temp(cg);
        cg_emit(cg, NST_OP_CODE_SET_HAS, found, reg, key_register(cg, pattern->items[i]));
        cg_result(cg, NST_OP_CODE_RESULT, found, 0);
        cg_jump(cg, NST_OP_CODE_J_FALSE, found, 0, fail);
        cg->next = mark;
    }
}

// ---- Alternatives ------------------------------------------------------------------------

// Chooses one register for each name that the alternatives bind, and takes the choice back afterwards.
typedef void (*NameVisitor)(NstCg *cg, const NstLocal *local);

static void visit_names(NstCg *cg, const NstPattern *pattern, NameVisitor visit) {
    if (!pattern) return;
    if (pattern->kind == NST_PAT_NAME && pattern->role == NST_ROLE_BIND && pattern->local) {
        visit(cg, pattern->local);
    }
    for (size_t i = 0; i < pattern->item_count; i++) visit_names(cg, pattern->items[i], visit);
    for (size_t i = 0; i < pattern->field_count; i++) visit_names(cg, pattern->fields[i].pattern, visit);
    visit_names(cg, pattern->rest, visit);
}

static void prepare_name(NstCg *cg, const NstLocal *local) {
    int32_t *place = &cg->places[local->index];
    if (*place >= 0 && (*place & CG_PREPARED)) return;
    for (size_t i = 0; i < cg->body->local_count; i++) { // the same name in another alternative
        const NstLocal *other = cg->body->locals[i];
        bool chosen = cg->places[i] >= 0 && (cg->places[i] & CG_PREPARED) && !other->captured_early;
        if (chosen && other->name == local->name) {
            *place = cg->places[i];
            return;
        }
    }
    *place = (int32_t)(cg_temp(cg) | CG_PREPARED);
}

static void settle_name(NstCg *cg, const NstLocal *local) {
    int32_t *place = &cg->places[local->index];
    if (*place >= 0) *place &= ~CG_PREPARED;
}

static void alternatives(Matcher *m, const NstPattern *pattern, uint32_t reg, NstCgLabel *fail) {
    NstCg *cg = m->cg;
    if (m->alternatives == 0) visit_names(cg, pattern, prepare_name);
    m->alternatives++;
    NstCgLabel matched = CG_LABEL;
    for (size_t i = 0; i < pattern->item_count; i++) {
        bool last = i + 1 == pattern->item_count;
        NstCgLabel next = CG_LABEL;
        match(m, pattern->items[i], reg, last ? fail : &next);
        if (!last) {
            cg_jump(cg, NST_OP_CODE_JUMP, 0, 0, &matched);
            cg_bind(cg, &next);
        }
    }
    cg_bind(cg, &matched);
    m->alternatives--;
    if (m->alternatives == 0) visit_names(cg, pattern, settle_name);
}

// ---- All patterns ------------------------------------------------------------------------

static void match(Matcher *m, const NstPattern *pattern, uint32_t reg, NstCgLabel *fail) {
    NstCg *cg = m->cg;
    switch (pattern->kind) {
    case NST_PAT_WILDCARD: break;
    case NST_PAT_NAME: name(m, pattern, reg, fail); break;
    case NST_PAT_PIN: pin(m, pattern, reg, fail); break;
    case NST_PAT_LITERAL: literal(cg, &pattern->literal, reg, fail); break;
    case NST_PAT_RANGE: range(cg, pattern, reg, fail); break;
    case NST_PAT_TUPLE: tuple(m, pattern, reg, fail); break;
    case NST_PAT_LIST: list_or_string(m, pattern, reg, fail); break;
    case NST_PAT_CTOR: constructor(m, pattern, reg, fail); break;
    case NST_PAT_RECORD: record(m, pattern, reg, fail); break;
    case NST_PAT_MAP: map(m, pattern, reg, fail); break;
    case NST_PAT_SET: set(m, pattern, reg, fail); break;
    case NST_PAT_OR: alternatives(m, pattern, reg, fail); break;
    case NST_PAT_ERROR: cg_fail(cg, "an erroneous pattern reached code generation"); break;
    }
}

void cg_pattern(NstCg *cg, const NstPattern *pattern, uint32_t reg, NstCgLabel *fail) {
    Matcher m = { .cg = cg };
    match(&m, pattern, reg, fail);
    for (size_t i = 0; i < m.pending_count; i++) cg_assign_local(cg, m.pending[i].local, m.pending[i].reg);
    free(m.pending);
}

// ---- Arms --------------------------------------------------------------------------------

// Matches with many constructor arms begin with a jump by constructor. Each arm still makes its own test, so a value that
// goes to an arm too early is no error.
enum { MIN_SWITCH_ARMS = 4, MAX_SWITCH_CTORS = 4096 };

static const NstTypeDecl *switched_type(const NstArm *arms, size_t count) {
    const NstTypeDecl *type = NULL;
    size_t constructors = 0;
    for (size_t i = 0; i < count; i++) {
        const NstPattern *pattern = arms[i].pattern;
        if (pattern->kind != NST_PAT_CTOR || !pattern->ctor || nst_makes_cell(pattern->ctor)) continue;
        if (type && pattern->ctor->type != type) return NULL;
        type = pattern->ctor->type;
        constructors++;
    }
    return constructors >= MIN_SWITCH_ARMS && type->ctor_count <= MAX_SWITCH_CTORS ? type : NULL;
}

typedef struct Switch {
    uint32_t pc;             // of the SWITCH_CTOR instruction
    const NstTypeDecl *type; // null: no switch
    int32_t *offsets;        // by constructor index; the last one is for values of other types. 0: not known yet
} Switch;

static Switch begin_switch(NstCg *cg, const NstArm *arms, size_t count, uint32_t reg) {
    Switch s = { .type = switched_type(arms, count) };
    if (!s.type) return s;
    NstJumpTable table = { .count = (uint32_t)s.type->ctor_count + 1, .type_id = s.type->id };
    table.offsets = nst_code_alloc(table.count * sizeof *table.offsets);
    s.offsets = table.offsets;
    s.pc = cg_emit_d(cg, NST_OP_CODE_SWITCH_CTOR, reg, (int32_t)cg_add_table(cg, table));
    return s;
}

// The next arm begins here: it is the first one for the constructors that it may match. A null pattern: behind all arms.
static void switch_arm(NstCg *cg, const Switch *s, const NstPattern *pattern) {
    if (!s->type) return;
    int32_t here = (int32_t)(cg->insn_count - s->pc);
    bool one = pattern && pattern->kind == NST_PAT_CTOR;
    for (uint32_t i = 0; i <= s->type->ctor_count; i++) {
        if (s->offsets[i] == 0 && (!one || pattern->ctor->index == i)) s->offsets[i] = here;
    }
}

// A pattern of an Option that was not made: `found` is the content of Some, or missing.
static void found_pattern(NstCg *cg, const NstPattern *pattern, uint32_t found, NstCgLabel *fail) {
    if (pattern->kind == NST_PAT_WILDCARD) return;
    if (pattern->ctor->field_count == 0) {
        NstCgLabel none = CG_LABEL;
        cg_jump(cg, NST_OP_CODE_J_MISSING, found, 0, &none);
        cg_jump(cg, NST_OP_CODE_JUMP, 0, 0, fail);
        cg_bind(cg, &none);
        return;
    }
    cg_jump(cg, NST_OP_CODE_J_MISSING, found, 0, fail);
    uint32_t content = cg_temp(cg);
    cg_move(cg, content, found);
    cg_pattern(cg, pattern->items[0], content, fail);
}

// Whether the arms only ask what an Option is and what it holds.
static bool takes_apart(const NstArm *arms, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const NstPattern *pattern = arms[i].pattern;
        if (pattern->kind == NST_PAT_WILDCARD) continue;
        bool plain = pattern->kind == NST_PAT_CTOR && pattern->ctor && !pattern->named &&
                     pattern->item_count == pattern->ctor->field_count;
        if (!plain) return false;
    }
    return true;
}

typedef void (*PatternCode)(NstCg *cg, const NstPattern *pattern, uint32_t reg, NstCgLabel *fail);

// False if values may come out behind the last arm.
static bool arms_by(NstCg *cg, PatternCode code, const NstArm *arms, size_t count, uint32_t reg, NstDest dest,
                    NstCgLabel *end, bool take) {
    Switch by_ctor = code == cg_pattern ? begin_switch(cg, arms, count, reg) : (Switch){ 0 };
    for (size_t i = 0; i < count; i++) {
        const NstArm *arm = &arms[i];
        bool takes_all = cg_irrefutable(arm->pattern) && !arm->guard;
        NstCgLabel fail = CG_LABEL;
        uint32_t mark = cg->next, scope = cg_scope_begin(cg);
        switch_arm(cg, &by_ctor, arm->pattern);
        cg_at(cg, arm->pattern->span, false);
        code(cg, arm->pattern, reg, &fail);
        if (arm->guard) {
            cg_at(cg, arm->guard->span, false);
            cg_branch(cg, arm->guard, false, &fail);
        }
        if (take) cg_emit(cg, NST_OP_CODE_TAKE, 0, 0, 0);
        cg_at(cg, arm->body->span, true);
        cg_value(cg, arm->body, dest);
        if (!(dest & CG_RETURN)) cg_jump(cg, NST_OP_CODE_JUMP, 0, 0, end);
        cg_bind(cg, &fail);
        cg_scope_end(cg, scope);
        cg->next = mark;
        if (takes_all) return true;
    }
    switch_arm(cg, &by_ctor, NULL);
    return false;
}

bool cg_arms(NstCg *cg, const NstArm *arms, size_t count, uint32_t reg, NstDest dest, NstCgLabel *end, bool take) {
    return arms_by(cg, cg_pattern, arms, count, reg, dest, end, take);
}

// Whether some pattern takes the matched value itself for a name.
static bool binds_whole(const NstPattern *pattern) {
    if (pattern->kind == NST_PAT_NAME) return pattern->role == NST_ROLE_BIND;
    for (size_t i = 0; pattern->kind == NST_PAT_OR && i < pattern->item_count; i++) {
        if (binds_whole(pattern->items[i])) return true;
    }
    return false;
}

// Whether some arm looks into a reactive variant: then its content is read once for all arms.
static bool reads_cell(const NstPattern *pattern) {
    if (pattern->kind == NST_PAT_CTOR) return pattern->ctor && nst_makes_cell(pattern->ctor);
    for (size_t i = 0; pattern->kind == NST_PAT_OR && i < pattern->item_count; i++) {
        if (reads_cell(pattern->items[i])) return true;
    }
    return false;
}

static void finish_match(NstCg *cg, const NstExpr *expr, bool complete, NstCgLabel *end) {
    if (!complete) {
        cg_at(cg, expr->span, false);
        cg_emit(cg, NST_OP_CODE_NO_MATCH, 0, 0, 0);
    }
    cg_bind(cg, end);
}

void cg_match(NstCg *cg, const NstExpr *expr, NstDest dest) {
    const NstArm *arms = expr->match.arms;
    size_t arm_count = expr->match.arm_count;
    uint32_t mark = cg->next, found;
    NstCgLabel end = CG_LABEL;
    if (takes_apart(arms, arm_count) && cg_find(cg, expr->match.scrutinee, &found)) {
        finish_match(cg, expr, arms_by(cg, found_pattern, arms, arm_count, found, dest, &end, false), &end);
        cg->next = mark;
        return;
    }
    bool copy = false; // the name must not see later element assignments to the scrutinee's variable
    for (size_t i = 0; i < arm_count && !copy; i++) copy = binds_whole(arms[i].pattern);
    uint32_t reg = copy ? cg_into_temp(cg, expr->match.scrutinee) : cg_operand(cg, expr->match.scrutinee);
    bool cell = false;
    for (size_t i = 0; i < arm_count && !cell; i++) cell = reads_cell(arms[i].pattern);
    if (cell) {
        uint32_t content = cg_temp(cg);
        cg_emit(cg, NST_OP_CODE_CONTENT, content, reg, 0);
        cg_result(cg, NST_OP_CODE_RESULT, content, 0);
        reg = content;
    }
    finish_match(cg, expr, cg_arms(cg, arms, arm_count, reg, dest, &end, false), &end);
    cg->next = mark;
}
