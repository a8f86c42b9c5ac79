# The numbers of one outcome of one simulation as JSON arrays, each made when a
# figure first asks for it and kept for the figures that follow: the baseline's
# serve every scenario.

# `first`: index of the first year that is drawn.
new_series <- function(simulation, outcome, facets, first = 1L) {
  series <- new.env(parent = emptyenv())
  series$values <- outcome_values(simulation, outcome, facets, first)
  series$draws <- dim(simulation$quantities[[1]])[1]
  series$years <- simulation$years[first:length(simulation$years)]
  panels <- vapply(facets, `[[`, 0L, "panels")
  # Columns of `values` that hold the panels of each facet.
  series$columns <- Map(seq.int, cumsum(panels) - panels + 1L, length.out = panels)
  series$arrays <- list()
  series
}

# Index of the first year of a scenario to draw: the year before it starts, since
# until then it is the baseline.
first_year_drawn <- function(years, starts) max(1L, sum(years < starts) * is.finite(starts))

summaries_of <- function(series) {
  if (is.null(series$summaries)) series$summaries <- summarise_draws(series$values, series$draws)
  series$summaries
}

# Arrays of a summary (mean, median, lower, upper), one per panel of the facet.
summary_arrays <- function(series, summary, facet) {
  if (is.null(series$arrays[[summary]])) {
    series$arrays[[summary]] <- json_columns(summaries_of(series)[[summary]], length(series$years))
  }
  series$arrays[[summary]][series$columns[[facet]]]
}

# Arrays of individual draws, one per panel of the facet; `shared_y` says that
# one y range holds for all of them.
draw_arrays <- function(series, facet, keep, shared_y) {
  key <- paste("draws", facet, length(keep))
  if (is.null(series$arrays[[key]])) {
    shape <- c(series$draws, length(series$years), ncol(series$values))
    series$arrays[[key]] <- .Call(
      ryanwhite_json_draws, series$values, shape, series$columns[[facet]], keep, shared_y
    )
  }
  series$arrays[[key]]
}

# Highest value of each panel of a facet: of the intervals' upper bounds, or of
# the draws. Made for all facets at once.
highest_bounds <- function(series, facet) {
  if (is.null(series$bounds)) series$bounds <- column_maxima(summaries_of(series)$upper, length(series$years))
  series$bounds[series$columns[[facet]]]
}

highest_draws <- function(series, facet) {
  if (is.null(series$maxima)) series$maxima <- column_maxima(series$values, nrow(series$values))
  series$maxima[series$columns[[facet]]]
}

# Highest finite number of each column, at least zero.
column_maxima <- function(values, rows) {
  vapply(seq_len(length(values) / rows), function(j) {
    max(0, values[seq.int((j - 1) * rows + 1, j * rows)], na.rm = TRUE)
  }, 0)
}
