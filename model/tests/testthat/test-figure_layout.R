# What figures look like, apart from their numbers.
directory <- data_directory()
named_strata <- list(
  model = "ryan-white", dimensions = model_dimensions(),
  strata_names = list(sex = list(msm = "MSM", heterosexual_male = "Heterosexual male"), risk = list(never_IDU = "Never IDU"))
)
job <- write_job(
  directory,
  entry(
    scenarios = list("cessation", "prolonged_interruption"), outcomes = list("incidence", "suppression"),
    statistics = list("mean.and.interval", "median.and.interval", "individual.simulation"),
    facets = list("none", "age", "risk", "age+sex", "race+sex+risk", "age+race+sex+risk")
  ),
  catalog = named_strata
)
run <- run_job(job, directory)

axes <- function(figure, letter) figure$layout[grep(paste0("^", letter, "axis"), names(figure$layout))]
headings <- function(figure) utils::head(vapply(figure$layout$annotations, `[[`, "", "text"), -1)
plain <- function(text) gsub("<br>", " ", gsub("</?b>", "", text))
figure_of <- function(part, outcome = "incidence", ...) read_figure(figure_path(directory, outcome, part = part, ...))

test_that("a title names outcome, city, scenario, statistic and number of simulations", {
  expect_identical(run$status, 0L, info = paste(run$output, collapse = "\n"))
  statistics <- c(
    mean.and.interval = "mean, 95 % interval of 12 simulations",
    median.and.interval = "median, 95 % interval of 12 simulations",
    individual.simulation = "12 simulations"
  )
  for (statistic in names(statistics)) {
    figure <- figure_of("facet_age", "suppression", statistic = statistic)
    lines <- strsplit(figure$layout$title$text, "<br>", fixed = TRUE)[[1]]
    expect_match(lines[2], "<b>Viral suppression</b>", fixed = TRUE)
    expect_identical(lines[3:4], c("Baltimore-Columbia-Towson, MD", paste0("Cessation \u00b7 ", statistics[[statistic]])))
  }
  titles <- unlist(lapply(axes(figure, "y"), function(axis) axis$title$text))
  expect_identical(unname(titles), "Viral suppression (%)")
  expect_identical(figure$layout$meta[c("city", "scenario", "outcome", "statistic", "facet", "unit")], list(
    city = city, scenario = "cessation", outcome = "suppression", statistic = "individual.simulation",
    facet = "age", unit = "%"
  ))
})

test_that("the foot line has the simulation's date, the model's version and a warning", {
  version <- as.character(utils::packageVersion("ryanwhite"))
  expect_identical(
    foot_of(figure_of("unfaceted")),
    paste0("Simulated 2026-11-22 \u00b7 ryan-white ", version, " \u00b7 illustrative, not for inference")
  )
  undated <- lapply(small_city()[c("base", "cessation")], function(it) it[names(it) != "simulated"])
  expect_identical(
    foot_text(undated, "ryan-white", NULL, "row", 1),
    paste0("ryan-white ", version, " \u00b7 illustrative, not for inference")
  )
})

test_that("a point shows one box per year, in which each line has its name and the value its unit", {
  figure <- figure_of("facet_age", scenario = "prolonged_interruption")
  expect_identical(figure$layout$hovermode, "x unified")
  expect_identical(figure$layout$template$layout$legend$traceorder, "grouped")
  texts <- sub("<extra></extra>", "", vapply(figure$layout$template$data$scatter, `[[`, "", "hovertemplate"), fixed = TRUE)
  bounds <- c("95 % interval from %{y:,}", "95 % interval to %{y:,}")
  expect_identical(texts, c(
    "Baseline, mean: %{y:,} infections/year", bounds, "Prolonged Interruption, mean: %{y:,} infections/year", bounds
  ))
  years <- vapply(axes(figure, "x"), function(axis) axis$unifiedhovertitle$text, "", USE.NAMES = FALSE)
  expect_identical(years, paste0("%{x}, ", model_dimensions()$age))
  expect_identical(figure_of("facet_age", statistic = "individual.simulation")$layout$hovermode, "closest")
})

test_that("the dashed line is named in the legend, once", {
  for (part in c("unfaceted", "facet_age", "facet_race+sex+risk")) {
    shapes <- figure_of(part)$layout$shapes
    expect_identical(unlist(lapply(shapes, `[[`, "name")), "Services end (2026)", info = part)
    expect_identical(sum(vapply(shapes, function(shape) isTRUE(shape$showlegend), NA)), 1L)
  }
})

test_that("strata have the catalog's names, or their identifiers with blanks", {
  expect_identical(plain(headings(figure_of("facet_risk"))), c("active IDU", "IDU in remission", "Never IDU"))
  expect_identical(
    plain(headings(figure_of("facet_age+sex"))), c(model_dimensions()$age, "Heterosexual male", "MSM", "female")
  )
})

test_that("panels of several dimensions are a grid with headings of columns and nested rows", {
  for (case in list(
    list("facet_race+sex+risk", 3, 9, 3 + 3 + 9), list("facet_age+race+sex+risk", 5, 27, 5 + 3 + 9 + 27)
  )) {
    figure <- figure_of(case[[1]])
    expect_length(axes(figure, "x"), case[[2]])
    expect_length(axes(figure, "y"), case[[3]])
    expect_length(headings(figure), case[[4]])
    used <- vapply(named(figure, "Baseline"), function(trace) paste(trace$xaxis, trace$yaxis), "")
    expect_length(unique(used), case[[2]] * case[[3]])
    for (letter in c("x", "y")) {
      domains <- do.call(rbind, lapply(axes(figure, letter), `[[`, "domain"))
      domains <- domains[order(domains[, 1]), ]
      expect_true(all(domains >= 0 & domains <= 1 & domains[, 1] < domains[, 2]))
      expect_true(all(utils::head(domains[, 2], -1) < domains[-1, 1]))
    }
  }
})

test_that("a panel stands in the column and row of its strata", {
  grid <- panel_grid(c(5, 3, 3))
  panels <- expand.grid(sex = 1:3, race = 1:3, age = 1:5)
  expect_equal(grid$column, panels$age)
  expect_equal(grid$row, (panels$race - 1) * 3 + panels$sex)
  expect_identical(panel_grid(8)[c("columns", "rows")], list(columns = 6, rows = 2))
  headings <- grid_headings(list(age = 1:5, race = c("b", "o"), sex = c("f", "m")), panel_grid(c(5, 2, 2)))
  beside <- headings[headings$side == "right", ]
  expect_identical(beside$text, c("b", "o", "f", "m", "f", "m"))
  expect_equal(beside$first, c(1, 3, 1, 2, 3, 4))
  expect_equal(beside$last, c(2, 4, 1, 2, 3, 4))
})

test_that("counts share an axis within a row, per cent everywhere, and what differs has a note", {
  rows <- figure_of("facet_age+sex")
  expect_length(axes(rows, "y"), 3)
  expect_match(foot_of(rows), "^Each row has its own scale<br>")
  expect_null(axes(rows, "y")[[2]]$matches)
  highest <- function(figure, axis) {
    max(unlist(lapply(Filter(function(trace) trace$yaxis == axis, figure$data), `[[`, "y")))
  }
  for (i in 1:3) expect_equal(axes(rows, "y")[[i]]$range, c(0, 1.05 * highest(rows, c("y", "y2", "y3")[i])), tolerance = 0.01)
  share <- figure_of("facet_age+sex", "suppression")
  expect_identical(vapply(axes(share, "y")[-1], `[[`, "", "matches", USE.NAMES = FALSE), c("y", "y"))
  expect_no_match(foot_of(share), "scale")
})

test_that("a row of counts too different for one axis gives each panel its own, with a note", {
  expect_length(axes(figure_of("facet_age"), "y"), 1)
  expect_length(axes(figure_of("facet_risk"), "y"), 3)
  expect_match(foot_of(figure_of("facet_risk")), "^Each panel has its own scale<br>")
  expect_length(axes(figure_of("facet_risk", "suppression"), "y"), 1)
})

test_that("a figure takes the width of its page, and its height too unless it has many rows", {
  for (part in c("unfaceted", "facet_age", "facet_age+sex")) expect_null(figure_of(part)$layout$height)
  many <- figure_of("facet_age+race+sex+risk")$layout
  expect_gt(many$height, 27 * 54)
  expect_null(many$width)
  expect_true(many$autosize)
})
