#include "ryanwhite.h"
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Longest text of one number, with its comma: sign, 17 digits, point, exponent. */
#define NUMBER_WIDTH 28

static const double power[] = {1, 10, 100, 1000, 10000, 1e5, 1e6, 1e7, 1e8};
#define MOST_DECIMALS 8

/* Writes `scaled` / 10^decimals, without zeros at the end of its decimals. */
static char *write_decimal(char *text, int negative, unsigned long long scaled, int decimals)
{
    char digits[NUMBER_WIDTH];
    int n = 0;
    /* Numbers of more than 32 bits have no decimals: see write_number() and step_for(). */
    for (; scaled > UINT_MAX; scaled /= 10) digits[n++] = (char) ('0' + scaled % 10);
    unsigned int rest = (unsigned int) scaled;
    if (rest == 0) {
        *text = '0';
        return text + 1;
    }
    for (; decimals > 0 && rest % 10 == 0; decimals--) rest /= 10;
    while (rest > 0 || n <= decimals) {
        digits[n++] = (char) ('0' + rest % 10);
        rest /= 10;
    }
    if (negative) *text++ = '-';
    while (n > decimals) *text++ = digits[--n];
    if (n > 0) {
        *text++ = '.';
        while (n > 0) *text++ = digits[--n];
    }
    return text;
}

static char *write_null(char *text)
{
    memcpy(text, "null", 4);
    return text + 4;
}

/*
 * Writes `value` as a JSON number and returns the end of the text: four
 * significant digits, and all digits before the point. Integer arithmetic gives
 * the same text on every machine. A number that is not finite becomes null.
 */
static char *write_number(char *text, double value)
{
    if (!R_FINITE(value)) return write_null(text);
    const double size = fabs(value);
    if (size >= 1e15 || (size < 1e-4 && size > 0))
        return text + snprintf(text, NUMBER_WIDTH - 1, "%.3e", value);
    int decimals = 0;
    if (size < 1000) decimals = size >= 100 ? 1 : size >= 10 ? 2 : size >= 1 ? 3 :
        size >= 0.1 ? 4 : size >= 0.01 ? 5 : size >= 0.001 ? 6 : 7;
    return write_decimal(text, value < 0, (unsigned long long) (size * power[decimals] + 0.5), decimals);
}

/* Numbers are rounded to multiples of `unit` / 10^`decimals`. */
struct step {
    int decimals;
    unsigned int unit;
};

/*
 * The step for numbers up to `highest`: the largest of 1, 2 or 5 times a power of
 * ten, but at most 1, that is not above a thousandth of it. On an axis of 400
 * pixels that begins at zero, rounding then moves a point by 0.2 pixels at most.
 * Numbers beyond what decimals can hold (decimals < 0) keep their significant
 * digits instead.
 */
static struct step step_for(double highest)
{
    struct step step = {-1, 1};
    if (!(highest < 1e15)) return step;
    const double wanted = highest / 1000;
    for (int decimals = 0; decimals <= MOST_DECIMALS; decimals++) {
        const double steps = wanted * power[decimals];
        if (steps < 1) continue;
        step.decimals = decimals;
        if (decimals > 0) step.unit = steps >= 5 ? 5 : steps >= 2 ? 2 : 1;
        return step;
    }
    return step;
}

/* Writes `value` rounded to a step, as write_number() does otherwise. */
static char *write_rounded(char *text, double value, struct step step)
{
    if (!R_FINITE(value)) return write_null(text);
    if (step.decimals < 0) return write_number(text, value);
    const double size = fabs(value) * power[step.decimals];
    const unsigned long long scaled = step.unit * (unsigned long long) (size / step.unit + 0.5);
    return write_decimal(text, value < 0, scaled, step.decimals);
}

/*
 * The columns of a matrix as JSON arrays.
 *
 * values: doubles, rows fastest. n_rows: rows per column. Returns a character
 * vector with one array per column, such as "[1.5,null,3]".
 */
SEXP ryanwhite_json_columns(SEXP values, SEXP n_rows)
{
    if (!Rf_isReal(values) || !Rf_isInteger(n_rows) || XLENGTH(n_rows) != 1)
        Rf_error("json_columns: expected doubles and the number of rows");
    const int rows = INTEGER(n_rows)[0];
    if (rows < 1 || XLENGTH(values) % rows != 0)
        Rf_error("json_columns: %d rows do not divide the values", rows);
    const R_xlen_t columns = XLENGTH(values) / rows;
    SEXP arrays = PROTECT(Rf_allocVector(STRSXP, columns));
    char *buffer = R_alloc((size_t) rows * NUMBER_WIDTH + 2, 1);
    const double *value = REAL(values);
    for (R_xlen_t j = 0; j < columns; j++) {
        char *end = buffer;
        *end++ = '[';
        for (int i = 0; i < rows; i++) {
            end = write_number(end, *value++);
            *end++ = ',';
        }
        end[-1] = ']';
        SET_STRING_ELT(arrays, j, Rf_mkCharLenCE(buffer, (int) (end - buffer), CE_UTF8));
    }
    UNPROTECT(1);
    return arrays;
}

/* The highest absolute value among some draws of a stratum. */
static double highest_kept(const double *stratum, R_xlen_t draws, R_xlen_t years, SEXP keep)
{
    double highest = 0;
    for (R_xlen_t i = 0; i < years; i++, stratum += draws)
        for (R_xlen_t k = 0; k < XLENGTH(keep); k++) {
            const double size = fabs(stratum[INTEGER(keep)[k] - 1]);
            if (size > highest && R_FINITE(size)) highest = size;
        }
    return highest;
}

/*
 * Individual draws of some strata as JSON arrays: years of one draw after the
 * other, with a null between draws where the line is to break.
 *
 * values: doubles with dimensions draw (fastest) x year x stratum. shape: those
 * three sizes. columns: strata wanted (from 1). keep: draws wanted (from 1).
 * shared: whether all of them are drawn on axes of one range; otherwise each has
 * its own. Numbers are rounded to less than can be seen on that range. Returns a
 * character vector with one array per stratum wanted.
 */
SEXP ryanwhite_json_draws(SEXP values, SEXP shape, SEXP columns, SEXP keep, SEXP shared)
{
    if (!Rf_isReal(values) || !Rf_isInteger(shape) || XLENGTH(shape) != 3 ||
        !Rf_isInteger(columns) || !Rf_isInteger(keep) || !Rf_isLogical(shared) || XLENGTH(shared) != 1)
        Rf_error("json_draws: expected doubles, three sizes, strata, draws, and yes or no");
    const R_xlen_t draws = INTEGER(shape)[0], years = INTEGER(shape)[1], strata = INTEGER(shape)[2];
    const R_xlen_t n_columns = XLENGTH(columns), n_keep = XLENGTH(keep);
    if (draws < 1 || years < 1 || n_keep < 1 || XLENGTH(values) != draws * years * strata)
        Rf_error("json_draws: the sizes do not fit the values");
    for (R_xlen_t k = 0; k < n_keep; k++)
        if (INTEGER(keep)[k] < 1 || INTEGER(keep)[k] > draws) Rf_error("json_draws: no such draw");
    for (R_xlen_t j = 0; j < n_columns; j++)
        if (INTEGER(columns)[j] < 1 || INTEGER(columns)[j] > strata)
            Rf_error("json_draws: no such stratum");
    const double room = (double) n_keep * ((double) years * NUMBER_WIDTH + 5) + 2;
    if (room > R_LEN_T_MAX) Rf_error("json_draws: one array would be too long");

    double *highest = (double *) R_alloc((size_t) n_columns, sizeof(double)), highest_of_all = 0;
    for (R_xlen_t j = 0; j < n_columns; j++) {
        highest[j] = highest_kept(REAL(values) + draws * years * (INTEGER(columns)[j] - 1), draws, years, keep);
        if (highest[j] > highest_of_all) highest_of_all = highest[j];
    }

    SEXP arrays = PROTECT(Rf_allocVector(STRSXP, n_columns));
    char *buffer = R_alloc((size_t) room, 1);
    for (R_xlen_t j = 0; j < n_columns; j++) {
        const double *stratum = REAL(values) + draws * years * (INTEGER(columns)[j] - 1);
        const struct step step = step_for(LOGICAL(shared)[0] ? highest_of_all : highest[j]);
        char *end = buffer;
        *end++ = '[';
        for (R_xlen_t k = 0; k < n_keep; k++) {
            if (k > 0) {
                memcpy(end, "null,", 5);
                end += 5;
            }
            const double *value = stratum + INTEGER(keep)[k] - 1;
            for (R_xlen_t i = 0; i < years; i++, value += draws) {
                end = write_rounded(end, *value, step);
                *end++ = ',';
            }
        }
        end[-1] = ']';
        SET_STRING_ELT(arrays, j, Rf_mkCharLenCE(buffer, (int) (end - buffer), CE_UTF8));
    }
    UNPROTECT(1);
    return arrays;
}

/*
 * Text as JSON strings, with their quotes.
 *
 * text: character vector. Returns one of the same length in UTF-8; a missing
 * value becomes null.
 */
SEXP ryanwhite_json_strings(SEXP text)
{
    if (!Rf_isString(text)) Rf_error("json_strings: expected text");
    const R_xlen_t n = XLENGTH(text);
    SEXP strings = PROTECT(Rf_allocVector(STRSXP, n));
    for (R_xlen_t i = 0; i < n; i++) {
        if (STRING_ELT(text, i) == NA_STRING) {
            SET_STRING_ELT(strings, i, Rf_mkChar("null"));
            continue;
        }
        const char *from = Rf_translateCharUTF8(STRING_ELT(text, i));
        char *buffer = R_alloc(6 * strlen(from) + 3, 1), *end = buffer;
        *end++ = '"';
        for (; *from; from++) {
            const unsigned char byte = (unsigned char) *from;
            if (byte < 0x20) {
                end += snprintf(end, 7, "\\u%04x", byte);
                continue;
            }
            if (byte == '"' || byte == '\\') *end++ = '\\';
            *end++ = *from;
        }
        *end++ = '"';
        SET_STRING_ELT(strings, i, Rf_mkCharLenCE(buffer, (int) (end - buffer), CE_UTF8));
    }
    UNPROTECT(1);
    return strings;
}
