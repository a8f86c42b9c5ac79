# Layout of a figure. All that a facet's figures have in common is made once, as
# text (a frame); captions, ranges and `meta` are added per figure.
#
# Lengths along the figure's edges are pixels; places of panels are shares of the
# plot area. So a figure of few rows fills any page, and one of many rows has the
# height that it needs and fills the width.

# Rows of panels up to which the page decides about the height.
most_rows_that_stretch <- 3

# Type sizes, margins and numbers of ticks. dimensions: of the facet; all but the
# first have headings on the right.
new_sizes <- function(grid, dimensions) {
  dense <- grid$rows > 5 || grid$columns > 3
  list(
    heading = if (dense) 10 else 12,
    ticks = if (dense) 9 else if (grid$columns > 1) 10 else 11,
    left = if (dense) 56 else 64,
    right = if (dimensions > 1) 8 + 18 * dimensions else 14,
    above = 112, below = 76,
    narrow = grid$columns > 3,
    x_ticks = if (grid$columns > 1) 4 else 7,
    y_ticks = if (grid$rows > 5) 3 else if (grid$rows > 1) 4 else 6
  )
}

# The part of the layout that all figures of a facet share.
#   names: display names of the strata, one vector per dimension of the facet.
#   range: of the x axis. starts: when services end, or NULL. scale: which panels
#   have the same y axis: "all", those of a "row", or every "panel" its own.
# Returns a list of
#   axes: how each panel's traces end. y_axis: each panel's y axis, as a number.
#   template: layout of the template. before, after: text around the y axes, which
#   differ between figures. y_axes: their text without its end. y_titled: the one
#   that bears the title. foot_shift: where the foot line is, in pixels.
new_frame <- function(names, range, starts, scale) {
  counts <- lengths(names, use.names = FALSE)
  grid <- panel_grid(counts)
  sizes <- new_sizes(grid, length(counts))
  headings <- wrap_headings(grid_headings(names, grid), grid, sizes)
  lines <- max(0, count_lines(headings$text[headings$side == "top"]))
  rows <- row_places(grid$rows, counts, if (lines > 0) lines * sizes$heading * 1.3 + 6 else 0, length(counts) == 1)
  places <- c(column_places(grid$columns, scale), list(top = 1 - rows$top / rows$height, bottom = 1 - rows$bottom / rows$height))

  # Each y axis belongs to a row, or to a panel; it stands left of a column.
  y_axis <- if (scale == "panel") seq_along(grid$row) else grid$row
  y_row <- if (scale == "panel") grid$row else seq_len(grid$rows)
  y_column <- if (scale == "panel") grid$column else rep(1L, grid$rows)
  # Years stand below the lowest panel of each column.
  lowest <- vapply(seq_len(grid$columns), function(j) max(which(grid$column == j)), 0L)
  # In a tall figure the heading of a column can be out of sight.
  column_names <- if (length(names) > 0 && counts[1] == grid$columns) names[[1]]

  style <- paste0(
    '"autosize":true,',
    if (grid$rows > most_rows_that_stretch) {
      paste0('"height":', round(rows$height + sizes$above + sizes$below), ",")
    },
    '"margin":{"l":', sizes$left, ',"r":', sizes$right, ',"t":', sizes$above, ',"b":', sizes$below, "},",
    '"plot_bgcolor":"#fff","paper_bgcolor":"#fff"'
  )
  x_axes <- x_axes_text(places, axis_suffix(y_axis[lowest]), range, column_names)
  annotations <- heading_annotations(headings, places)
  list(
    axes = paste0(',"xaxis":"x', axis_suffix(grid$column), '","yaxis":"y', axis_suffix(y_axis), '"},'),
    y_axis = y_axis, rows = grid$rows,
    template = json_value(template_layout(sizes, range, starts, places$top[1])),
    before = paste0(paste(c(style, x_axes), collapse = ","), ","),
    y_axes = y_axes_text(places, y_row, axis_suffix(y_column), scale == "all"),
    y_titled = which(y_column == 1 & y_row == (grid$rows + 1) %/% 2)[1],
    after = paste0(
      ',"shapes":[', start_lines(grid$columns, starts), '],"annotations":[',
      paste0(annotations, ",", collapse = "", recycle0 = TRUE)
    ),
    foot_x = 10 - sizes$left
  )
}

# Left end and width of each column, as shares of the plot area. Axes of their own
# need room between panels.
column_places <- function(columns, scale) {
  gap <- if (scale == "panel") 0.07 else if (columns > 3) 0.012 else 0.02
  width <- (1 - (columns - 1) * gap) / columns
  list(left = (seq_len(columns) - 1) * (width + gap), width = width)
}

# One x axis per column. anchors: suffix of the y axis it stands on.
x_axes_text <- function(places, anchors, range, column_names) {
  columns <- length(places$left)
  number <- seq_len(columns)
  hover <- if (!is.null(column_names)) {
    paste0(',"unifiedhovertitle":{"text":', json_string(paste0("%{x}, ", column_names)), "}")
  }
  paste0(
    '"xaxis', axis_suffix(number), '":{"anchor":"y', anchors, '","domain":[', decimal(places$left), ",",
    decimal(places$left + places$width), "]",
    ifelse(number == 1, paste0(',"range":[', range[1], ",", range[2], "]"), ',"matches":"x"'),
    ifelse(number == (columns + 1) %/% 2, ',"title":{"text":"Year","standoff":6}', ""), hover, "}"
  )
}

# Y axes, each without its end. row: that it spans. anchors: suffix of the x axis
# it stands on. shared: whether all have the range of the first.
y_axes_text <- function(places, row, anchors, shared) {
  number <- seq_along(row)
  paste0(
    '"yaxis', axis_suffix(number), '":{"anchor":"x', anchors, '","domain":[', decimal(places$bottom[row]), ",",
    decimal(places$top[row]), "]", ifelse(shared & number > 1, ',"matches":"y"', "")
  )
}

# Dashed lines where services end, one through each column; the first is named in
# the legend.
start_lines <- function(columns, starts) {
  if (is.null(starts)) return("")
  named <- paste0(',"showlegend":true,"name":"Services end (', floor(starts), ')"')
  paste0('{"xref":"x', axis_suffix(seq_len(columns)), '"', c(named, rep("", columns - 1)), "}", collapse = ",")
}

# What most axes, headings and lines have in common, so that each says only how it
# differs.
template_layout <- function(sizes, range, starts, top) {
  axis <- function(...) {
    list(
      ..., tickfont = list(size = sizes$ticks), showline = TRUE, linecolor = "#bbb", mirror = "all",
      gridcolor = "#eee", zeroline = FALSE
    )
  }
  c(list(
    font = list(size = 12, color = "#222"),
    legend = list(
      orientation = "h", x = 0, xanchor = "left", y = 1, yanchor = "bottom", traceorder = "grouped",
      bgcolor = "rgba(0,0,0,0)"
    ),
    # Few buttons: on a telephone they cover the title.
    modebar = list(remove = c("select", "lasso", "zoomin", "zoomout", "autoscale")),
    hoverlabel = list(font = list(size = 12), namelength = -1),
    xaxis = if (sizes$narrow) axis(tickvals = year_ticks(range)) else axis(nticks = sizes$x_ticks, tickformat = "d"),
    yaxis = axis(nticks = sizes$y_ticks),
    annotationdefaults = list(
      xref = "paper", yref = "paper", xanchor = "center", yanchor = "middle", showarrow = FALSE,
      font = list(size = sizes$heading)
    )
  ), if (!is.null(starts)) list(
    shapedefaults = list(
      type = "line", x0 = starts, x1 = starts, yref = "paper", y0 = 0, y1 = as.numeric(decimal(top)), layer = "below",
      legendgroup = "services", line = list(color = "#666", width = 1, dash = "dash")
    )
  ))
}

# Two years that have room below a narrow panel: multiples of five, a fifth from
# either end.
year_ticks <- function(range) 5 * round((range[1] + c(0.2, 0.8) * diff(range)) / 5)

# Headings broken into lines that fit: columns at a width of 420 pixels, rows at
# their height. Outer levels are bold.
wrap_headings <- function(headings, grid, sizes) {
  room <- ifelse(
    headings$side == "top", (420 - sizes$left - sizes$right) / grid$columns,
    (headings$last - headings$first + 1) * (if (grid$rows > 9) 60 else 80)
  )
  # A letter is about half as wide as it is high.
  headings$text <- as.character(mapply(wrap_text, headings$text, floor(room / (0.53 * sizes$heading))))
  outer <- headings$level > 0
  headings$text[outer] <- paste0("<b>", headings$text[outer], "</b>", recycle0 = TRUE)
  headings
}

heading_annotations <- function(headings, places) {
  over <- headings[headings$side == "top", ]
  beside <- headings[headings$side == "right", ]
  # The innermost level may need two lines.
  shift <- 5 + beside$level * 18 + (beside$level > 0) * 10
  c(
    paste0(
      '{"text":', json_string(over$text), ',"x":', decimal(places$left[over$first] + places$width / 2), ',"y":',
      decimal(places$top[over$row]), ',"yanchor":"bottom"}', recycle0 = TRUE
    ),
    paste0(
      '{"text":', json_string(beside$text), ',"x":1,"y":',
      decimal((places$top[beside$first] + places$bottom[beside$last]) / 2),
      ',"xanchor":"left","xshift":', shift, ',"textangle":90}', recycle0 = TRUE
    )
  )
}

# The layout of one figure, as pieces of text. `styles`: of the traces, in their
# order (see trace_style()). `behaviour`: hover mode and legend for those traces. `captions`:
# title, y_title and foot. `tops`: upper end of each y axis. (Plotly finds no range by itself where both axes of a panel
# match others.)
figure_layout <- function(frame, styles, behaviour, captions, tops, meta) {
  ranges <- paste0(',"range":[0,', sprintf("%.3g", tops), "]")
  if (length(tops) == 1) ranges <- c(ranges, rep("", length(frame$y_axes) - 1))
  y_axes <- paste0(frame$y_axes, ranges)
  titled <- frame$y_titled
  # The title keeps to the figure's edge, clear of the ticks of any row.
  y_axes[titled] <- paste0(
    y_axes[titled], ',"title":{"text":', json_string(captions$y_title), if (frame$rows > 1) ',"standoff":99', "}"
  )
  c(
    '{"title":{"text":', json_string(captions$title),
    ',"x":0,"xref":"container","xanchor":"left","y":1,"yref":"container","yanchor":"top","pad":{"l":10},',
    '"font":{"size":12}},"template":{"data":{"scatter":[', paste(styles, collapse = ","), ']},"layout":',
    frame$template, "},", behaviour, frame$before, paste0(y_axes, "}", collapse = ","), frame$after,
    '{"text":', json_string(captions$foot), ',"x":0,"y":0,"xanchor":"left","yanchor":"top","xshift":', frame$foot_x,
    ',"yshift":-42,"align":"left","font":{"size":10,"color":"#666"}}],"meta":', meta, "}"
  )
}

# "" for the first axis, then 2, 3, ...
axis_suffix <- function(number) ifelse(number == 1, "", as.character(number))

# Shares as text that is the same everywhere.
decimal <- function(x) formatC(x, digits = 5, format = "f", drop0trailing = TRUE)
