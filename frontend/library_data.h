// The generated tables behind library.h; written by frontend/tools/stdlib_index.c, read by library.c only.
#ifndef NST_LIBRARY_DATA_H
#define NST_LIBRARY_DATA_H

#include "frontend/library.h"

extern const NstLibFile nst_lib_files[];
extern const uint32_t nst_lib_file_count;
extern const NstLibEntry nst_lib_entries[];      // sorted by module, space, name, then position
extern const uint32_t nst_lib_entry_count;
extern const uint32_t nst_lib_prelude[];         // indexes of PRELUDE entries, sorted by name
extern const uint32_t nst_lib_prelude_count;
extern const uint32_t nst_lib_methods[];         // indexes of METHOD entries, sorted by name
extern const uint32_t nst_lib_method_count;
extern const uint32_t nst_lib_space_items[];     // indexes of entries with a space, sorted by space, name
extern const uint32_t nst_lib_space_item_count;

#endif
