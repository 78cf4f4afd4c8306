// What the resolver's files share.
//
// The resolver works in phases over the whole user program, so that order never matters:
//   1 collect    modules, and an entry for every declared name (collect.c)
//   2 use        each part's imports, by reference (module, name): resolved when looked up (resolve_use.c)
//   3 types      fields, aliases, supertraits (collect_types.c, collect_traits.c)
//   4 functions  clauses grouped into overloads (collect_functions.c)
//   5 checks     use items, implementations (resolve_use.c, collect_impls.c)
//   6 bodies     (resolve_body.c …)
// A library item goes through 1, 3 and 4 alone when a look-up first reaches its name (scope_library.c).
#ifndef NST_RESOLVE_INTERNAL_H
#define NST_RESOLVE_INTERNAL_H

#include "frontend/program_internal.h"
#include "frontend/resolve.h"

// A list in the program's arena.
#define NST_LIST(T)                                                                                                    \
    struct {                                                                                                           \
        T *items;                                                                                                      \
        size_t count, capacity;                                                                                        \
    }

// Everything that one module declares under one name.
typedef struct NstEntry {
    NstName name;
    NST_LIST(NstItem *) clauses;       // function items; grouped into `functions` in phase 4
    NST_LIST(NstFunction *) functions;
    NstConst *constant;
    NstMvar *mvar;
    NstTypeDecl *type;
    NstTrait *trait;                   // the predefined one if the declaration stands for it
    NST_LIST(NstFunction *) methods;   // methods of traits declared here
    NST_LIST(NstCtor *) ctors;         // in order of declaration
    NstModule *module;                 // inline module
    NstItem *template_;
    bool grouped;                      // `functions` is made
    bool loaded;                       // library: nothing more to load
} NstEntry;

typedef struct NstEntryTable {
    NstEntry **slots;  // open addressing by name
    size_t capacity;
    size_t count;
} NstEntryTable;

// A name that a part imports: items called `name` in the modules of `sources`.
typedef struct NstImportSource {
    NstModule *module;         // null: the use item was in error, the name has no meaning
    NstName name;
    const NstTypeDecl *type;   // a constructor that came with its type: of this type only
    const NstTrait *trait;     // a method that came with its trait: of this trait only
} NstImportSource;

typedef struct NstImport {
    NstName name;
    NST_LIST(NstImportSource) sources;
} NstImport;

// One `module X … end` block, or a file: what is imported holds in one part and the blocks inside it.
typedef struct NstPart {
    struct NstPart *parent;
    NstModule *module;
    NST_LIST(NstImport *) imports;       // searched by name
    NST_LIST(NstModule *) stars;         // use M.*
    NST_LIST(NstModule *) used;          // modules that may be named by their full path
    NST_LIST(NstItem *) uses;            // use items in textual order
    NST_LIST(NstItem *) impls;
    bool failed_star;                    // a use M.* of a missing module: unknown plain names stay silent
} NstPart;

// NstModule.scope
typedef struct NstScope {
    NstEntryTable entries;
    NST_LIST(NstEntry *) ordered;        // entries in order of first declaration
    NST_LIST(NstPart *) parts;           // in textual order
    NST_LIST(NstFunction *) functions;   // become NstModule.functions …
    NST_LIST(NstTypeDecl *) types;
    NST_LIST(NstTrait *) traits;
    NST_LIST(NstImpl *) impls;
    NST_LIST(NstMvar *) mvars;
    NST_LIST(NstConst *) consts;
    NST_LIST(NstTest *) tests;
    NST_LIST(uint32_t) loaded;           // library: start offsets of the items already collected
    const char *space;                   // library: name of the inline module or ""
    const char *file_module;             // library: path of the file's module; null for user modules
} NstScope;

typedef enum NstAliasState { NST_ALIAS_OPEN, NST_ALIAS_ACTIVE, NST_ALIAS_DONE } NstAliasState;

// The resolver's notes about a type declaration, by its id.
typedef struct NstDeclNote {
    NstPart *part;
    NstAliasState alias;
    bool has_params;     // implicit parameters are known
    bool completed;      // fields resolved
    NstType *plain;      // the type without arguments, shared
} NstDeclNote;

// … about a function, by its id.
typedef struct NstFunctionNote {
    NstPart *part;
    bool resolved;       // bodies
} NstFunctionNote;

// A name that an item in error would have declared; a method, for one type only if it is known.
typedef struct NstBroken {
    NstName name;
    const NstTypeDecl *type;
} NstBroken;

struct NstResolver {
    NST_LIST(NstDeclNote *) decls;
    NST_LIST(NstFunctionNote *) notes;
    NST_LIST(NstModule *) modules;       // becomes program->modules
    NST_LIST(NstTypeDecl *) types;
    NST_LIST(NstFunction *) functions;
    NST_LIST(NstTrait *) traits;
    NST_LIST(NstImpl *) impls;
    NST_LIST(NstMvar *) mvars;
    NST_LIST(NstPart *) mvar_parts;      // parallel: where the declaration stands
    NstModule *builtins;                 // declares the predefined types
    uint32_t *library_sources;           // by library file: source id, 0 if not added yet
    NST_LIST(NstName) impls_loaded;      // library implementations of these traits are in
    NST_LIST(NstTypeDecl *) alias_stack; // declarations whose alias is being expanded
    NST_LIST(NstBroken) broken;          // nst_name_is_broken
    struct NstMemo *memo;                // resolve_memo.h
    size_t memo_capacity, memo_count;
    NstName name_update, name_unit, name_never, name_stdlib;
    bool collected;                      // the user's declarations are complete: look-ups may be remembered
};

// Notes of a declaration; the arrays grow with the ids.
static inline NstDeclNote *nst_decl_note(const NstProgram *program, const NstTypeDecl *decl) {
    return program->resolver->decls.items[decl->id];
}

static inline NstFunctionNote *nst_function_note(const NstProgram *program, const NstFunction *fn) {
    return program->resolver->notes.items[fn->id];
}

static inline NstScope *nst_module_scope(const NstModule *module) {
    return module->scope;
}

#define NST_APPEND(program, list, value)                                                                               \
    NST_PUSH((program)->arena, (list).items, (list).count, (list).capacity, value)

// Text of a program-lifetime string.
#define NST_TEXT_ARG(text) (int)(text).size, (text).data

// "cart" is lower case, "Cart" upper.
static inline bool nst_name_is_upper(NstName name) {
    char first = nst_name_text(name)[0];
    return first >= 'A' && first <= 'Z';
}

#endif
