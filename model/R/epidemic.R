# The epidemic itself. State: matrices draws x strata of people undiagnosed,
# diagnosed but unsuppressed, and suppressed; the rest of a stratum's people is
# susceptible. README.md has the equations.

model_start <- 2006
model_years <- 2010:2035
steps_per_year <- 4

# Level of transmission over calendar time, fitted once so that the mean of
# Baltimore's `new` follows the published course that tests/testthat/calibration.yaml
# quotes; linear on the log scale in between.
transmission_course <- list(
  year = c(2006, 2010, 2013, 2016, 2019.9, 2022, 2025, 2030, 2035),
  level = c(0.359, 0.259, 0.182, 0.191, 0.234, 0.257, 0.271, 0.286, 0.333)
)

transmission_level <- function(time, course = transmission_course) {
  exp(stats::approx(course$year, log(course$level), time, rule = 2)$y)
}

# Fewer tests and so fewer diagnoses during the pandemic.
pandemic_testing <- function(time) {
  stats::approx(c(2020, 2020.3, 2021, 2022), c(1, 0.72, 0.88, 1), time, rule = 2)$y
}

# Share of diagnosed people that care keeps suppressed, draws x strata.
suppression_target <- function(parameters, time) {
  progress <- 1 - exp(-0.09 * max(0, time - 2010))
  mean <- stats::qlogis(parameters$suppression_start) * (1 - progress) +
    stats::qlogis(parameters$suppression_end) * progress - 0.05 * max(0, 2010 - time)
  difference <- log(stratum_profile(
    age = c(0.72, 0.85, 0.97, 1.12, 1.25), race = c(0.88, 0.98, 1.15), sex = c(0.92, 1.05, 1.0),
    risk = c(0.6, 0.88, 1.03)
  ))
  stats::plogis(outer(mean, difference, "+"))
}

diagnosis_rate <- function(parameters, time) {
  profile <- stratum_profile(
    age = c(0.9, 1.0, 1.05, 1.05, 1.0), sex = c(0.85, 1.05, 1.1), risk = c(1.15, 1.1, 1)
  )
  growth <- exp(parameters$diagnosis_growth * (time - 2010))
  outer(parameters$diagnosis_rate * growth * pandemic_testing(time), profile)
}

# PrEP uptake among people who would benefit from it, draws x strata.
prep_uptake <- function(parameters, time) {
  profile <- stratum_profile(
    age = c(0.75, 1.2, 1.1, 0.9, 0.6), race = c(0.75, 0.85, 1.3), sex = c(0.3, 1.25, 0.3),
    risk = c(0.5, 0.8, 1)
  )
  odds <- parameters$prep_ceiling / (1 - parameters$prep_ceiling)
  ceiling <- outer(odds, profile)
  ceiling / (1 + ceiling) * stats::plogis((time - 2019.5) / 1.8)
}

# Share of the susceptible who would benefit from PrEP.
prep_indicated_share <- function() {
  pmin(stratum_profile(age = c(0.9, 1.3, 1, 0.8, 0.4), sex = c(0.006, 0.28, 0.008), risk = c(12, 2, 1)), 0.6)
}

# Share of people suppressed who lose it when services end, one per draw: each
# kind of client by its own loss. Clients are suppressed more often than others,
# hence the ratio.
loss_of_suppression <- function(parameters) {
  adap <- parameters$adap_share
  oahs_only <- (1 - adap) * parameters$oahs_share
  other <- 1 - adap - oahs_only
  loss <- adap * parameters$adap_loss + oahs_only * parameters$oahs_loss +
    other * parameters$other_loss
  pmin(1, 1.2 * parameters$client_share) * loss
}

# Share of people diagnosed who are Ryan White clients in normal times, draws x strata.
client_share <- function(parameters) {
  profile <- stratum_profile(
    age = c(0.95, 1.05, 1.05, 1.0, 0.85), race = c(1.15, 1.2, 0.75), sex = c(1.0, 0.95, 1.1),
    risk = c(1.05, 1.1, 1)
  )
  odds <- outer(parameters$client_share / (1 - parameters$client_share), profile)
  odds / (1 + odds)
}

# Advances `state` through `years` and returns it, with one list of quantities
# (matrices draws x strata) per year.
project <- function(state, years, parameters, scenario, course = transmission_course) {
  people <- state$people[1, ]
  sexual <- sexual_mixing(people)
  sharing <- sharing_mixing(people)
  moves <- yearly_moves()
  activity <- sweep(parameters$activity, 2, sexual_activity(), "*")
  loss <- loss_of_suppression(parameters)
  ageing_mortality <- stratum_profile(age = c(0.5, 0.7, 1, 1.5, 3))
  suppressed_deaths <- outer(parameters$mortality, ageing_mortality)
  other_deaths <- suppressed_deaths * parameters$unsuppressed_mortality
  indicated <- prep_indicated_share()
  shares <- client_share(parameters)
  step <- 1 / steps_per_year

  yearly <- vector("list", length(years))
  for (i in seq_along(years)) {
    middle <- years[i] + 0.5
    uptake <- prep_uptake(parameters, middle)
    # Those who would benefit from PrEP carry about half of a stratum's risk.
    unprotected <- 1 - parameters$prep_efficacy * uptake * pmin(1, 0.5 + indicated)[col(uptake)]
    target <- suppression_target(parameters, middle)
    diagnosis <- diagnosis_rate(parameters, middle)
    infections <- diagnoses <- 0
    for (j in seq_len(steps_per_year)) {
      time <- years[i] + (j - 0.5) * step
      gap <- service_gap(scenario, time, parameters$recovery)
      infectious <- (parameters$undiagnosed_infectivity * state$undiagnosed + state$unsuppressed +
        parameters$suppressed_infectivity * state$suppressed) / state$people
      level <- parameters$transmission * transmission_level(time, course)
      force <- level * unprotected * (activity * (infectious %*% sexual) +
        0.3 * parameters$sharing * (infectious %*% sharing))
      susceptible <- pmax(
        state$people - state$undiagnosed - state$unsuppressed - state$suppressed,
        0.02 * state$people
      )
      infected <- susceptible * -expm1(-force * step)
      found <- state$undiagnosed * -expm1(-diagnosis * step)
      held <- target * (1 - loss * gap)
      regained <- state$unsuppressed * -expm1(-parameters$care_turnover * held * step)
      lost <- state$suppressed * -expm1(-parameters$care_turnover * (1 - held) * step)
      state$undiagnosed <- (state$undiagnosed - found) * exp(-other_deaths * step) + infected
      state$unsuppressed <- (state$unsuppressed - regained) * exp(-other_deaths * step) + found + lost
      state$suppressed <- (state$suppressed - lost) * exp(-suppressed_deaths * step) + regained
      infections <- infections + infected
      diagnoses <- diagnoses + found
    }
    for (compartment in c("undiagnosed", "unsuppressed", "suppressed")) {
      state[[compartment]] <- state[[compartment]] %*% moves
    }
    yearly[[i]] <- quantities(
      state, infections, diagnoses, uptake, indicated, shares, gap, parameters, years[i]
    )
  }
  list(state = state, yearly = yearly)
}
