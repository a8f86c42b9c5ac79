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
  grid <- panel_grid(lengths(names, use.names = FALSE))
  headings <- grid_headings(names, grid)
  sizes <- new_sizes(grid, length(names))
  titled <- length(names) == 1
  headings$text <- heading_text(headings, grid, sizes)
  lines <- if (is.null(headings)) 0 else max(count_lines(headings$text[headings$side == "top"]))
  heading <- if (lines == 0) 0 else lines * sizes$heading * 1.3 + 6
  places <- row_places(grid$rows, lengths(names, use.names = FALSE), heading, titled)
  top <- 1 - places$top / places$height
  bottom <- 1 - places$bottom / places$height
  gap <- if (grid$columns == 1) 0 else if (scale == "panel") 0.07 else if (grid$columns > 3) 0.012 else 0.02
  width <- (1 - (grid$columns - 1) * gap) / grid$columns
  left <- (seq_len(grid$columns) - 1) * (width + gap)

  y_axis <- switch(scale, panel = seq_along(grid$row), grid$row)
  y_row <- if (scale == "panel") grid$row else seq_len(grid$rows)
  y_column <- if (scale == "panel") grid$column else rep(1L, grid$rows)
  x_suffix <- axis_suffix(seq_len(grid$columns))
  y_suffix <- axis_suffix(seq_along(y_row))
  lowest <- vapply(seq_len(grid$columns), function(j) max(which(grid$column == j)), 0L)

  # In a tall figure the heading of a column can be out of sight.
  titled_columns <- length(names) > 0 && length(names[[1]]) == grid$columns
  x_axes <- paste0(
    '"xaxis', x_suffix, '":{"anchor":"y', y_suffix[y_axis[lowest]], '","domain":[', decimal(left), ",",
    decimal(left + width), "]", ifelse(x_suffix == "", paste0(',"range":[', range[1], ",", range[2], "]"), ',"matches":"x"'),
    ifelse(seq_len(grid$columns) == (grid$columns + 1) %/% 2, ',"title":{"text":"Year","standoff":6}', ""),
    if (titled_columns) paste0(',"unifiedhovertitle":{"text":', json_string(paste0("%{x}, ", names[[1]])), "}"), "}"
  )
  y_axes <- paste0(
    '"yaxis', y_suffix, '":{"anchor":"x', x_suffix[y_column], '","domain":[', decimal(bottom[y_row]), ",",
    decimal(top[y_row]), "]", if (scale == "all") ifelse(y_suffix == "", "", ',"matches":"y"')
  )
  style <- paste0(
    '"autosize":true,',
    if (grid$rows > most_rows_that_stretch) {
      paste0('"height":', round(places$height + sizes$above + sizes$below), ",")
    },
    '"margin":{"l":', sizes$left, ',"r":', sizes$right, ',"t":', sizes$above, ',"b":', sizes$below, '},',
    '"plot_bgcolor":"#fff","paper_bgcolor":"#fff"'
  )
  shapes <- if (is.null(starts)) character() else paste0(
    '{"xref":"x', x_suffix, '"', ifelse(
      x_suffix == "", paste0(',"showlegend":true,"name":"Services end (', format(floor(starts)), ')"'), ""
    ), "}"
  )
  list(
    axes = paste0(',"xaxis":"x', x_suffix[grid$column], '","yaxis":"y', y_suffix[y_axis], '"},'),
    y_axis = y_axis, rows = grid$rows,
    template = json_value(template_layout(sizes, range, starts, decimal(top[1]))),
    before = paste0(paste(c(style, x_axes), collapse = ","), ","),
    y_axes = y_axes,
    y_titled = which(y_column == 1 & y_row == (grid$rows + 1) %/% 2)[1],
    after = paste0(
      ',"shapes":[', paste(shapes, collapse = ","), '],"annotations":[',
      paste0(heading_annotations(headings, left, width, top, bottom, sizes), ",", collapse = "", recycle0 = TRUE)
    ),
    foot_x = 10 - sizes$left
  )
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
    legend = list(orientation = "h", x = 0, xanchor = "left", y = 1, yanchor = "bottom", traceorder = "grouped", bgcolor = "rgba(0,0,0,0)"),
    hoverlabel = list(font = list(size = 12), namelength = -1),
    xaxis = if (sizes$narrow) axis(tickvals = year_ticks(range)) else axis(nticks = sizes$x_ticks, tickformat = "d"),
    yaxis = axis(nticks = sizes$y_ticks),
    annotationdefaults = list(
      xref = "paper", yref = "paper", xanchor = "center", yanchor = "middle", showarrow = FALSE, font = list(size = sizes$heading)
    )
  ), if (!is.null(starts)) list(
    shapedefaults = list(
      type = "line", x0 = starts, x1 = starts, yref = "paper", y0 = 0, y1 = as.numeric(top), layer = "below",
      legendgroup = "services", line = list(color = "#666", width = 1, dash = "dash")
    )
  ))
}

# Two years that have room below a narrow panel: multiples of five, a fifth from
# either end.
year_ticks <- function(range) 5 * round((range[1] + c(0.2, 0.8) * diff(range)) / 5)

# Headings broken into lines that fit: columns at a width of 420 pixels, rows at
# their height.
heading_text <- function(headings, grid, sizes) {
  if (is.null(headings)) return(NULL)
  per_character <- 0.53 * sizes$heading
  room <- ifelse(
    headings$side == "top", (420 - sizes$left - sizes$right) / grid$columns,
    (headings$last - headings$first + 1) * (if (grid$rows > 9) 60 else 80)
  )
  mapply(wrap_text, headings$text, floor(room / per_character), USE.NAMES = FALSE)
}

heading_annotations <- function(headings, left, width, top, bottom, sizes) {
  if (is.null(headings)) return(character())
  over <- headings[headings$side == "top", ]
  beside <- headings[headings$side == "right", ]
  # The innermost level may need two lines.
  shift <- 5 + beside$level * 18 + (beside$level > 0) * 10
  c(
    paste0(
      '{"text":', json_string(over$text), ',"x":', decimal(left[over$first] + width / 2), ',"y":',
      decimal(top[over$row]), ',"yanchor":"bottom"}'
    ),
    paste0(
      '{"text":', json_string(ifelse(beside$level > 0, paste0("<b>", beside$text, "</b>"), beside$text)), ',"x":1,"y":',
      decimal((top[beside$first] + bottom[beside$last]) / 2),
      ',"xanchor":"left","xshift":', shift, ',"textangle":90}',
      recycle0 = TRUE
    )
  )
}

# The layout of one figure, as pieces of text. `styles`: of the traces, in their
# order (see trace_style()). `behaviour`: what those traces need beside. `captions`:
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
