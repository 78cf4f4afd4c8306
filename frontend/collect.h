// From items to declarations: modules and the entries of their names.
//
// Collecting an item makes its declaration (a "shell": name, module, constructors' names, methods' names). What needs
// other declarations – fields, aliases, supertraits, overloads, implementations – waits in a NstPending until all items
// of the program (or of the library name that was reached) are collected.
#ifndef NST_COLLECT_H
#define NST_COLLECT_H

#include "frontend/resolve_internal.h"

// Declarations that nst_collect_complete() has still to finish, in textual order.
typedef struct NstPending {
    NST_LIST(NstTypeDecl *) types;
    NST_LIST(NstTrait *) traits;
    NST_LIST(NstEntry *) functions;
    NST_LIST(NstPart *) function_parts; // parallel: the part of the first clause
    NST_LIST(NstItem *) impls;
    NST_LIST(NstPart *) impl_parts;     // parallel
    NST_LIST(NstMvar *) mvars;
} NstPending;

void nst_collect_items(NstProgram *program, NstPart *part, NstItem **items, size_t count, NstPending *pending);
void nst_collect_complete(NstProgram *program, NstPending *pending);

// New declarations, entered in the program's tables.
NstTypeDecl *nst_type_decl_new(NstProgram *program, NstPart *part, NstName name);
NstType *nst_type_decl_add_param(NstProgram *program, NstTypeDecl *decl, NstName name);
NstFunction *nst_function_new(NstProgram *program, NstPart *part, NstName name);

// Fills a function from its clauses in source order: parameter names, defaults, dispatch order (functions.md 1.1).
void nst_function_set_clauses(NstProgram *program, NstFunction *fn, NstClause **clauses, size_t count);

// A parameterless function that evaluates an expression (module-level binding, test).
NstFunction *nst_function_of_expr(NstProgram *program, NstPart *part, NstName name, NstExpr *body,
                                  NstTypeExpr *annotation, NstSpan span);

// Makes NstModule's and NstProgram's arrays show what has been collected so far.
void nst_module_publish(NstModule *module);
void nst_modules_publish(NstProgram *program);

// Notes that an item in error would have declared the name.
void nst_mark_broken(NstProgram *program, NstName name);

// The same of a method of an implementation; `type`: that of its head, null if that is not known or no named one.
void nst_mark_broken_method(NstProgram *program, const NstTypeDecl *type, NstName name);

// ``` `x` is already defined …``` at the second definition.
void nst_report_duplicate(NstProgram *program, NstIdent second, const char *what);

// ---- The steps of nst_collect_complete --------------------------------------------------

// collect_types.c
void nst_collect_type_item(NstProgram *program, NstPart *part, NstItem *item, NstPending *pending);
void nst_complete_type(NstProgram *program, NstTypeDecl *decl);
void nst_ensure_type_params(NstProgram *program, NstTypeDecl *decl);  // before the number of parameters is used
NstType *nst_ensure_alias(NstProgram *program, NstTypeDecl *decl);    // the target, over the parameters

// collect_traits.c
void nst_collect_trait_item(NstProgram *program, NstPart *part, NstItem *item, NstPending *pending);
void nst_complete_trait(NstProgram *program, NstTrait *trait);

// The trait that a bound, `when` condition or impl head names. Reports unknown-trait or private-access and gives null; the
// identifier then becomes 0, so that nobody reports it again.
NstTrait *nst_resolve_trait_ident(NstProgram *program, const NstPart *part, NstIdent *ident);

// collect_functions.c
void nst_group_functions(NstProgram *program, NstEntry *entry, NstPart *part);
void nst_check_reserved_names(NstProgram *program, NstModule *module);

// collect_impls.c
void nst_collect_impl(NstProgram *program, NstPart *part, NstItem *item);
void nst_check_impls(NstProgram *program);

#endif
