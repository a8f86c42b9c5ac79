# Command-line arguments, as small as two programs need them.

# `options`: a list with one element per option, by its name without dashes;
# "flag", "value" or "values" (may be repeated). Returns a list with the same
# names: TRUE/FALSE, text or NULL, or a character vector.
parse_arguments <- function(arguments, options, program) {
  parsed <- lapply(options, function(kind) switch(kind, flag = FALSE, value = NULL, values = character()))
  i <- 1
  while (i <= length(arguments)) {
    argument <- arguments[i]
    name <- sub("^--", "", sub("=.*", "", argument))
    kind <- if (grepl("^--", argument)) options[[name, exact = TRUE]]
    if (is.null(kind)) fault("unknown argument '", argument, "' (see ", program, " --help)")
    inline <- grepl("=", argument, fixed = TRUE)
    if (kind == "flag") {
      if (inline) fault("--", name, " takes no value")
      parsed[[name]] <- TRUE
    } else {
      if (!inline) i <- i + 1
      if (i > length(arguments)) fault("--", name, " needs a value")
      value <- if (inline) sub("^[^=]*=", "", argument) else arguments[i]
      if (value == "" || (!inline && grepl("^--", value))) fault("--", name, " needs a value")
      parsed[[name]] <- if (kind == "values") c(parsed[[name]], value) else value
    }
    i <- i + 1
  }
  parsed
}

# An option's value as a whole number of at least `least`.
whole_number <- function(text, name, least) {
  number <- suppressWarnings(as.numeric(text))
  if (is.na(number) || number != floor(number) || number < least || number > 2^31 - 1) {
    fault("--", name, " needs a whole number of at least ", least, ", not '", text, "'")
  }
  as.integer(number)
}

# An option's value as a date.
calendar_date <- function(text, name) {
  date <- if (grepl("^[0-9]{4}-[0-9]{2}-[0-9]{2}$", text)) as.Date(text, optional = TRUE) else NA
  if (is.na(date)) fault("--", name, " needs a date such as 2026-11-22, not '", text, "'")
  date
}

# Runs a program to its exit status: faults are one line and status 2, anything
# unforeseen status 3.
exit_status <- function(program, code) {
  tryCatch(
    code,
    fault = function(e) {
      cat(program, ": ", conditionMessage(e), "\n", sep = "", file = stderr())
      2L
    },
    error = function(e) {
      log_error(one_line(conditionMessage(e)))
      3L
    }
  )
}
