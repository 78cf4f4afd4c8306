#include "frontend/project.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "frontend/parse.h"
#include "frontend/toml.h"

// One more than the limit of syntax.md 1.1, so that the guard sees that a file is too large without reading it all.
enum { MAX_READ = 16 * 1024 * 1024 + 1, MAX_PACKAGES = 1000 };

typedef struct Package {
    const char *name;      // "" for the project itself
    const char *dir;       // as diagnostics show it
    char *real;            // resolved path
} Package;

// The [[bin]] entry that runs, for what is checked after resolution.
typedef struct Bin {
    const char *name;
    const char *file; // the project file
} Bin;

typedef struct Loader {
    NstProgram *program;
    const char *bin;
    Package *packages;
    size_t package_count, package_capacity;
    size_t file_capacity;
    bool failed;
    const char *bin_name;  // the chosen [[bin]]
    const char *bin_file;  // the project file that has it
} Loader;

// ---- Reading ----------------------------------------------------------------------------

// Reads a file (at most MAX_READ bytes) into malloc'ed memory. Returns 0 or a negative errno.
static int read_file(const char *path, char **out, size_t *out_size) {
    int fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return -errno;
    struct stat info;
    size_t capacity = fstat(fd, &info) == 0 && S_ISREG(info.st_mode) ? (size_t)info.st_size + 1 : 65536;
    if (capacity > MAX_READ) capacity = MAX_READ;
    char *data = nst_malloc(capacity);
    size_t size = 0;
    int error = 0;
    while (size < MAX_READ) {
        if (size == capacity) {
            capacity = capacity * 2 > MAX_READ ? MAX_READ : capacity * 2;
            data = nst_realloc(data, capacity);
        }
        ssize_t got = read(fd, data + size, capacity - size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) error = -errno;
        if (got <= 0) break;
        size += (size_t)got;
    }
    if (fd != STDIN_FILENO) close(fd);
    if (error) {
        free(data);
        return error;
    }
    *out = data;
    *out_size = size;
    return 0;
}

static const NstOverlay *find_overlay(const NstProgram *program, const char *path) {
    for (size_t i = 0; program->overlays && i < program->overlays->count; i++)
        if (strcmp(program->overlays->items[i].path, path) == 0) return &program->overlays->items[i];
    return NULL;
}

// What an editor has of the file, or else the disk.
static int read_text(const NstProgram *program, const char *path, char **out, size_t *out_size) {
    const NstOverlay *overlay = find_overlay(program, path);
    if (!overlay) return read_file(path, out, out_size);
    *out = nst_strndup(overlay->text, overlay->size);
    *out_size = overlay->size;
    return 0;
}

static void set_target_error(NstProgram *program, const char *path, int error) {
    if (program->target_error) return;
    program->target_error = nst_arena_printf(program->arena, "Error reading file '%s': %s", path, strerror(-error));
}

static NstFile *add_file(Loader *loader, NstName *path, size_t path_len, bool nameable, uint32_t source) {
    NstProgram *p = loader->program;
    NstFile file = { .path = path, .path_len = path_len, .nameable = nameable, .source = source };
    NST_PUSH(p->arena, p->files, p->file_count, loader->file_capacity, file);
    return &p->files[p->file_count - 1];
}

static void project_error(Loader *loader, NstDiagKind kind, const char *path, const char *message) {
    NstDiag *diag = nst_diag_add_path(loader->program->diags, kind, path, "%s", message);
    diag->project = true;
    loader->failed = true;
}

// ---- Directories ------------------------------------------------------------------------

static bool is_identifier(const char *text, size_t size) {
    if (size == 0 || (text[0] >= '0' && text[0] <= '9')) return false;
    for (size_t i = 0; i < size; i++) {
        char c = text[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_')) return false;
    }
    return true;
}

// A directory on the way from the root, so that symbolic links cannot make a cycle.
typedef struct Visit {
    const struct Visit *up;
    dev_t device;
    ino_t inode;
    NstName segment;
    size_t depth;
    bool nameable;
} Visit;

static int compare_names(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void load_module_file(Loader *loader, const char *path, const Visit *at, const char *name, size_t stem) {
    NstProgram *p = loader->program;
    char *text;
    size_t size;
    int error = read_text(p, path, &text, &size);
    if (error) {
        set_target_error(p, path, error);
        return;
    }
    size_t depth = at->depth + 1;
    NstName *segments = NST_NEW_ARRAY(p->arena, NstName, depth);
    segments[depth - 1] = nst_name(name, stem);
    const Visit *visit = at;
    for (size_t i = depth - 1; i-- > 0; visit = visit->up) segments[i] = visit->segment;
    uint32_t source = nst_sources_add_file(p->sources, path, text, size);
    free(text);
    add_file(loader, segments, depth, at->nameable && is_identifier(name, stem), source);
}

static void walk(Loader *loader, const char *dir, const Visit *at) {
    DIR *stream = opendir(dir);
    if (!stream) {
        set_target_error(loader->program, dir, -errno);
        return;
    }
    char **names = NULL;
    size_t count = 0, capacity = 0;
    for (struct dirent *entry; (entry = readdir(stream));) {
        if (entry->d_name[0] == '.') continue;
        if (count == capacity) {
            capacity = capacity ? capacity * 2 : 16;
            names = nst_realloc(names, capacity * sizeof *names);
        }
        names[count++] = nst_strdup(entry->d_name);
    }
    closedir(stream);
    if (count) qsort(names, count, sizeof *names, compare_names);
    for (size_t i = 0; i < count; i++) {
        const char *name = names[i];
        size_t size = strlen(name);
        size_t dir_size = strlen(dir);
        char *path = nst_arena_printf(loader->program->arena, "%s%s%s", dir,
                                      dir_size && dir[dir_size - 1] == '/' ? "" : "/", name);
        struct stat info;
        if (stat(path, &info) != 0) continue; // a dangling link
        if (S_ISDIR(info.st_mode)) {
            Visit visit = { at, info.st_dev, info.st_ino, nst_name(name, size), at->depth + 1,
                            at->nameable && is_identifier(name, size) };
            bool cycle = false;
            for (const Visit *v = at; v; v = v->up) cycle = cycle || (v->device == info.st_dev && v->inode == info.st_ino);
            if (!cycle) walk(loader, path, &visit);
        } else if (size > 4 && strcmp(name + size - 4, ".nos") == 0) {
            load_module_file(loader, path, at, name, size - 4);
        }
        free(names[i]);
    }
    free(names);
}

// ---- nostos.toml ------------------------------------------------------------------------

static const char *child_path(Loader *loader, const char *dir, const char *name) {
    size_t size = strlen(dir);
    return nst_arena_printf(loader->program->arena, "%s%s%s", dir, size && dir[size - 1] == '/' ? "" : "/", name);
}

// The parsed file, or null if there is none or it is not valid (reported).
static NstToml *read_toml(Loader *loader, const char *dir, const char **toml_path) {
    *toml_path = child_path(loader, dir, "nostos.toml");
    char *text;
    size_t size;
    int error = read_text(loader->program, *toml_path, &text, &size);
    if (error == -ENOENT) return NULL;
    if (error) {
        set_target_error(loader->program, *toml_path, error);
        return NULL;
    }
    int line = 0;
    const char *reason = NULL;
    NstToml *document = nst_toml_parse(text, size, &line, &reason);
    free(text);
    if (!document)
        project_error(loader, NST_DIAG_SYNTAX_ERROR, *toml_path,
                      nst_arena_printf(loader->program->arena, "nostos.toml:%d: %s", line, reason));
    return document;
}

static bool toml_is(Loader *loader, const char *path, const NstToml *value, NstTomlKind kind, const char *what) {
    if (!value || value->kind == kind) return true;
    project_error(loader, NST_DIAG_SYNTAX_ERROR, path,
                  nst_arena_printf(loader->program->arena, "nostos.toml:%d: %s", value->line, what));
    return false;
}

static void check_project_table(Loader *loader, const char *path, const NstToml *document) {
    const NstToml *project = nst_toml_get(document, "project");
    if (!toml_is(loader, path, project, NST_TOML_TABLE, "'project' must be a table") || !project) return;
    const NstToml *name = nst_toml_get(project, "name");
    if (!name)
        project_error(loader, NST_DIAG_SYNTAX_ERROR, path,
                      nst_arena_printf(loader->program->arena, "nostos.toml:%d: [project] needs a 'name'", project->line));
    toml_is(loader, path, name, NST_TOML_STRING, "'name' must be a string");
    toml_is(loader, path, nst_toml_get(project, "version"), NST_TOML_STRING, "'version' must be a string");
    toml_is(loader, path, nst_toml_get(project, "description"), NST_TOML_STRING, "'description' must be a string");
}

// [warnings] allow = ["unused"]: what is not the name of a kind is ignored, as unknown keys are.
static void read_warnings(Loader *loader, const NstToml *document) {
    const NstToml *warnings = nst_toml_get(document, "warnings");
    const NstToml *allow = warnings && warnings->kind == NST_TOML_TABLE ? nst_toml_get(warnings, "allow") : NULL;
    if (!allow || allow->kind != NST_TOML_ARRAY) return;
    for (const NstToml *kind = allow->first; kind; kind = kind->next) {
        NstDiagKind known = kind->kind == NST_TOML_STRING ? nst_diag_kind_from_text(kind->text) : NST_DIAG_COUNT;
        if (known != NST_DIAG_COUNT) loader->program->silenced[known] = true;
    }
}

// "a, b": the names of all [[bin]] entries.
static const char *bin_names(Loader *loader, const NstToml *bins) {
    const char *text = "";
    for (const NstToml *bin = bins->first; bin; bin = bin->next)
        text = nst_arena_printf(loader->program->arena, "%s%s%s", text, *text ? ", " : "", nst_toml_get(bin, "name")->text);
    return text;
}

// Where the entries that are not run begin: nothing else may name these functions.
static void note_entries(NstProgram *p, const NstToml *bins) {
    size_t capacity = 0;
    for (const NstToml *bin = bins->first; bin; bin = bin->next) {
        const char *entry = nst_toml_get(bin, "entry")->text, *dot = strrchr(entry, '.');
        NST_PUSH(p->arena, p->bin_entries, p->bin_entry_count, capacity, nst_name_z(dot ? dot + 1 : entry));
    }
}

static void choose_entry(Loader *loader, const char *toml_path, const NstToml *bins) {
    NstProgram *p = loader->program;
    note_entries(p, bins);
    const NstToml *chosen = NULL;
    for (const NstToml *bin = bins->first; bin && !chosen; bin = bin->next) {
        const NstToml *is_default = nst_toml_get(bin, "default");
        if (loader->bin ? strcmp(nst_toml_get(bin, "name")->text, loader->bin) == 0 : is_default && is_default->integer)
            chosen = bin;
    }
    if (!chosen) {
        if (p->lib) return;
        const char *names = bin_names(loader, bins);
        project_error(loader, NST_DIAG_MISSING_MAIN, toml_path,
                      loader->bin ? nst_arena_printf(p->arena, "No [[bin]] entry named '%s' in nostos.toml. Available: %s",
                                                     loader->bin, names)
                                  : nst_arena_printf(p->arena, "Project has [[bin]] entries but none is marked as default. "
                                                               "Use --bin NAME to specify which to run. Available: %s", names));
        return;
    }
    const char *entry = nst_toml_get(chosen, "entry")->text;
    const char *dot = strrchr(entry, '.');
    p->entry_module = dot ? nst_arena_strndup(p->arena, entry, (size_t)(dot - entry)) : "";
    p->entry_function = nst_arena_strdup(p->arena, dot ? dot + 1 : entry);
    loader->bin_name = nst_arena_strdup(p->arena, nst_toml_get(chosen, "name")->text);
    loader->bin_file = toml_path;
}

// True if the entries are usable.
static bool check_bins(Loader *loader, const char *path, const NstToml *bins) {
    if (!toml_is(loader, path, bins, NST_TOML_ARRAY, "'bin' must be an array of tables")) return false;
    for (const NstToml *bin = bins->first; bin; bin = bin->next) {
        if (!toml_is(loader, path, bin, NST_TOML_TABLE, "'bin' must be an array of tables")) return false;
        const NstToml *name = nst_toml_get(bin, "name"), *entry = nst_toml_get(bin, "entry");
        if (!name || !entry) {
            project_error(loader, NST_DIAG_SYNTAX_ERROR, path,
                          nst_arena_printf(loader->program->arena, "nostos.toml:%d: [[bin]] needs a '%s'", bin->line,
                                           name ? "entry" : "name"));
            return false;
        }
        if (!toml_is(loader, path, name, NST_TOML_STRING, "'name' must be a string") ||
            !toml_is(loader, path, entry, NST_TOML_STRING, "'entry' must be a string") ||
            !toml_is(loader, path, nst_toml_get(bin, "default"), NST_TOML_BOOL, "'default' must be true or false"))
            return false;
    }
    return true;
}

static void load_package(Loader *loader, const char *name, const char *dir);

static void dependency_error(Loader *loader, const char *toml_path, const char *name, const char *reason) {
    project_error(loader, NST_DIAG_UNKNOWN_MODULE, toml_path,
                  nst_arena_printf(loader->program->arena, "Dependency '%s': %s", name, reason));
}

static void load_dependencies(Loader *loader, const char *toml_path, const char *dir, const NstToml *document) {
    const NstToml *dependencies = nst_toml_get(document, "dependencies");
    if (!toml_is(loader, toml_path, dependencies, NST_TOML_TABLE, "'dependencies' must be a table") || !dependencies) return;
    NstProgram *p = loader->program;
    for (const NstToml *dependency = dependencies->first; dependency; dependency = dependency->next) {
        const char *name = dependency->key;
        const NstToml *path = nst_toml_get(dependency, "path");
        if (!path) {
            dependency_error(loader, toml_path, name, "only dependencies with a 'path' are supported");
            continue;
        }
        if (!toml_is(loader, toml_path, path, NST_TOML_STRING, "'path' must be a string")) continue;
        const char *target = path->text[0] == '/' ? path->text : child_path(loader, dir, path->text);
        struct stat info;
        if (stat(target, &info) != 0 || !S_ISDIR(info.st_mode)) {
            dependency_error(loader, toml_path, name,
                             nst_arena_printf(p->arena, "directory '%s' not found", path->text));
            continue;
        }
        bool clash = false;
        for (size_t i = 0; i < p->file_count; i++)
            clash = clash || (p->files[i].path_len && strcmp(nst_name_text(p->files[i].path[0]), name) == 0 &&
                              strcmp(loader->packages[0].dir, dir) == 0);
        char *real = realpath(target, NULL);
        bool loaded = false;
        for (size_t i = 0; real && i < loader->package_count; i++) {
            if (strcmp(loader->packages[i].name, name) != 0) continue;
            loaded = strcmp(loader->packages[i].real, real) == 0;
            clash = !loaded;
            if (loaded) clash = false;
        }
        free(real);
        if (clash) dependency_error(loader, toml_path, name, "the name is also a module of the project");
        else if (!loaded) load_package(loader, name, target);
    }
}

static void load_package(Loader *loader, const char *name, const char *dir) {
    NstProgram *p = loader->program;
    if (loader->package_count >= MAX_PACKAGES) return;
    struct stat info;
    char *real = realpath(dir, NULL);
    if (!real || stat(dir, &info) != 0) {
        set_target_error(p, dir, -errno);
        free(real);
        return;
    }
    Package package = { nst_arena_strdup(p->arena, name), dir, nst_arena_strdup(p->arena, real) };
    free(real);
    NST_PUSH(p->arena, loader->packages, loader->package_count, loader->package_capacity, package);
    bool is_project = loader->package_count == 1;
    const char *toml_path;
    NstToml *document = read_toml(loader, dir, &toml_path);
    size_t first = p->file_count;
    Visit root = { .device = info.st_dev, .inode = info.st_ino, .nameable = true };
    if (!is_project) {
        root.segment = nst_name_z(package.name);
        root.depth = 1;
        root.nameable = is_identifier(package.name, strlen(package.name));
    }
    walk(loader, dir, &root);
    if (is_project && p->file_count == first)
        project_error(loader, NST_DIAG_MISSING_MAIN, dir, nst_arena_printf(p->arena, "No .nos files found in '%s'", dir));
    if (is_project && document) check_project_table(loader, toml_path, document);
    if (is_project && document) read_warnings(loader, document);
    const NstToml *bins = is_project ? nst_toml_get(document, "bin") : NULL;
    if (bins && bins->first) {
        if (check_bins(loader, toml_path, bins)) choose_entry(loader, toml_path, bins);
    } else if (is_project && loader->bin) {
        project_error(loader, NST_DIAG_MISSING_MAIN, dir, "--bin requires a nostos.toml with [[bin]] entries");
    } else if (is_project) {
        p->entry_module = "main";
        p->entry_function = "main";
    }
    if (document) load_dependencies(loader, toml_path, dir, document);
    nst_toml_free(document);
}

// ---- Parsing ----------------------------------------------------------------------------

static const char *module_text(NstProgram *program, const NstName *path, size_t path_len) {
    const char *text = "";
    for (size_t i = 0; i < path_len; i++)
        text = nst_arena_printf(program->arena, "%s%s%s", text, i ? "." : "", nst_name_text(path[i]));
    return text;
}

static int compare_files(const void *a, const void *b) {
    const NstFile *left = a, *right = b;
    for (size_t i = 0; i < left->path_len && i < right->path_len; i++) {
        int order = strcmp(nst_name_text(left->path[i]), nst_name_text(right->path[i]));
        if (order) return order;
    }
    return (left->path_len > right->path_len) - (left->path_len < right->path_len);
}

static void parse_files(NstProgram *p) {
    if (p->file_count) qsort(p->files, p->file_count, sizeof *p->files, compare_files);
    for (size_t i = 0; i < p->file_count; i++) {
        NstFile *file = &p->files[i];
        nst_source_set_module(p->sources, file->source, module_text(p, file->path, file->path_len));
        file->ast = nst_parse_file(p->sources, file->source, p->arena, p->diags);
    }
}

// In a project without [[bin]] the entry is main.main.
static void check_main_file(Loader *loader, const char *target) {
    NstProgram *p = loader->program;
    if (loader->failed || loader->bin_name || p->lib || !p->entry_module) return;
    for (size_t i = 0; i < p->file_count; i++)
        if (p->files[i].path_len == 1 && strcmp(nst_name_text(p->files[i].path[0]), "main") == 0) return;
    project_error(loader, NST_DIAG_MISSING_MAIN, target,
                  nst_arena_printf(p->arena, "No 'main.nos' found in directory '%s'", target));
    p->entry_module = NULL;
}

void nst_project_from_text(NstProgram *program, const char *name, const char *text, size_t size) {
    Loader loader = { .program = program };
    add_file(&loader, NULL, 0, true, nst_sources_add_file(program->sources, name, text, size));
    program->entry_module = "";
    program->entry_function = "main";
    parse_files(program);
}

bool nst_project_load(NstProgram *program, const char *target, const NstOptions *options) {
    Loader loader = { .program = program, .bin = options->bin };
    struct stat info;
    bool standard_input = strcmp(target, "-") == 0, in_memory = find_overlay(program, target) != NULL;
    if (!standard_input && !in_memory && stat(target, &info) != 0) {
        set_target_error(program, target, -errno);
        return false;
    }
    if (standard_input || in_memory || !S_ISDIR(info.st_mode)) {
        if (options->bin) {
            project_error(&loader, NST_DIAG_MISSING_MAIN, target, "--bin requires a nostos.toml with [[bin]] entries");
            return false;
        }
        char *text;
        size_t size;
        int error = read_text(program, target, &text, &size);
        if (error) {
            set_target_error(program, target, error);
            return false;
        }
        nst_project_from_text(program, standard_input ? "<stdin>" : target, text, size);
        free(text);
        return true;
    }
    const char *dir = nst_arena_strdup(program->arena, target);
    load_package(&loader, "", dir);
    check_main_file(&loader, dir);
    if (program->target_error) return false;
    parse_files(program);
    if (loader.bin_name) {
        Bin *bin = NST_NEW(program->arena, Bin);
        *bin = (Bin){ loader.bin_name, loader.bin_file };
        program->project = bin;
    }
    return !loader.failed;
}

// ---- After resolution -------------------------------------------------------------------

void nst_project_check_entry(NstProgram *program) {
    const Bin *bin = program->project;
    if (!bin || program->entry || program->lib) return;
    NstDiag *diag = nst_diag_add_path(program->diags, NST_DIAG_MISSING_MAIN, bin->file,
                                      "Entry point '%s%s%s' for bin '%s' not found", program->entry_module,
                                      *program->entry_module ? "." : "", program->entry_function, bin->name);
    diag->project = true;
}

static bool is_syntax(NstDiagKind kind) { return kind == NST_DIAG_SYNTAX_ERROR || kind == NST_DIAG_INVALID_LITERAL; }

static bool same_path(const NstFile *file, const NstIdent *path, size_t path_len) {
    if (file->path_len > path_len || file->path_len == 0) return false;
    for (size_t i = 0; i < file->path_len; i++)
        if (file->path[i] != path[i].name) return false;
    return true;
}

// Marks as broken every file that imports a broken one, until nothing changes. Inline modules' `use` items count.
static bool imports_broken(const NstProgram *p, NstItem *const *items, size_t count, const bool *broken) {
    for (size_t i = 0; i < count; i++) {
        const NstItem *item = items[i];
        if (item->kind == NST_ITEM_MODULE && imports_broken(p, item->module.items, item->module.item_count, broken)) return true;
        if (item->kind != NST_ITEM_USE) continue;
        for (size_t f = 0; f < p->file_count; f++)
            if (broken[f] && same_path(&p->files[f], item->use.path, item->use.path_len)) return true;
    }
    return false;
}

void nst_project_filter_diags(NstProgram *p) {
    if (!p->file_count) return;
    bool *broken = nst_calloc(p->file_count, sizeof *broken);
    bool any = false;
    for (size_t i = 0; i < p->diags->count; i++) {
        const NstDiag *diag = p->diags->items[i];
        NstFileRange range;
        if (!is_syntax(diag->kind) || !nst_file_range(p->sources, diag->span, &range)) continue;
        for (size_t f = 0; f < p->file_count; f++)
            if (p->files[f].source == range.source) any = broken[f] = true;
    }
    for (bool changed = any; changed;) {
        changed = false;
        for (size_t f = 0; f < p->file_count; f++) {
            NstFileAst *ast = p->files[f].ast;
            if (!broken[f] && ast && imports_broken(p, ast->items, ast->item_count, broken)) changed = broken[f] = true;
        }
    }
    size_t kept = 0;
    for (size_t i = 0; i < p->diags->count && any; i++) {
        NstDiag *diag = p->diags->items[i];
        NstFileRange range;
        bool drop = false;
        if (!is_syntax(diag->kind) && nst_file_range(p->sources, diag->span, &range))
            for (size_t f = 0; f < p->file_count; f++) drop = drop || (broken[f] && p->files[f].source == range.source);
        if (!drop) p->diags->items[kept++] = diag;
    }
    if (any) p->diags->count = kept;
    free(broken);
}
