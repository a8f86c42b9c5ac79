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

# draw x year x panel, for the panels of age x race or none.
straightforward <- function(id, numerator, denominator = NULL, by = NULL) {
  sums <- function(quantity) {
    values <- apply(small_city()[[id]]$quantities[[quantity]], c("draw", "year", by), sum)
    # Panels: race changes fastest.
    if (length(by) == 2) values <- aperm(values, c(1, 2, 4, 3))
    array(values, c(12, 26, length(values) / 312))
  }
  if (is.null(denominator)) sums(numerator) else 100 * sums(numerator) / sums(denominator)
}

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
      read <- function(name) vapply(named(figure, name), `[[`, numeric(26), "y")
      expect_equal(read("Cessation"), central, tolerance = 1e-3)
      expect_equal(read("Cessation 97.5%"), upper, tolerance = 1e-3)
      expect_equal(read("Cessation 2.5%"), lower, tolerance = 1e-3)
      expect_identical(unique(vapply(figure$data[seq_len(6)], `[[`, 0L, "x0")), 2010L)
    }
  }
})

test_that("the baseline's trace holds the baseline", {
  figure <- read_figure(figure_path(directory))
  expected <- colMeans(straightforward("base", "infections")[, , 1])
  expect_equal(named(figure, "Baseline")[[1]]$y, expected, tolerance = 1e-3)
})

test_that("individual draws are lines with gaps between them", {
  figure <- read_figure(figure_path(directory, "incidence", "individual.simulation"))
  trace <- named(figure, "Cessation")[[1]]
  values <- straightforward("cessation", "infections")[, , 1]
  expected <- as.vector(rbind(t(values), NA))[seq_len(12 * 27 - 1)]
  expect_equal(trace$y, expected, tolerance = 1e-3)
  years <- rep(c(2010:2035, NA), 12)[seq_len(12 * 27 - 1)]
  expect_equal(ifelse(is.na(trace$y), NA, decoded(trace$x)), years)
  expect_identical(figure$layout$meta[c("draws", "draws_kept", "points")], list(draws = 12L, draws_kept = 12L, points = 624L))
})

test_that("individual draws are rounded to less than can be seen, on each panel's own axis or the shared one", {
  for (case in list(
    list("incidence", straightforward("cessation", "infections", by = c("age", "race"))),
    list("suppression", straightforward("cessation", "suppressed", "diagnosed", c("age", "race")))
  )) {
    figure <- read_figure(figure_path(directory, case[[1]], "individual.simulation", "facet_age+race"))
    drawn <- vapply(named(figure, "Cessation"), `[[`, numeric(12 * 27 - 1), "y")
    values <- case[[2]]
    highest <- apply(values, 3, max)
    if (case[[1]] == "suppression") highest[] <- max(highest)
    for (panel in seq_len(15)) {
      expected <- as.vector(rbind(t(values[, , panel]), NA))[seq_len(12 * 27 - 1)]
      expect_lt(max(abs(drawn[, panel] - expected), na.rm = TRUE), highest[panel] / 1999)
      expect_identical(is.na(drawn[, panel]), is.na(expected))
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
        "Baseline 2.5%", "Baseline 97.5%", "Cessation 2.5%", "Cessation 97.5%", "Baseline", "Cessation"
      ))
      expect_identical(lapply(panel, `[[`, "fill"), list(NULL, "tonexty", NULL, "tonexty", NULL, NULL))
      expect_identical(vapply(panel, `[[`, "", "legendgroup"), rep(c("baseline", "scenario", "baseline", "scenario"), c(2, 2, 1, 1)))
      expect_identical(unique(vapply(panel, `[[`, "", "mode")), "lines")
      rgb <- function(text) gsub("[^0-9,]", "", sub("rgba?[(]([0-9]+,[0-9]+,[0-9]+).*", "\\1", text))
      expect_identical(rgb(panel[[2]]$fillcolor), rgb(panel[[5]]$line$color))
      expect_identical(rgb(panel[[4]]$fillcolor), rgb(panel[[6]]$line$color))
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
  expect_match(observed$hovertemplate, "CDC AtlasPlus")
  expect_lt(figure$layout$xaxis$range[1], 2008)
  expect_length(named(read_figure(figure_path(directory, "new", part = "facet_age")), "Observed"), 0)
})

test_that("135 panels have 135 pairs of axes that do not overlap, and a title each", {
  figure <- read_figure(figure_path(directory, part = "facet_age+race+sex+risk"))
  layout <- figure$layout
  expect_length(grep("^xaxis", names(layout)), 135)
  expect_length(grep("^yaxis", names(layout)), 135)
  expect_length(layout$annotations, 135)
  used <- vapply(named(figure, "Baseline"), function(trace) paste(trace$xaxis, trace$yaxis), "")
  expect_identical(used, paste0("x", c("", 2:135), " y", c("", 2:135)))
  boxes <- t(vapply(c("", 2:135), function(suffix) {
    c(layout[[paste0("xaxis", suffix)]]$domain, layout[[paste0("yaxis", suffix)]]$domain)
  }, numeric(4)))
  expect_true(all(boxes >= 0 & boxes <= 1))
  expect_true(all(boxes[, 1] < boxes[, 2] & boxes[, 3] < boxes[, 4]))
  apart <- function(i, j) {
    boxes[i, 2] < boxes[j, 1] || boxes[j, 2] < boxes[i, 1] || boxes[i, 4] < boxes[j, 3] || boxes[j, 4] < boxes[i, 3]
  }
  pairs <- utils::combn(135, 2)
  expect_true(all(mapply(apart, pairs[1, ], pairs[2, ])))
})

test_that("a figure says what it shows", {
  figure <- read_figure(figure_path(directory, "suppression", part = "facet_age"))
  titles <- unlist(lapply(figure$layout[grep("^yaxis", names(figure$layout))], function(axis) axis$title$text))
  expect_identical(unname(titles), "Viral suppression (%)")
  expect_match(figure$layout$title$text, "Viral suppression.*Baltimore-Columbia-Towson, MD.*Cessation")
  expect_identical(
    vapply(figure$layout$annotations, `[[`, "", "text"), model_dimensions()$age
  )
  expect_identical(figure$layout$meta[c("city", "scenario", "outcome", "statistic", "facet", "unit")], list(
    city = city, scenario = "cessation", outcome = "suppression", statistic = "mean.and.interval",
    facet = "age", unit = "%"
  ))
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
