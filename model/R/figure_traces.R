# Traces of a figure, as pieces of JSON text that are written one after the
# other: long arrays are never copied into longer strings.

# Blue and vermillion of Okabe and Ito's palette: told apart with any colour vision.
trace_colours <- list(
  baseline = c(line = "rgb(0,114,178)", band = "rgba(0,114,178,0.2)", draw = "rgba(0,114,178,"),
  scenario = c(line = "rgb(213,94,0)", band = "rgba(213,94,0,0.2)", draw = "rgba(213,94,0,")
)

# What traces look like stands once, in the figure's template: Plotly gives the
# n-th trace the n-th style, and begins again after the last. So traces come in
# the same order in every panel, and only the first panel's say that they stand
# in the legend.
trace_style <- function(role, width, colour = NULL, fill = NULL) {
  paste0(
    '{"mode":"lines","legendgroup":"', role, '","showlegend":false,"line":{"width":', width,
    if (!is.null(colour)) paste0(',"color":"', colour, '"'), "}",
    if (!is.null(fill)) paste0(',"fill":"tonexty","fillcolor":"', fill, '"'), "}"
  )
}

# Styles of interval_traces(), in their order.
interval_styles <- function() {
  colour <- trace_colours
  c(
    trace_style("baseline", 0), trace_style("baseline", 0, fill = colour$baseline[["band"]]),
    trace_style("scenario", 0), trace_style("scenario", 0, fill = colour$scenario[["band"]]),
    trace_style("baseline", 2, colour$baseline[["line"]]), trace_style("scenario", 2, colour$scenario[["line"]])
  )
}

# Styles of draw_traces(): the more draws, the fainter.
draw_styles <- function(kept) {
  opacity <- as.character(max(0.3, min(0.6, round(16 / kept, 2))))
  vapply(c("baseline", "scenario"), function(role) {
    trace_style(role, 0.8, paste0(trace_colours[[role]][["draw"]], opacity, ")"))
  }, "", USE.NAMES = FALSE)
}

# One trace per panel: opening, array, name, axes.
panel_traces <- function(opening, arrays, name, axes, in_legend = FALSE) {
  named <- rep(paste0(',"name":', json_string(name)), length(axes))
  if (in_legend) named[1] <- paste0(named[1], ',"showlegend":true')
  rbind(opening, arrays, named, axes, deparse.level = 0)
}

# Line with a 95 % interval, for baseline and scenario, in every panel.
interval_traces <- function(baseline, scenario, statistic, facet, names, years, axes) {
  central <- if (statistic == "mean.and.interval") "mean" else "median"
  opening <- paste0('{"type":"scatter",', years_text(years), ',"y":')
  of <- function(series, summary, name, in_legend = FALSE) {
    panel_traces(opening, summary_arrays(series, summary, facet), name, axes, in_legend)
  }
  band <- function(series, name) {
    rbind(of(series, "lower", paste(name, "2.5%")), of(series, "upper", paste(name, "97.5%")))
  }
  in_order(rbind(
    band(baseline, names$baseline), band(scenario, names$scenario),
    of(baseline, central, names$baseline, TRUE), of(scenario, central, names$scenario, TRUE)
  ))
}

# Thin lines, one per kept draw; all draws of a panel and simulation are one
# trace, broken by nulls: a trace per draw would be thousands, and browsers slow.
draw_traces <- function(baseline, scenario, facet, keep, names, years, axes, shared_y) {
  opening <- draw_opening(years, length(keep), baseline)
  lines <- function(series, name) {
    panel_traces(opening, draw_arrays(series, facet, keep, shared_y), name, axes, in_legend = TRUE)
  }
  in_order(rbind(lines(baseline, names$baseline), lines(scenario, names$scenario)))
}

# How every trace of draws begins, up to its y values; kept with the baseline.
# The years repeat for every draw, so they are a typed array (16-bit integers):
# half as long as JSON, and nothing to parse. At a gap, where y is null, x has no
# meaning.
draw_opening <- function(years, kept, series) {
  key <- paste("opening", kept)
  if (is.null(series$arrays[[key]])) {
    x <- utils::head(rep(c(years, years[length(years)]), kept), -1)
    bytes <- writeBin(as.integer(x), raw(), size = 2, endian = "little")
    series$arrays[[key]] <- paste0(
      '{"type":"scatter","x":{"dtype":"i2","bdata":"', base64(bytes), '"},"y":'
    )
  }
  series$arrays[[key]]
}

# Markers for figures that were observed, with their source in the hover text.
observed_trace <- function(observed) {
  paste0(
    ',{"type":"scatter","mode":"markers","name":"Observed","x":', json_value(observed$years),
    ',"y":', json_value(observed$values), ',"legendgroup":"observed","showlegend":true',
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
