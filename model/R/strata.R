#' Strata of the model
#'
#' @return A named list of character vectors: the strata of each dimension, in
#'   the order in which arrays hold them.
#' @export
#' @examples
#' prod(lengths(model_dimensions())) # 135 strata
model_dimensions <- function() {
  list(
    age = c("13-24 years", "25-34 years", "35-44 years", "45-54 years", "55+ years"),
    race = c("black", "hispanic", "other"),
    sex = c("heterosexual_male", "msm", "female"),
    risk = c("active_IDU", "IDU_in_remission", "never_IDU")
  )
}

# One row per stratum, one column per dimension; the first dimension changes
# fastest, as in an array.
strata_table <- function(dimensions = model_dimensions()) {
  expand.grid(dimensions, KEEP.OUT.ATTRS = FALSE, stringsAsFactors = FALSE)
}

# The product over dimensions of one factor per stratum: how all profiles of
# the model (activity, prevalence, uptake) are stated. A dimension that is not
# named has factor 1 throughout.
stratum_profile <- function(..., strata = strata_table()) {
  factors <- list(...)
  dimensions <- model_dimensions()
  profile <- rep(1, nrow(strata))
  for (dimension in names(factors)) {
    values <- factors[[dimension]]
    stopifnot(length(values) == length(dimensions[[dimension]]))
    profile <- profile * values[match(strata[[dimension]], dimensions[[dimension]])]
  }
  profile
}
