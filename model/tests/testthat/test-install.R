test_that("a program beside changed sources refuses to run", {
  model <- normalizePath(test_path("..", ".."))
  skip_if_not(file.exists(file.path(model, "install")), "not in a source tree")
  copy <- file.path(fresh_directory(), "model")
  dir.create(copy)
  parts <- c("DESCRIPTION", "NAMESPACE", "R", "src", "inst", "exec", "install")
  file.copy(file.path(model, parts), copy, recursive = TRUE)
  program <- function() {
    suppressWarnings(system2(
      file.path(R.home("bin"), "Rscript"), shQuote(c(file.path(copy, "exec", "batch"), "--help")),
      stdout = TRUE, stderr = TRUE
    ))
  }
  expect_match(program(), "Usage: batch", all = FALSE)
  cat("# changed\n", file = file.path(copy, "R", "batch.R"), append = TRUE)
  output <- program()
  expect_identical(attr(output, "status"), 2L)
  expect_identical(as.character(output), "batch: the installed model differs from its sources: run `make model`")
})
