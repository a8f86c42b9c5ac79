# Traces of a figure, as pieces of JSON text that are written one after the
# other: long arrays are never copied into longer strings.

# Blue and vermillion of Okabe and Ito's palette: told apart with any colour vision.
trace_colours <- list(
  baseline = c(line = "rgb(0,114,178)", band = "rgba(0,114,178,0.2)", draw = "rgba(0,114,178,"),
  scenario = c(line = "rgb(213,94,0)", band = "rgba(213,94,0,0.2)", draw = "rgba(213,94,0,")
)

# The figure's template holds the style and the hover text of each kind of trace
# once. Plotly gives the n-th trace the n-th style, and begins again after the last.
# So traces come in the same order in every panel, and only those of the first
# panel are in the legend.
#   role: "baseline" or "scenario". hover: template of the text.
trace_style <- function(role, width, hover, colour = NULL, fill = NULL, customdata = NULL) {
  paste0(
    '{"mode":"lines","legendgroup":"', role, '","showlegend":false,"line":{"width":', width,
    if (!is.null(colour)) paste0(',"color":"', colour, '"'), "}",
    if (!is.null(fill)) paste0(',"fill":"tonexty","fillcolor":"', fill, '"'),
    if (!is.null(customdata)) paste0(',"customdata":', customdata),
    ',"hovertemplate":', json_string(paste0(hover, "<extra></extra>")), "}"
  )
}

# Intervals show one hover box per year, draws one per point. The legend makes the
# thin lines of draws thicker.
interval_behaviour <- '"hovermode":"x unified",'
draw_behaviour <- '"hovermode":"closest","legend":{"itemsizing":"constant"},'

# A value in the text that a point shows. unit: "%" or such as "people".
hover_value <- function(unit) paste0("%{y:,} ", unit)

# Styles of interval_traces(), in their order.
interval_styles <- function(names, central, unit) {
  one <- function(role, name) {
    colour <- trace_colours[[role]]
    c(
      trace_style(role, 2, paste0(name, ", ", central, ": ", hover_value(unit)), colour[["line"]]),
      trace_style(role, 0, "95 % interval from %{y:,}"),
      trace_style(role, 0, "95 % interval to %{y:,}", fill = colour[["band"]])
    )
  }
  c(one("baseline", names$baseline), one("scenario", names$scenario))
}

# Styles of draw_traces(): the more draws, the fainter. keep: numbers of the draws
# that are shown, of so many there are. years: number of years of each series.
draw_styles <- function(names, unit, keep, draws, years) {
  opacity <- as.character(max(0.3, min(0.6, round(16 / length(keep), 2))))
  vapply(c("baseline", "scenario"), function(role) {
    hover <- paste0("%{x}, simulation %{customdata} of ", draws, "<br>", names[[role]], ": ", hover_value(unit))
    numbers <- utils::head(rep(keep, each = years[[role]] + 1), -1)
    trace_style(role, 0.8, hover, paste0(trace_colours[[role]][["draw"]], opacity, ")"), customdata = typed_array(numbers))
  }, "", USE.NAMES = FALSE)
}

# One trace per panel: opening, array, name, axes.
panel_traces <- function(opening, arrays, name, axes, in_legend = FALSE) {
  named <- rep(paste0(',"name":', json_string(name)), length(axes))
  if (in_legend) named[1] <- paste0(named[1], ',"showlegend":true')
  rbind(opening, arrays, named, axes, deparse.level = 0)
}

# Line with a 95 % interval, for baseline and scenario, in every panel.
interval_traces <- function(baseline, scenario, central, facet, names, axes) {
  of <- function(series, name) {
    opening <- paste0('{"type":"scatter",', years_text(series$years), ',"y":')
    one <- function(summary, name, in_legend = FALSE) {
      panel_traces(opening, summary_arrays(series, summary, facet), name, axes, in_legend)
    }
    rbind(one(central, name, TRUE), one("lower", paste(name, "2.5%")), one("upper", paste(name, "97.5%")))
  }
  rbind(of(baseline, names$baseline), of(scenario, names$scenario))
}

# Thin lines, one per kept draw; all draws of a panel and simulation are one
# trace, broken by nulls: a trace per draw would be thousands, and browsers slow.
draw_traces <- function(baseline, scenario, facet, keep, names, axes, shared_y) {
  lines <- function(series, name) {
    opening <- draw_opening(series, length(keep))
    panel_traces(opening, draw_arrays(series, facet, keep, shared_y), name, axes, in_legend = TRUE)
  }
  rbind(lines(baseline, names$baseline), lines(scenario, names$scenario))
}

# How every trace of draws begins, up to its y values; kept with the series. The
# years repeat for every draw. At a gap, where y is null, x has no meaning.
draw_opening <- function(series, kept) {
  key <- paste("opening", kept)
  if (is.null(series$arrays[[key]])) {
    years <- series$years
    x <- utils::head(rep(c(years, years[length(years)]), kept), -1)
    series$arrays[[key]] <- paste0('{"type":"scatter","x":', typed_array(x), ',"y":')
  }
  series$arrays[[key]]
}

# Whole numbers as Plotly's typed array: half as long as JSON, and nothing to
# parse. One byte each where that is enough, otherwise two.
typed_array <- function(numbers) {
  size <- if (max(numbers) < 256) 1 else 2
  bytes <- writeBin(as.integer(numbers), raw(), size = size, endian = "little")
  paste0('{"dtype":"', if (size == 1) "u1" else "i2", '","bdata":"', base64(bytes), '"}')
}

# Markers for figures that were observed, with their source in the hover text.
observed_trace <- function(observed, unit) {
  paste0(
    '{"type":"scatter","mode":"markers","name":"Observed","x":', json_value(observed$years),
    ',"y":', json_value(observed$values), ',"legendgroup":"observed","showlegend":true',
    ',"marker":{"color":"#222","size":7,"symbol":"circle-open","line":{"width":1.5}}',
    ',"hovertemplate":', json_string(paste0("Observed: ", hover_value(unit), "<extra></extra>")), "},"
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
