// The AST as S-expressions, for tests: one line an item, names and literals as written, no places.
#ifndef NST_AST_DUMP_H
#define NST_AST_DUMP_H

#include "frontend/ast.h"

#include <stdio.h>

void nst_ast_dump(FILE *out, const NstFileAst *file);
void nst_ast_dump_expr(FILE *out, const NstExpr *expr);
void nst_ast_dump_pattern(FILE *out, const NstPattern *pattern);
void nst_ast_dump_type(FILE *out, const NstTypeExpr *type);

#endif
