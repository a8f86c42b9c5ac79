#include "ryanwhite.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Bytes per system call: most figures need one or two. */
#define BUFFER_SIZE (256 * 1024)

/*
 * Writes pieces of text, one after the other, to a file that appears whole or
 * not at all. R's own connections do not report a full disk; this does.
 *
 * path: where the file shall be. aside: where it is written first, in the same
 * directory. pieces: character vector. Returns the number of bytes as a double.
 * If anything could not be written it is an error: nothing is left aside, and
 * what was at `path` before still is.
 */
SEXP ryanwhite_write_file(SEXP path, SEXP aside, SEXP pieces)
{
    if (!Rf_isString(path) || XLENGTH(path) != 1 || !Rf_isString(aside) || XLENGTH(aside) != 1 ||
        !Rf_isString(pieces))
        Rf_error("write_file: expected two paths and text");
    const char *to = R_ExpandFileName(Rf_translateChar(STRING_ELT(path, 0)));
    const char *target = strcpy(R_alloc(strlen(to) + 1, 1), to);
    const char *from = R_ExpandFileName(Rf_translateChar(STRING_ELT(aside, 0)));
    const char *temporary = strcpy(R_alloc(strlen(from) + 1, 1), from);

    double bytes = 0;
    FILE *file = fopen(temporary, "wb");
    if (file == NULL) Rf_error("cannot write %s: %s", target, strerror(errno));
    setvbuf(file, R_alloc(BUFFER_SIZE, 1), _IOFBF, BUFFER_SIZE);
    int failed = 0;
    for (R_xlen_t i = 0; i < XLENGTH(pieces) && !failed; i++) {
        SEXP piece = STRING_ELT(pieces, i);
        const size_t size = (size_t) LENGTH(piece);
        if (size > 0 && fwrite(CHAR(piece), 1, size, file) != size) failed = errno ? errno : EIO;
        bytes += (double) size;
    }
    if (fclose(file) != 0 && !failed) failed = errno ? errno : EIO;
    if (!failed && rename(temporary, target) != 0) failed = errno ? errno : EIO;
    if (failed) {
        remove(temporary);
        Rf_error("cannot write %s: %s", target, strerror(failed));
    }
    return Rf_ScalarReal(bytes);
}

/*
 * Appends a line of text to a file by one system call, so that a reader never
 * sees half of it; makes the file if need be.
 *
 * path: the file. line: text that ends in a newline. Returns NULL. If the line
 * could not be written whole it is an error, and the file is as it was.
 */
SEXP ryanwhite_append_line(SEXP path, SEXP line)
{
    if (!Rf_isString(path) || XLENGTH(path) != 1 || !Rf_isString(line) || XLENGTH(line) != 1)
        Rf_error("append_line: expected a path and a line");
    const char *to = R_ExpandFileName(Rf_translateChar(STRING_ELT(path, 0)));
    const int file = open(to, O_WRONLY | O_APPEND | O_CREAT, 0666);
    if (file < 0) Rf_error("cannot write %s: %s", to, strerror(errno));
    const off_t before = lseek(file, 0, SEEK_END);
    const size_t size = (size_t) LENGTH(STRING_ELT(line, 0));
    const ssize_t written = write(file, CHAR(STRING_ELT(line, 0)), size);
    int failed = written == (ssize_t) size ? 0 : written < 0 ? errno : ENOSPC;
    if (failed && written > 0 && ftruncate(file, before) != 0) failed = errno;
    if (close(file) != 0 && !failed) failed = errno;
    if (failed) Rf_error("cannot write %s: %s", to, strerror(failed));
    return R_NilValue;
}
