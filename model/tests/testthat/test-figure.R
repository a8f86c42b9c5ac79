# Figures as the program writes them, against straightforward base R.
directory <- data_directory()
job <- write_job(
  directory,
  entry(
    outcomes = list("incidence", "suppression", "new"),
    statistics = list("mean.and.interval", "median.and.interval", "individual.simulation"),
    facets = list("none", "age", "age+race", "risk+sex+race+age")
  )
)
run <- run_job(job, directory, "--events", "events.ndjson")

test_that("every combination is drawn", {
  expect_identical(run$status, 0L, info = paste(run$output, collapse = "\n"))
  expect_length(list.files(file.path(directory, "out"), pattern = "_metadata[.]json$", recursive = TRUE), 36)
  expect_length(list.files(file.path(directory, "out"), recursive = TRUE), 72)
  expect_length(list.files(directory, pattern = "partial", recursive = TRUE, all.files = TRUE), 0)
})

# Years of the scenarios that are drawn: from the one before services end.
drawn <- 16:26

# draw x year x panel, for the panels of age x race or none.
straightforward <- function(id, numerator, denominator = NULL, by = NULL) {
  sums <- function(quantity) {
    values <- apply(small_city()[[id]]$quantities[[quantity]], c("draw", "year", by), sum)
    # Panels: race changes fastest.
    if (length(by) == 2) values <- aperm(values, c(1, 2, 4, 3))
    array(values, c(12, 26, length(values) / 312))
  }
  values <- if (is.null(denominator)) sums(numerator) else 100 * sums(numerator) / sums(denominator)
  if (id == "base") values else values[, drawn, , drop = FALSE]
}

# Draws of one panel as a figure has them: years by draw, with a gap after each draw but the last.
with_gaps <- function(values) utils::head(as.vector(rbind(t(values), NA)), -1)

test_that("means and intervals are those of the simulations", {
  for (case in list(
    list("incidence", "unfaceted", straightforward("cessation", "infections")),
    list("suppression", "facet_age+race", straightforward("cessation", "suppressed", "diagnosed", c("age", "race")))
  )) {
    for (statistic in c("mean", "median")) {
      figure <- read_figure(figure_path(directory, case[[1]], paste0(statistic, ".and.interval"), case[[2]]))
      central <- apply(case[[3]], 2:3, statistic)
      upper <- apply(case[[3]], 2:3, stats::quantile, 0.975, names = FALSE)
      lower <- apply(case[[3]], 2:3, stats::quantile, 0.025, names = FALSE)
      panels <- dim(case[[3]])[3]
      expect_length(named(figure, "Cessation"), panels)
      read <- function(name) vapply(named(figure, name), `[[`, numeric(11), "y")
      expect_equal(read("Cessation"), central, tolerance = 1e-3)
      expect_equal(read("Cessation 97.5%"), upper, tolerance = 1e-3)
      expect_equal(read("Cessation 2.5%"), lower, tolerance = 1e-3)
    }
  }
})

test_that("the baseline is drawn from its first year, a scenario from the year before it starts", {
  figure <- read_figure(figure_path(directory))
  expect_identical(vapply(figure$data, `[[`, 0L, "x0"), rep(c(2010L, 2025L), each = 3))
  expect_identical(lengths(lapply(figure$data, `[[`, "y")), rep(c(26L, 11L), each = 3))
  expect_identical(named(figure, "Cessation")[[1]]$y[1], named(figure, "Baseline")[[1]]$y[16])
})

test_that("the baseline's trace holds the baseline", {
  figure <- read_figure(figure_path(directory))
  expected <- colMeans(straightforward("base", "infections")[, , 1])
  expect_equal(named(figure, "Baseline")[[1]]$y, expected, tolerance = 1e-3)
})

test_that("individual draws are lines with gaps between them", {
  figure <- read_figure(figure_path(directory, "incidence", "individual.simulation"))
  for (case in list(list("Baseline", "base", 2010:2035), list("Cessation", "cessation", 2025:2035))) {
    trace <- named(figure, case[[1]])[[1]]
    expect_equal(trace$y, with_gaps(straightforward(case[[2]], "infections")[, , 1]), tolerance = 1e-3)
    years <- with_gaps(matrix(case[[3]], 12, length(case[[3]]), byrow = TRUE))
    expect_equal(ifelse(is.na(trace$y), NA, decoded(trace$x)), years)
  }
  expect_identical(figure$layout$meta[c("draws", "draws_kept", "points")], list(draws = 12L, draws_kept = 12L, points = 444L))
})

test_that("a draw says its number when pointed at", {
  figure <- read_figure(figure_path(directory, "incidence", "individual.simulation", "facet_age"))
  for (trace in drawn_traces(figure)) {
    expect_match(trace$hovertemplate, "%{x}, simulation %{customdata} of 12", fixed = TRUE)
    expect_match(trace$hovertemplate, paste0(trace$name, ": %{y:,} infections/year"), fixed = TRUE)
    numbers <- decoded(trace$customdata)
    expect_length(numbers, length(trace$y))
    expect_identical(rle(numbers)$values, 1:12)
    expect_true(all(diff(which(is.na(trace$y))) == rle(numbers)$lengths[1]))
  }
})

test_that("individual draws are rounded to less than can be seen, on each panel's own axis or the shared one", {
  for (case in list(
    list("incidence", straightforward("cessation", "infections", by = c("age", "race"))),
    list("suppression", straightforward("cessation", "suppressed", "diagnosed", c("age", "race")))
  )) {
    figure <- read_figure(figure_path(directory, case[[1]], "individual.simulation", "facet_age+race"))
    lines <- vapply(named(figure, "Cessation"), `[[`, numeric(12 * 12 - 1), "y")
    values <- case[[2]]
    highest <- apply(values, 3, max)
    if (case[[1]] == "suppression") highest[] <- max(highest)
    for (panel in seq_len(15)) {
      expected <- with_gaps(values[, , panel])
      expect_lt(max(abs(lines[, panel] - expected), na.rm = TRUE), highest[panel] / 1999)
      expect_identical(is.na(lines[, panel]), is.na(expected))
    }
  }
})

test_that("an interval lies between its bounds, in the colours of its line", {
  for (part in c("unfaceted", "facet_age+race")) {
    figure <- read_figure(figure_path(directory, "new", part = part))
    traces <- drawn_traces(figure)
    for (i in seq(0, length(figure$data) - 6, 6)) {
      panel <- traces[i + 1:6]
      expect_identical(vapply(panel, `[[`, "", "name"), c(
        "Baseline", "Baseline 2.5%", "Baseline 97.5%", "Cessation", "Cessation 2.5%", "Cessation 97.5%"
      ))
      expect_identical(lapply(panel, `[[`, "fill"), list(NULL, NULL, "tonexty", NULL, NULL, "tonexty"))
      expect_identical(vapply(panel, `[[`, "", "legendgroup"), rep(c("baseline", "scenario"), each = 3))
      expect_identical(unique(vapply(panel, `[[`, "", "mode")), "lines")
      rgb <- function(text) gsub("[^0-9,]", "", sub("rgba?[(]([0-9]+,[0-9]+,[0-9]+).*", "\\1", text))
      expect_identical(rgb(panel[[3]]$fillcolor), rgb(panel[[1]]$line$color))
      expect_identical(rgb(panel[[6]]$fillcolor), rgb(panel[[4]]$line$color))
    }
  }
})

test_that("the legend has the baseline and the scenario, once each", {
  for (part in c("unfaceted", "facet_age", "facet_age+race+sex+risk")) {
    for (statistic in c("mean.and.interval", "individual.simulation")) {
      figure <- read_figure(figure_path(directory, "incidence", statistic, part))
      shown <- Filter(function(trace) !identical(trace$showlegend, FALSE), drawn_traces(figure))
      expect_identical(vapply(shown, `[[`, "", "name"), c("Baseline", "Cessation"), info = part)
    }
  }
})

test_that("observed data are markers with their source, where there are any", {
  figure <- read_figure(figure_path(directory, "new"))
  observed <- named(list(data = drawn_traces(figure)), "Observed")[[1]]
  expect_true(observed$showlegend)
  expect_identical(observed$mode, "markers")
  expect_identical(observed$x, 2008:2021)
  expect_identical(observed$y[1:2], c(1133L, 934L))
  expect_match(observed$hovertemplate, "Observed: %{y:,} diagnoses/year", fixed = TRUE)
  expect_match(foot_of(figure), "Observed: CDC AtlasPlus")
  expect_gt(figure$layout$yaxis$range[2], 1133)
  expect_lt(figure$layout$xaxis$range[1], 2008)
  expect_length(named(read_figure(figure_path(directory, "new", part = "facet_age")), "Observed"), 0)
})

test_that("metadata has the contract's fields, as single values", {
  path <- sub("[.]json$", "_metadata.json", figure_path(directory, part = "facet_age+race"))
  text <- paste(readLines(path), collapse = "")
  metadata <- jsonlite::fromJSON(text)
  expect_identical(metadata[c("city", "scenario", "outcome", "statistic_type", "facet_choice", "has_baseline")], list(
    city = city, scenario = "cessation", outcome = "incidence", statistic_type = "mean.and.interval",
    facet_choice = "age+race", has_baseline = TRUE
  ))
  expect_identical(metadata$json_path, "C.12580/cessation/incidence_mean.and.interval_facet_age+race.json")
  expect_true(file.exists(file.path(directory, "out", metadata$file_path)))
  written <- as.POSIXct(metadata$generation_time, format = "%Y-%m-%dT%H:%M:%SZ", tz = "UTC")
  expect_lt(abs(as.numeric(difftime(Sys.time(), written, units = "secs"))), 300)
  expect_no_match(text, "[", fixed = TRUE)
})

test_that("events name every plot, once, by a path that is there", {
  events <- lapply(readLines(file.path(directory, "events.ndjson")), jsonlite::fromJSON)
  paths <- vapply(events, `[[`, "", "path")
  expect_length(unique(paths), 36)
  expect_true(all(file.exists(file.path(directory, "out", paths))))
  expect_setequal(names(events[[1]]), c("event", "scenario", "outcome", "statistic", "facet", "path"))
})

test_that("the same input gives the same bytes, in any locale", {
  again <- data_directory()
  Sys.setenv(LC_ALL = "C")
  on.exit(Sys.unsetenv("LC_ALL"), add = TRUE)
  expect_identical(run_job(job, again)$status, 0L)
  paths <- setdiff(
    list.files(file.path(again, "out"), recursive = TRUE),
    list.files(file.path(again, "out"), pattern = "_metadata", recursive = TRUE)
  )
  expect_length(paths, 36)
  expect_identical(
    unname(tools::md5sum(file.path(again, "out", paths))),
    unname(tools::md5sum(file.path(directory, "out", paths)))
  )
})
