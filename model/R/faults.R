# A fault is a mistake in the request. The programs show it as one line, without a
# stack, and exit with status 2.
fault <- function(...) {
  stop(structure(
    class = c("fault", "error", "condition"),
    list(message = paste0(...), call = NULL)
  ))
}
