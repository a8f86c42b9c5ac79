# The numbers of one outcome of one simulation as JSON arrays, each made when a
# figure first asks for it and kept for the figures that follow: the baseline's
# serve every scenario.

new_series <- function(simulation, outcome, facets) {
  series <- new.env(parent = emptyenv())
  series$values <- outcome_values(simulation, outcome, facets)
  series$draws <- dim(simulation$quantities[[1]])[1]
  series$years <- length(simulation$years)
  panels <- vapply(facets, function(facet) length(facet$labels), 0L)
  # Columns of `values` that hold the panels of each facet.
  series$columns <- Map(seq.int, cumsum(panels) - panels + 1L, length.out = panels)
  series$arrays <- list()
  series
}

# Arrays of a summary (mean, median, lower, upper), one per panel of the facet.
summary_arrays <- function(series, summary, facet) {
  if (is.null(series$arrays[[summary]])) {
    if (is.null(series$summaries)) series$summaries <- summarise_draws(series$values, series$draws)
    series$arrays[[summary]] <- json_columns(series$summaries[[summary]], series$years)
  }
  series$arrays[[summary]][series$columns[[facet]]]
}

# Arrays of individual draws, one per panel of the facet.
draw_arrays <- function(series, facet, keep) {
  key <- paste("draws", facet)
  if (is.null(series$arrays[[key]])) {
    shape <- c(series$draws, series$years, ncol(series$values))
    series$arrays[[key]] <- .Call(
      ryanwhite_json_draws, series$values, shape, series$columns[[facet]], keep
    )
  }
  series$arrays[[key]]
}
