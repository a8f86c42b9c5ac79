# What is saved of one year: every numerator and denominator of the outcomes, as
# matrices draws x strata. `gap` is the part of services missing at the year's end.
quantities <- function(state, infections, diagnoses, uptake, indicated, shares, gap,
                       parameters, year) {
  diagnosed <- state$unsuppressed + state$suppressed
  infected <- diagnosed + state$undiagnosed
  susceptible <- pmax(state$people - infected, 0.02 * state$people)
  testable <- susceptible + state$undiagnosed
  on_indication <- susceptible * indicated[col(susceptible)]
  # A remainder of services stays in place under other funds.
  served <- 1 - gap * (1 - parameters$kept_services)
  clients <- shares * diagnosed * served
  adap <- parameters$adap_share * clients
  oahs <- parameters$oahs_share * clients
  suppression <- state$suppressed / diagnosed
  # Clients are suppressed more often; those of interrupted services lose that
  # and what the scenario takes from them (already in `suppression`).
  client_suppression <- suppression + parameters$client_suppression * (1 - suppression) * (1 - gap)
  list(
    infections = infections,
    diagnoses = diagnoses,
    infected = infected,
    diagnosed = diagnosed,
    suppressed = state$suppressed,
    testable = testable,
    tested = testable * testing_share(parameters, year),
    prep_indicated = on_indication,
    on_prep = on_indication * uptake,
    clients = clients,
    adap_clients = adap,
    non_adap_clients = clients - adap,
    oahs_clients = oahs,
    oahs_suppressed = oahs * client_suppression,
    adap_suppressed = adap * (client_suppression + 0.15 * (1 - client_suppression) * (1 - gap))
  )
}

# Share of people without a diagnosis tested within a year, draws x strata.
testing_share <- function(parameters, year) {
  profile <- stratum_profile(
    age = c(0.85, 1.5, 1.2, 0.8, 0.4), race = c(1.8, 1.3, 0.85), sex = c(0.85, 3.0, 1.05),
    risk = c(2.6, 1.5, 1)
  )
  odds <- parameters$testing / (1 - parameters$testing) *
    exp(0.4 * parameters$diagnosis_growth * (year - 2010)) * pandemic_testing(year + 0.5)
  odds <- outer(odds, profile)
  odds / (1 + odds)
}
