# Who lives in a metropolitan area, and who has HIV when the model starts. Every
# profile is a rounded order of magnitude for a large US metro: only the city's
# population differs between cities.

# Share of a metro's population that is 13 years or older.
adult_share <- 0.84

# People with HIV per inhabitant at the start of the model.
start_prevalence <- 0.0066

# People per stratum (vector of 135).
population_by_stratum <- function(population) {
  strata <- strata_table()
  shares <- stratum_profile(
    age = c(0.19, 0.17, 0.16, 0.16, 0.32),
    race = c(0.24, 0.16, 0.60),
    sex = c(0.462, 0.023, 0.515)
  )
  injecting <- cbind(active_IDU = 0.005, IDU_in_remission = 0.012, never_IDU = 0.983)
  injecting_by_sex <- rbind(
    heterosexual_male = injecting * c(1.3, 1.3, 1),
    msm = injecting * c(3, 3, 1),
    female = injecting * c(0.6, 0.6, 1)
  )
  rownames(injecting_by_sex) <- model_dimensions()$sex
  injecting_by_sex <- injecting_by_sex / rowSums(injecting_by_sex)
  shares <- shares * injecting_by_sex[cbind(strata$sex, strata$risk)]
  population * adult_share * shares / sum(shares)
}

# Prevalence of HIV per stratum at the start: odds are a product of factors, and
# their level is such that the city's total is `start_prevalence`.
prevalence_by_stratum <- function(people, population) {
  odds <- stratum_profile(
    age = c(0.20, 0.70, 1.35, 1.55, 0.60),
    race = c(5.5, 2.0, 1.0),
    sex = c(1.0, 38, 1.1),
    risk = c(10, 9, 1)
  )
  excess <- function(log_level) {
    sum(people * stats::plogis(log_level + log(odds))) - start_prevalence * population
  }
  level <- stats::uniroot(excess, c(-20, 5), tol = 1e-10)$root
  stats::plogis(level + log(odds))
}

# State at the start of the model: a list of matrices draws x strata.
starting_state <- function(parameters, people, population) {
  draws <- length(parameters$transmission)
  infected <- outer(parameters$prevalence, people * prevalence_by_stratum(people, population))
  # Young people are undiagnosed more often; mean over the epidemic about 1.
  young <- stratum_profile(age = c(2.2, 1.5, 1.0, 0.8, 0.7))
  undiagnosed <- infected * pmin(outer(parameters$undiagnosed_start, young), 0.7)
  suppressed <- (infected - undiagnosed) * suppression_target(parameters, model_start)
  list(
    people = matrix(people, draws, length(people), byrow = TRUE),
    undiagnosed = undiagnosed,
    unsuppressed = infected - undiagnosed - suppressed,
    suppressed = suppressed
  )
}
