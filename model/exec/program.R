# How `batch` and `simulate` start.

# name: of the program. model: the directory above its own.
start <- function(name, model) {
  # Beside its sources, the installed package must have been made from them:
  # otherwise an old version would run, and nobody would notice.
  if (length(Sys.glob(file.path(model, "R", "*.R"))) > 0) {
    installed <- system.file(package = "ryanwhite")
    if (installed == "" ||
      system2("sh", shQuote(c(file.path(model, "install"), "--check", dirname(installed))), stdout = FALSE) != 0) {
      cat(name, ": the installed model differs from its sources: run `make model`\n", sep = "", file = stderr())
      quit(status = 2)
    }
  }
  quit(status = getExportedValue("ryanwhite", paste0(name, "_main"))())
}
