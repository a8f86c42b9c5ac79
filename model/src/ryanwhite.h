#ifndef RYANWHITE_H
#define RYANWHITE_H

#define R_NO_REMAP
#include <R.h>
#include <Rinternals.h>

SEXP ryanwhite_sum_groups(SEXP values, SEXP groupings, SEXP sizes, SEXP skip);
SEXP ryanwhite_summarise(SEXP values, SEXP n_draws);
SEXP ryanwhite_json_columns(SEXP values, SEXP n_rows);
SEXP ryanwhite_json_draws(SEXP values, SEXP shape, SEXP columns, SEXP keep, SEXP shared);
SEXP ryanwhite_json_strings(SEXP text);
SEXP ryanwhite_append_line(SEXP path, SEXP line);
SEXP ryanwhite_write_file(SEXP path, SEXP aside, SEXP pieces);

#endif
