# A fault is a mistake of whoever asked: shown as one line, exit status 2, never
# with a stack.
fault <- function(...) {
  stop(structure(
    class = c("fault", "error", "condition"),
    list(message = paste0(...), call = NULL)
  ))
}
