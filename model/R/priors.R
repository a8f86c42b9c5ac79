#' Priors of the model's parameters
#'
#' Every parameter is drawn independently: log-normal where `scale` is `"log"`,
#' logit-normal where it is `"logit"`. All of them are judgements that give
#' plausible orders of magnitude, not estimates.
#'
#' @return A data frame, one row per parameter: `parameter`, `scale`, `median`
#'   (natural units), `spread` (standard deviation on the scale) and `meaning`
#'   with the unit.
#' @export
model_priors <- function() {
  prior <- function(parameter, scale, median, spread, meaning) {
    data.frame(parameter, scale, median, spread, meaning)
  }
  rbind(
    prior("transmission", "log", 1, 0.05, "level of transmission, relative to the calibrated course"),
    prior("undiagnosed_infectivity", "log", 0.8, 0.10, "infectivity without a diagnosis, relative to diagnosed and unsuppressed"),
    prior("suppressed_infectivity", "logit", 0.01, 0.30, "infectivity when suppressed, likewise"),
    prior("sharing", "log", 1.0, 0.15, "transmission by shared injection, relative"),
    prior("prevalence", "log", 1, 0.05, "people with HIV at the start, relative"),
    prior("undiagnosed_start", "logit", 0.15, 0.10, "share of people with HIV who are undiagnosed at the start"),
    prior("diagnosis_rate", "log", 0.32, 0.08, "diagnoses per undiagnosed person and year in 2010"),
    prior("diagnosis_growth", "log", 0.055, 0.10, "growth of that rate per year"),
    prior("suppression_start", "logit", 0.45, 0.10, "share of diagnosed people suppressed in 2010"),
    prior("suppression_end", "logit", 0.88, 0.10, "share they tend to in the long run"),
    prior("care_turnover", "log", 4, 0.12, "rate at which suppression follows its target, per year"),
    prior("mortality", "log", 0.010, 0.10, "deaths per person and year, suppressed, below 55"),
    prior("unsuppressed_mortality", "log", 2.2, 0.10, "ratio of mortality, not suppressed to suppressed"),
    prior("prep_ceiling", "logit", 0.40, 0.20, "PrEP uptake in the long run, before differences between strata"),
    prior("prep_efficacy", "logit", 0.90, 0.20, "infections averted by PrEP among those who take it"),
    prior("testing", "logit", 0.20, 0.12, "share tested in a year in 2010, never injected, not MSM"),
    prior("client_share", "logit", 0.72, 0.12, "Ryan White clients among people diagnosed"),
    prior("adap_share", "logit", 0.50, 0.12, "ADAP clients among Ryan White clients"),
    prior("oahs_share", "logit", 0.60, 0.12, "outpatient clients among Ryan White clients"),
    prior("client_suppression", "logit", 0.35, 0.15, "part of the unsuppressed remainder that being a client closes"),
    prior("adap_loss", "logit", 0.50, 0.20, "ADAP clients who lose suppression when services end"),
    prior("oahs_loss", "logit", 0.30, 0.20, "outpatient clients (not in ADAP) who do"),
    prior("other_loss", "logit", 0.40, 0.20, "other clients who do"),
    prior("kept_services", "logit", 0.06, 0.25, "clients still served while services are interrupted"),
    prior("recovery", "log", 1.2, 0.20, "rate at which clients are found again afterwards, per year")
  )
}

# Standard deviation (log scale) of the differences between draws in how active
# each age, race and sex is: keeps strata from moving in lockstep.
profile_spread <- 0.12

# Draws of every parameter: a list of vectors with one value per draw, plus
# `activity`, a matrix draws x strata of relative activity.
draw_parameters <- function(draws, seed) {
  priors <- model_priors()
  with_seed(seed, {
    values <- lapply(seq_len(nrow(priors)), function(i) {
      deviate <- priors$spread[i] * stats::rnorm(draws)
      switch(priors$scale[i],
        log = priors$median[i] * exp(deviate),
        logit = stats::plogis(stats::qlogis(priors$median[i]) + deviate)
      )
    })
    names(values) <- priors$parameter
    strata <- strata_table()
    activity <- matrix(1, draws, nrow(strata))
    for (dimension in c("age", "race", "sex")) {
      levels <- model_dimensions()[[dimension]]
      deviates <- matrix(exp(profile_spread * stats::rnorm(draws * length(levels))), draws)
      activity <- activity * deviates[, match(strata[[dimension]], levels)]
    }
    c(values, list(activity = activity))
  })
}

# Evaluates `code` under a fixed generator and seed, and leaves the caller's
# random numbers as they were.
with_seed <- function(seed, code) {
  old <- get0(".Random.seed", globalenv(), inherits = FALSE)
  on.exit(
    if (is.null(old)) {
      rm(".Random.seed", envir = globalenv())
    } else {
      assign(".Random.seed", old, globalenv())
    }
  )
  set.seed(seed, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
  force(code)
}
