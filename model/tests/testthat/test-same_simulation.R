# Baseline and scenario must have been simulated together.
directory <- data_directory(c("base", "prolonged_interruption"))
path <- file.path(directory, simulation_path(city, "cessation"))

# The log of a batch that draws two scenarios, of which `simulation` is one.
drawn_with <- function(simulation) {
  write_simulation(simulation, path)
  job <- write_job(directory, entry(scenarios = list("cessation", "prolonged_interruption")))
  run_job(job, directory)
}

other_city <- function(...) {
  arguments <- utils::modifyList(list(code = city, name = "Baltimore", population = 2840000, draws = 12), list(...))
  do.call(simulate_city, arguments)$cessation
}

test_that("a scenario simulated otherwise than its baseline is refused, with what differs", {
  changed <- function(...) utils::modifyList(small_city()$cessation, list(...))
  cases <- list(
    list(other_city(seed = 7), paste0("has seed ", city_seed(city, 7), ", the baseline has ", city_seed(city, 1))),
    list(other_city(draws = 11), "has draws 11, the baseline has 12"),
    list(other_city(population = 284000), "has population 284000, the baseline has 2840000"),
    list(changed(model_version = "0.9.0"), "has model version 0.9.0, the baseline has 1.0.0"),
    list(changed(years = 2011:2036), "has years 2011 to 2036, the baseline has 2010 to 2035"),
    list(changed(years = c(2010:2033, 2033L, 2035L)), "has other years than the baseline"),
    list(
      other_city(course = list(year = c(2000, 2040), level = c(0.4, 0.4))),
      "in 2025 differs from the baseline, although the scenario starts later"
    )
  )
  for (case in cases) {
    run <- drawn_with(case[[1]])
    expect_identical(run$status, 1L, info = case[[2]])
    expect_match(run$output, case[[2]], fixed = TRUE, all = FALSE)
    expect_match(run$output, "ERROR: C.12580/cessation: simulations/.*cessation[.]Rdata: .*simulate this city again", all = FALSE)
    expect_match(run$output, "1 plots drawn, 0 already there, 1 failed", all = FALSE)
  }
})

test_that("a scenario simulated on another day with the same seed is drawn, and both dates are shown", {
  later <- utils::modifyList(small_city()$cessation, list(simulated = "2026-11-29"))
  expect_identical(drawn_with(later)$status, 0L)
  expect_match(foot_of(read_figure(figure_path(directory))), "Simulated 2026-11-22 and 2026-11-29", fixed = TRUE)
})
