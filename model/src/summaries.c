#include "ryanwhite.h"
#include <string.h>

/*
 * Sums columns of a matrix by group, as rowsum() does for rows, for several
 * groupings at once.
 *
 * values: double matrix, rows x columns. groupings: list of integer vectors, the
 * group (from 1) of each column. sizes: integer, how many groups each grouping
 * has. skip: integer, how many rows at the top to leave out. Returns a double
 * matrix with one row per row of values that is left and the groups of all
 * groupings side by side. The order of addition is that of the columns, so the
 * result has the same bits whatever linear algebra R was built with.
 */
SEXP ryanwhite_sum_groups(SEXP values, SEXP groupings, SEXP sizes, SEXP skip)
{
    if (!Rf_isReal(values) || !Rf_isNewList(groupings) || !Rf_isInteger(sizes) ||
        XLENGTH(groupings) < 1 || XLENGTH(groupings) != XLENGTH(sizes) ||
        !Rf_isInteger(skip) || XLENGTH(skip) != 1)
        Rf_error("sum_groups: expected a double matrix, groupings, their sizes, and rows to leave out");
    const R_xlen_t columns = XLENGTH(VECTOR_ELT(groupings, 0));
    if (columns == 0 || XLENGTH(values) % columns != 0)
        Rf_error("sum_groups: the groups do not fit the matrix");
    const R_xlen_t all_rows = XLENGTH(values) / columns, skipped = INTEGER(skip)[0];
    if (skipped < 0 || skipped >= all_rows) Rf_error("sum_groups: no rows are left");
    const R_xlen_t rows = all_rows - skipped;
    int total = 0;
    for (R_xlen_t g = 0; g < XLENGTH(groupings); g++) {
        SEXP groups = VECTOR_ELT(groupings, g);
        const int size = INTEGER(sizes)[g];
        if (!Rf_isInteger(groups) || XLENGTH(groups) != columns || size < 1)
            Rf_error("sum_groups: the groups do not fit the matrix");
        for (R_xlen_t j = 0; j < columns; j++)
            if (INTEGER(groups)[j] < 1 || INTEGER(groups)[j] > size)
                Rf_error("sum_groups: group %d is not in 1..%d", INTEGER(groups)[j], size);
        total += size;
    }

    SEXP sums = PROTECT(Rf_allocMatrix(REALSXP, (int) rows, total));
    double *first = REAL(sums);
    memset(first, 0, sizeof(double) * (size_t) rows * (size_t) total);
    for (R_xlen_t g = 0; g < XLENGTH(groupings); g++) {
        const int *group = INTEGER(VECTOR_ELT(groupings, g));
        const double *column = REAL(values) + skipped;
        for (R_xlen_t j = 0; j < columns; j++, column += all_rows) {
            double *target = first + rows * (group[j] - 1);
            for (R_xlen_t i = 0; i < rows; i++) target[i] += column[i];
        }
        first += rows * INTEGER(sizes)[g];
    }
    UNPROTECT(1);
    return sums;
}

/* The order statistic that quantile() calls type 7, of `n` numbers that are
 * already partitioned around the two ranks it needs. */
static double between(const double *sorted, int low, double fraction)
{
    return fraction > 0 ? sorted[low] + fraction * (sorted[low + 1] - sorted[low]) : sorted[low];
}

/*
 * Hoare's selection: puts rank `low` into its place within [from, to], smaller
 * numbers before it and larger ones behind. R's own rPsort() handles missing
 * values at every comparison and takes three times as long.
 */
static void select_rank(double *x, int low, int from, int to)
{
    while (from < to) {
        const double pivot = x[from + (to - from) / 2];
        int i = from, j = to;
        while (i <= j) {
            while (x[i] < pivot) i++;
            while (pivot < x[j]) j--;
            if (i <= j) {
                const double swap = x[i];
                x[i++] = x[j];
                x[j--] = swap;
            }
        }
        if (low <= j) to = j;
        else if (low >= i) from = i;
        else return;
    }
}

/* Puts into place ranks `low` and `low + 1` within [from, to]. */
static void partition(double *x, int low, int from, int to)
{
    select_rank(x, low, from, to);
    if (low + 1 > to) return;
    int least = low + 1;
    for (int i = low + 2; i <= to; i++)
        if (x[i] < x[least]) least = i;
    const double swap = x[low + 1];
    x[low + 1] = x[least];
    x[least] = swap;
}

/*
 * Mean, median and 95 % interval over draws, for all years and strata at once.
 *
 * values: doubles, draws fastest. n_draws: number of draws. Returns a list of
 * four double vectors, one value per group of n_draws values: mean, median, and
 * the quantiles 0.025 and 0.975 (type 7, as quantile()). A group with a missing
 * value has missing results.
 */
SEXP ryanwhite_summarise(SEXP values, SEXP n_draws)
{
    if (!Rf_isReal(values) || !Rf_isInteger(n_draws) || XLENGTH(n_draws) != 1)
        Rf_error("summarise: expected doubles and the number of draws");
    const int n = INTEGER(n_draws)[0];
    if (n < 1 || XLENGTH(values) % n != 0)
        Rf_error("summarise: %d draws do not divide the values", n);
    const R_xlen_t groups = XLENGTH(values) / n;
    const double probability[3] = {0.025, 0.5, 0.975};
    int low[3];
    double fraction[3];
    for (int k = 0; k < 3; k++) {
        const double rank = probability[k] * (n - 1);
        low[k] = (int) (rank + 4 * DBL_EPSILON * n);
        fraction[k] = rank - low[k] < 4 * DBL_EPSILON * n ? 0 : rank - low[k];
    }

    const char *names[4] = {"mean", "median", "lower", "upper"};
    SEXP result = PROTECT(Rf_allocVector(VECSXP, 4));
    SEXP result_names = PROTECT(Rf_allocVector(STRSXP, 4));
    double *out[4];
    for (int k = 0; k < 4; k++) {
        SET_VECTOR_ELT(result, k, Rf_allocVector(REALSXP, groups));
        SET_STRING_ELT(result_names, k, Rf_mkChar(names[k]));
        out[k] = REAL(VECTOR_ELT(result, k));
    }
    Rf_setAttrib(result, R_NamesSymbol, result_names);

    double *x = (double *) R_alloc(n, sizeof(double));
    const double *group = REAL(values);
    for (R_xlen_t g = 0; g < groups; g++, group += n) {
        double sum = 0;
        for (int i = 0; i < n; i++) sum += group[i];
        if (ISNAN(sum)) {
            for (int k = 0; k < 4; k++) out[k][g] = NA_REAL;
            continue;
        }
        memcpy(x, group, sizeof(double) * (size_t) n);
        partition(x, low[1], 0, n - 1);
        partition(x, low[0], 0, low[1]);
        partition(x, low[2], low[1], n - 1);
        out[0][g] = sum / n;
        out[1][g] = between(x, low[1], fraction[1]);
        out[2][g] = between(x, low[0], fraction[0]);
        out[3][g] = between(x, low[2], fraction[2]);
    }
    UNPROTECT(2);
    return result;
}
