// Modules: shared objects with what would cost every program start-up time, opened at first use.
//
// A module NAME is NAME.so beside the executable or in ../lib/nostos from there. Any thread; a module stays open.
#ifndef NST_MODULE_H
#define NST_MODULE_H

// The address of a symbol of the module, or null if the module or the symbol is not there.
void *nst_module_symbol(const char *module, const char *symbol);

#endif
