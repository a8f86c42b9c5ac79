# Log lines go to standard output as `[YYYY-mm-dd HH:MM:SS] LEVEL: message`.
log_line <- function(level, ...) {
  cat("[", log_time(), "] ", level, ": ", ..., "\n", sep = "")
}

# The time as text, made once per second: a city logs thousands of lines.
log_time <- local({
  second <- 0
  text <- ""
  function() {
    now <- floor(unclass(Sys.time()))
    if (now != second) {
      second <<- now
      text <<- format(.POSIXct(now), "%Y-%m-%d %H:%M:%S")
    }
    text
  }
})

log_info <- function(...) log_line("INFO", ...)
log_error <- function(...) log_line("ERROR", ...)
