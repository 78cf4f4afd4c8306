#include "runtime/bcrypt.h"

#include "runtime/module.h"

const NstBcryptModule *nst_bcrypt(void) { return nst_module_symbol("nostos_bcrypt", "nst_bcrypt_module"); }
