# A scenario is drawn against its baseline draw by draw and year by year, and from
# the year before it starts. Unless both were simulated together, the difference
# between them says nothing.

# Returns the simulation, or stops with what differs.
check_same_simulation <- function(simulation, baseline, path) {
  refuse <- function(...) {
    stop(path, ": ", ..., "; simulate this city again, so that its files belong together", call. = FALSE)
  }
  own <- described_simulation(simulation)
  expected <- described_simulation(baseline)
  for (what in names(own)) {
    if (!identical(own[[what]], expected[[what]])) {
      refuse("has ", what, " ", shown_value(own[[what]]), ", the baseline has ", shown_value(expected[[what]]))
    }
  }
  if (!identical(simulation$years, baseline$years)) refuse("has other years than the baseline")
  if (!identical(simulation$dimensions, baseline$dimensions)) refuse("has other strata than the baseline")

  shared <- first_year_drawn(baseline$years, simulation$scenario$starts)
  for (quantity in intersect(names(simulation$quantities), names(baseline$quantities))) {
    if (!identical(year_of(simulation, quantity, shared), year_of(baseline, quantity, shared))) {
      refuse(quantity, " in ", baseline$years[shared], " differs from the baseline, although the scenario starts later")
    }
  }
  simulation
}

# How a simulation was made, in values that a message can show.
described_simulation <- function(simulation) {
  list(
    "model version" = simulation$model_version,
    seed = simulation$seed,
    population = simulation$city$population,
    draws = dim(simulation$quantities[[1]])[1],
    years = range(simulation$years)
  )
}

shown_value <- function(value) paste(format(value, trim = TRUE, scientific = FALSE), collapse = " to ")

# Numbers of the `i`-th year, of all draws and strata.
year_of <- function(simulation, quantity, i) {
  values <- simulation$quantities[[quantity]]
  draws <- dim(values)[1]
  strata <- length(values) / prod(dim(values)[1:2])
  values[outer((i - 1) * draws + seq_len(draws), (seq_len(strata) - 1) * prod(dim(values)[1:2]), `+`)]
}
