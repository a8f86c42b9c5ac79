# Log lines go to standard output as `[YYYY-mm-dd HH:MM:SS] LEVEL: message`.
log_line <- function(level, ...) {
  cat("[", log_time(), "] ", level, ": ", ..., "\n", sep = "")
}

# The time as text is made once per second: a city needs it thousands of times.
clock <- function(pattern, zone = "") {
  second <- 0
  text <- ""
  function() {
    now <- floor(unclass(Sys.time()))
    if (now != second) {
      second <<- now
      text <<- format(.POSIXct(now, zone), pattern)
    }
    text
  }
}

log_time <- clock("%Y-%m-%d %H:%M:%S")
utc_time <- clock("%Y-%m-%dT%H:%M:%SZ", "UTC")

# Today in UTC.
utc_date <- function() as.Date(Sys.time(), tz = "UTC")

log_info <- function(...) log_line("INFO", ...)
log_error <- function(...) log_line("ERROR", ...)
