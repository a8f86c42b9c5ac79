# A small city, simulated once for all tests: 12 draws.
city <- "C.12580"
small_city <- local({
  cached <- NULL
  function() {
    if (is.null(cached)) {
      cached <<- simulate_city(city, "Baltimore-Columbia-Towson, MD", 2840000, draws = 12, date = as.Date("2026-11-22"))
    }
    cached
  }
})

# A directory of the session's own, so it goes when the session does.
fresh_directory <- function() {
  directory <- tempfile("ryanwhite")
  dir.create(directory)
  directory
}

# A fresh working directory with the small city's files in it.
data_directory <- function(scenarios = names(model_scenarios())) {
  directory <- fresh_directory()
  for (id in scenarios) {
    write_simulation(small_city()[[id]], file.path(directory, simulation_path(city, id)))
  }
  directory
}

# Writes a job file; `...` are its entries, as R lists.
write_job <- function(directory, ..., catalog = NULL, name = "job.yaml") {
  path <- file.path(directory, name)
  job <- list(expected_plots = 1, jobs = list(...))
  if (!is.null(catalog)) job$catalog <- catalog
  yaml::write_yaml(job, path)
  path
}

entry <- function(scenarios = list("cessation"), outcomes = list("incidence"),
                  statistics = list("mean.and.interval"), facets = list("none"), code = city) {
  list(city = code, scenarios = scenarios, outcomes = outcomes, statistics = statistics, facets = facets)
}

# Runs a program of exec/ as its user does: a process of its own, in `directory`.
run_program <- function(program, arguments, directory) {
  script <- test_path("..", "..", "exec", program)
  if (!file.exists(script)) script <- system.file("exec", program, package = "ryanwhite")
  script <- normalizePath(script)
  previous <- setwd(directory)
  on.exit(setwd(previous))
  errors <- tempfile()
  Sys.setenv(R_LIBS = paste(.libPaths(), collapse = ":"))
  output <- suppressWarnings(system2(
    file.path(R.home("bin"), "Rscript"), shQuote(c(script, arguments)), stdout = TRUE, stderr = errors
  ))
  status <- attr(output, "status")
  list(status = if (is.null(status)) 0L else status, output = as.character(output), errors = readLines(errors))
}

run_job <- function(job, directory, ...) {
  run_program("batch", c("--config", job, "--output-dir", "out", ...), directory)
}

figure_path <- function(directory, outcome = "incidence", statistic = "mean.and.interval",
                        part = "unfaceted", scenario = "cessation") {
  file.path(directory, "out", city, scenario, paste0(outcome, "_", statistic, "_", part, ".json"))
}

read_figure <- function(path) jsonlite::fromJSON(path, simplifyVector = TRUE, simplifyDataFrame = FALSE)

# A file system of its own with little room, for `code(directory)`; needs root.
with_small_disk <- function(kilobytes, code) {
  directory <- fresh_directory()
  mounted <- suppressWarnings(system2(
    "mount", c("-t", "tmpfs", "-o", paste0("size=", kilobytes, "k"), "tmpfs", directory), stdout = FALSE, stderr = FALSE
  ))
  skip_if(mounted != 0, "mounting a small disk needs root")
  on.exit(system2("umount", directory))
  code(directory)
}

# Traces as Plotly completes them: the n-th with the n-th style of the figure's
# template, round and round.
drawn_traces <- function(figure) {
  styles <- figure$layout$template$data$scatter
  Map(function(trace, style) utils::modifyList(style, trace), figure$data, rep_len(styles, length(figure$data)))
}

# The numbers of a typed array of one or two bytes each.
decoded <- function(array) {
  size <- c(u1 = 1, i2 = 2)[[array$dtype]]
  bytes <- jsonlite::base64_dec(array$bdata)
  readBin(bytes, "integer", length(bytes) / size, size = size, signed = size == 2, endian = "little")
}

named <- function(figure, name) Filter(function(trace) identical(trace$name, name), figure$data)

# A figure's foot line: the last of its annotations.
foot_of <- function(figure) utils::tail(figure$layout$annotations, 1)[[1]]$text
