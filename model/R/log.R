# Log lines go to standard output as `[YYYY-mm-dd HH:MM:SS] LEVEL: message`.
log_line <- function(level, ...) {
  cat("[", format(Sys.time(), "%Y-%m-%d %H:%M:%S"), "] ", level, ": ", ..., "\n", sep = "")
}

log_info <- function(...) log_line("INFO", ...)
log_error <- function(...) log_line("ERROR", ...)
