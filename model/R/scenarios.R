#' Scenarios of the model
#'
#' Services end at the start of 2026, for good or until `returns`. The lengths
#' of the two interruptions (18 and 42 months) are chosen for illustration.
#'
#' @return A named list; each scenario has `name`, `starts` and `returns`
#'   (calendar time in years; `Inf` means never). The baseline has no
#'   interruption: both are `Inf`.
#' @export
model_scenarios <- function() {
  list(
    base = list(name = "Baseline", starts = Inf, returns = Inf),
    cessation = list(name = "Cessation", starts = 2026, returns = Inf),
    brief_interruption = list(name = "Brief Interruption", starts = 2026, returns = 2027.5),
    prolonged_interruption = list(name = "Prolonged Interruption", starts = 2026, returns = 2029.5)
  )
}

# How much of the services is missing at `time`, one number per draw in [0, 1]:
# all of it while they are interrupted, then a remainder that shrinks at
# `recovery` per year as clients are found again.
service_gap <- function(scenario, time, recovery) {
  if (time < scenario$starts) {
    return(rep(0, length(recovery)))
  }
  exp(-recovery * max(0, time - scenario$returns))
}
