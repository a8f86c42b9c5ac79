# From a simulation's arrays to the numbers of one outcome, for the strata of
# every facet at once.

# Values of an outcome as a matrix: draws and years in rows (draws fastest), the
# strata of all `facets` (from facet_strata()) side by side in columns. A
# proportion over merged strata is sum of numerators / sum of denominators, in
# per cent. Years before the `first`-th are left out.
outcome_values <- function(simulation, outcome, facets, first = 1L) {
  groupings <- unname(lapply(facets, `[[`, "groups"))
  sizes <- unname(vapply(facets, `[[`, 0L, "panels"))
  skip <- (first - 1L) * dim(simulation$quantities[[1]])[1]
  side_by_side <- function(quantity) {
    values <- simulation$quantities[[quantity]]
    if (is.null(values)) stop("the simulation has no quantity '", quantity, "'", call. = FALSE)
    .Call(ryanwhite_sum_groups, values, groupings, sizes, skip)
  }
  values <- side_by_side(outcome$numerator)
  if (!is.null(outcome$denominator)) values <- 100 * values / side_by_side(outcome$denominator)
  values
}

#' Summaries over draws
#'
#' @param values Doubles, draws fastest.
#' @param draws Number of draws.
#' @return A list of vectors with one number per group of `draws` values:
#'   `mean`, `median`, `lower` and `upper` (quantiles 0.025 and 0.975, type 7
#'   of [stats::quantile()]).
#' @export
#' @examples
#' summarise_draws(as.double(1:80), 80)$upper
summarise_draws <- function(values, draws) {
  .Call(ryanwhite_summarise, values, as.integer(draws))
}

#' Draws that fit a figure
#'
#' Thinned evenly, the same for baseline and scenario.
#'
#' @param draws Number of draws there are.
#' @param points_per_draw Points that one draw adds to the figure: years x
#'   panels x 2.
#' @param limit Points that a figure may have.
#' @return Indices of the draws to keep; at least one.
#' @export
#' @examples
#' length(kept_draws(80, 26 * 15 * 2, 50000))
kept_draws <- function(draws, points_per_draw, limit) {
  keep <- max(1, min(draws, limit %/% points_per_draw))
  as.integer(1 + floor((seq_len(keep) - 1) * draws / keep))
}
