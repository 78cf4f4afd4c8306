// The scoping forms Html(e) and RHtml(e) (stdlib-system.md 18): inside e, calls of the tag names mean the functions of the
// library module, whatever else is in scope. The form itself becomes a call of the module's function `scoped` with the lambda
// `() => e`.
#include "frontend/resolve_body.h"

static const char *const tag_names[] = {
    "text",  "raw",    "el",      "empty", "render", "Element", "Text", "Raw",    "Empty",  "div",    "span",  "p",
    "h1",    "h2",     "h3",      "h4",    "h5",     "h6",      "ul",   "ol",     "li",     "table",  "thead", "tbody",
    "tr",    "th",     "td",      "form",  "nav",    "header",  "footer", "section", "article", "aside", "headEl", "body",
    "button", "label", "title",   "strong", "em",    "code",    "pre",  "small",  "br",     "hr",     "img",   "input",
    "meta",  "linkTag", "a",      "component",
};

static bool is_tag(NstName name) {
    const char *text = nst_name_text(name);
    for (size_t i = 0; i < sizeof tag_names / sizeof *tag_names; i++)
        if (strcmp(tag_names[i], text) == 0) return true;
    return false;
}

NstEntry *nst_markup_entry(NstWalk *walk, NstName name) {
    if (!walk->markup || !is_tag(name)) return NULL;
    NstEntry *entry = nst_module_entry(walk->program, walk->markup, name);
    return entry && (entry->functions.count || entry->ctors.count) ? entry : NULL;
}

// The library module whose scoping form the call is, or null.
static NstModule *form_module(NstWalk *walk, const NstExpr *call, NstName name) {
    const char *text = nst_name_text(name);
    const char *home = strcmp(text, "Html") == 0 ? "stdlib.html" : strcmp(text, "RHtml") == 0 ? "stdlib.rhtml" : NULL;
    if (!home || call->call.arg_count != 1 || call->call.args[0].name.name) return NULL;
    if (nst_lookup_ctors(walk->program, walk->part, name).count) return NULL;
    NstFound type = nst_lookup(walk->program, walk->part, name, NST_SPACE_TYPE);
    if (type.state != NST_FOUND || !type.module->library) return NULL;
    return strcmp(type.module->path_text.data, home) == 0 ? type.module : NULL;
}

bool nst_resolve_markup(NstWalk *walk, NstExpr *call) {
    NstExpr *callee = call->call.callee;
    NstModule *module = form_module(walk, call, callee->name.ident.name);
    NstEntry *scoped = module ? nst_module_entry(walk->program, module, nst_name_z("scoped")) : NULL;
    if (!scoped || !scoped->functions.count) return false;

    NstExpr *lambda = NST_NEW(walk->program->arena, NstExpr);
    lambda->kind = NST_EXPR_LAMBDA;
    lambda->span = call->call.args[0].value->span;
    lambda->lambda = NST_NEW(walk->program->arena, NstLambda);
    lambda->lambda->body_expr = call->call.args[0].value;
    call->call.args[0].value = lambda;
    callee->target = NST_TARGET_OVERLOADS;
    callee->to.overloads.fns = scoped->functions.items;
    callee->to.overloads.count = scoped->functions.count;

    NstModule *outer = walk->markup;
    walk->markup = module;
    nst_resolve_expr(walk, lambda);
    walk->markup = outer;
    return true;
}
