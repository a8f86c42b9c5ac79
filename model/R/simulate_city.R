#' Simulate a city
#'
#' Projects the epidemic of one metropolitan area from 2010 to 2035: the
#' baseline and every scenario of [model_scenarios()]. Scenarios share the
#' baseline's parameter draws and its course up to the year services end.
#'
#' @param code Code of the city, such as `"C.12580"`.
#' @param name Name of the city, for titles.
#' @param population Inhabitants (people, one number).
#' @param draws Number of parameter draws.
#' @param seed Integer; together with `code` it settles all random numbers: see
#'   [city_seed()].
#' @param date Date to record in the simulations; figures show it.
#' @param course Level of transmission over time, for calibration: a list of
#'   `year` and `level`.
#' @return A named list of simulations (`base` and one per scenario). Each is a
#'   list of class `ryanwhite_simulation` with `format`, `model_version`,
#'   `seed`, `simulated` (date), `city`, `scenario`, `years`, `dimensions`, `outcomes` and
#'   `quantities`: named arrays draw x year x age x race x sex x risk, in people
#'   (stocks, at the year's end) or events per year (flows).
#' @export
#' @examples
#' simulations <- simulate_city("C.1", "Smallville", 100000, draws = 2)
#' dim(simulations$base$quantities$diagnoses)
simulate_city <- function(code, name, population, draws = 80, seed = 1,
                          date = utc_date(), course = transmission_course) {
  city_seed <- city_seed(code, seed)
  parameters <- draw_parameters(draws, city_seed)
  scenarios <- model_scenarios()
  people <- population_by_stratum(population)
  state <- starting_state(parameters, people, population)
  split <- min(vapply(scenarios, `[[`, 0, "starts"))
  before <- model_years[model_years < split]
  after <- setdiff(model_years, before)

  burn_in <- project(state, seq(model_start, min(model_years) - 1), parameters, scenarios$base, course)
  shared <- project(burn_in$state, before, parameters, scenarios$base, course)
  describe <- function(id) {
    own <- project(shared$state, after, parameters, scenarios[[id]], course)
    structure(
      list(
        format = simulation_format,
        model_version = as.character(utils::packageVersion("ryanwhite")),
        seed = city_seed,
        simulated = format(date),
        city = list(code = code, name = name, population = population),
        scenario = c(list(id = id), scenarios[[id]]),
        years = model_years,
        dimensions = model_dimensions(),
        outcomes = model_outcomes(),
        quantities = stack_years(c(shared$yearly, own$yearly))
      ),
      class = "ryanwhite_simulation"
    )
  }
  sapply(names(scenarios), describe, simplify = FALSE)
}

#' Seed of a city
#'
#' The same city gets the same draws wherever and in whatever order it is
#' simulated: the seed is a polynomial hash of the code's characters.
#'
#' @param code Code of the city.
#' @param seed Integer added to the hash, for other draws of all cities.
#' @return One integer below 2^31 - 1.
#' @export
city_seed <- function(code, seed = 1) {
  modulus <- 2^31 - 1
  hash <- 0
  for (character in utf8ToInt(code)) {
    hash <- (hash * 131 + character) %% modulus
  }
  as.integer((hash + seed) %% modulus)
}

# From a list of years, each a list of matrices draws x strata, to one array per
# quantity with named dimensions.
stack_years <- function(yearly) {
  dimensions <- model_dimensions()
  draws <- nrow(yearly[[1]][[1]])
  size <- c(draws, length(yearly), lengths(dimensions, use.names = FALSE))
  labels <- c(list(draw = NULL, year = as.character(model_years)), dimensions)
  sapply(names(yearly[[1]]), function(quantity) {
    stacked <- array(0, c(draws, length(yearly), prod(lengths(dimensions))))
    for (i in seq_along(yearly)) stacked[, i, ] <- yearly[[i]][[quantity]]
    array(stacked, size, labels)
  }, simplify = FALSE)
}
