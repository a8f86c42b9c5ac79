#include "ryanwhite.h"
#include <R_ext/Rdynload.h>

static const R_CallMethodDef routines[] = {
    {"ryanwhite_sum_groups", (DL_FUNC) &ryanwhite_sum_groups, 4},
    {"ryanwhite_summarise", (DL_FUNC) &ryanwhite_summarise, 2},
    {"ryanwhite_json_columns", (DL_FUNC) &ryanwhite_json_columns, 2},
    {"ryanwhite_json_draws", (DL_FUNC) &ryanwhite_json_draws, 5},
    {"ryanwhite_json_strings", (DL_FUNC) &ryanwhite_json_strings, 1},
    {"ryanwhite_append_line", (DL_FUNC) &ryanwhite_append_line, 2},
    {"ryanwhite_write_file", (DL_FUNC) &ryanwhite_write_file, 3},
    {NULL, NULL, 0}
};

void R_init_ryanwhite(DllInfo *library)
{
    R_registerRoutines(library, NULL, routines, NULL, NULL);
    R_useDynamicSymbols(library, FALSE);
    R_forceSymbols(library, TRUE);
}
