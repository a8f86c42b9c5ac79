# Traces of a figure, as pieces of JSON text that are written one after the
# other: long arrays are never copied into longer strings.

# Blue and vermillion of Okabe and Ito's palette: told apart with any colour vision.
trace_colours <- list(
  baseline = c(line = "rgb(0,114,178)", band = "rgba(0,114,178,0.2)", draw = "rgba(0,114,178,"),
  scenario = c(line = "rgb(213,94,0)", band = "rgba(213,94,0,0.2)", draw = "rgba(213,94,0,")
)

# One trace per panel: opening, array, style, axes. Only the first panel's
# trace stands in the legend.
panel_traces <- function(opening, arrays, style, axes, in_legend = FALSE) {
  shown <- rep(',"showlegend":false', length(axes))
  if (in_legend) shown[1] <- ""
  rbind(opening, arrays, style, shown, axes, deparse.level = 0)
}

# Line with a 95 % interval, for baseline and scenario, in every panel.
interval_traces <- function(baseline, scenario, statistic, facet, names, years, axes) {
  central <- if (statistic == "mean.and.interval") "mean" else "median"
  opening <- paste0('{"type":"scatter","mode":"lines",', years_text(years), ',"y":')
  bound <- function(series, role, summary, percent, fill) {
    style <- paste0(
      ',"name":', json_string(paste(names[[role]], percent)), ',"legendgroup":"', role,
      '","line":{"width":0}', fill
    )
    panel_traces(opening, summary_arrays(series, summary, facet), style, axes)
  }
  band <- function(series, role) {
    fill <- paste0(',"fill":"tonexty","fillcolor":"', trace_colours[[role]][["band"]], '"')
    rbind(
      bound(series, role, "lower", "2.5%", ""),
      bound(series, role, "upper", "97.5%", fill)
    )
  }
  line <- function(series, role) {
    style <- paste0(
      ',"name":', json_string(names[[role]]), ',"legendgroup":"', role,
      '","line":{"width":2,"color":"', trace_colours[[role]][["line"]], '"}'
    )
    panel_traces(opening, summary_arrays(series, central, facet), style, axes, in_legend = TRUE)
  }
  pieces <- rbind(
    band(baseline, "baseline"), band(scenario, "scenario"),
    line(baseline, "baseline"), line(scenario, "scenario")
  )
  in_order(pieces)
}

# Thin lines, one per kept draw; all draws of a panel and simulation are one
# trace, broken by nulls: a trace per draw would be thousands, and browsers slow.
draw_traces <- function(baseline, scenario, facet, keep, names, years, axes) {
  opening <- draw_opening(years, length(keep), baseline)
  opacity <- as.character(max(0.3, min(0.6, round(16 / length(keep), 2))))
  lines <- function(series, role) {
    style <- paste0(
      ',"name":', json_string(names[[role]]), ',"legendgroup":"', role,
      '","line":{"width":0.8,"color":"', trace_colours[[role]][["draw"]], opacity, ')"}'
    )
    panel_traces(opening, draw_arrays(series, facet, keep), style, axes, in_legend = TRUE)
  }
  in_order(rbind(lines(baseline, "baseline"), lines(scenario, "scenario")))
}

# How every trace of draws begins, up to its y values; kept with the baseline.
draw_opening <- function(years, kept, series) {
  key <- paste("opening", kept)
  if (is.null(series$arrays[[key]])) {
    x <- paste(rep(paste(years, collapse = ","), kept), collapse = ",null,")
    series$arrays[[key]] <- paste0('{"type":"scatter","mode":"lines","x":[', x, '],"y":')
  }
  series$arrays[[key]]
}

# Markers for figures that were observed, with their source in the hover text.
observed_trace <- function(observed) {
  paste0(
    ',{"type":"scatter","mode":"markers","name":"Observed","x":', json_value(observed$years),
    ',"y":', json_value(observed$values), ',"legendgroup":"observed"',
    ',"marker":{"color":"#222","size":7,"symbol":"circle-open","line":{"width":1.5}}',
    ',"hovertemplate":', json_string(paste0("%{x}: %{y:,}<extra>", observed$source, "</extra>")), "}"
  )
}

# Evenly spaced years need no array.
years_text <- function(years) {
  steps <- unique(diff(years))
  if (length(steps) != 1) return(paste0('"x":', json_value(years)))
  paste0('"x0":', years[1], if (steps != 1) paste0(',"dx":', steps))
}

# Pieces of traces in reading order. Each trace's last piece ends in a comma,
# which the last trace must not have.
in_order <- function(pieces) {
  pieces <- as.vector(pieces)
  last <- length(pieces)
  pieces[last] <- sub(",$", "", pieces[last])
  pieces
}
