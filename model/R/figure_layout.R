# Layout of a figure. All that a facet's figures have in common is made once, as
# text (a frame); titles and `meta` are added per figure.

# Number of columns of panels: as many trailing dimensions as fit side by side,
# so that neighbouring rows and columns differ in the same dimension.
grid_columns <- function(sizes, most = 9) {
  if (length(sizes) == 0) return(1)
  if (length(sizes) == 1) return(if (sizes <= 5) sizes else min(most, ceiling(sqrt(sizes))))
  products <- rev(cumprod(rev(sizes)))[-1]
  fitting <- products[products <= most]
  if (length(fitting) > 0) max(fitting) else most
}

# Sizes in pixels. A dense grid has small type and wraps its panel titles.
grid_geometry <- function(labels, sizes, shared_y) {
  columns <- grid_columns(sizes)
  rows <- ceiling(length(labels) / columns)
  dense <- columns > 5
  single <- length(labels) == 1
  lines <- if (single) 0 else max(lengths(strsplit(wrap_label(labels, dense), "<br>", fixed = TRUE)))
  list(
    columns = columns, rows = rows, dense = dense, single = single,
    panel = if (single) 360 else if (rows == 1) 260 else if (!dense) 150 else if (rows <= 3) 130 else if (rows <= 5) 95 else 62,
    title_lines = lines,
    title_size = if (dense) 8 else 12,
    row_gap = lines * (if (dense) 10 else 16) + 8,
    column_gap = if (shared_y) (if (dense) 0.012 else 0.025) else if (dense) 0.032 else 0.05,
    tick_size = if (dense) 8 else 11,
    x_ticks = if (dense) 3 else if (columns >= 5) 4 else 6,
    y_ticks = if (dense) 3 else 5,
    above = 92 + lines * (if (dense) 10 else 16),
    below = 62
  )
}

# Breaks a long label between its strata where panels are narrow.
wrap_label <- function(labels, dense, width = 22) {
  if (!dense) return(labels)
  vapply(strsplit(labels, label_separator, fixed = TRUE), function(parts) {
    wrapped <- parts[1]
    for (part in parts[-1]) {
      last <- sub(".*<br>", "", wrapped)
      fits <- nchar(last) + nchar(label_separator) + nchar(part) <= width
      wrapped <- paste0(wrapped, if (fits) label_separator else "<br>", part)
    }
    wrapped
  }, "")
}

# The part of the layout that all figures of a facet share.
#   labels: panel titles. sizes: number of strata of each dimension of the facet.
#   years: of the simulations. range: of the x axis. starts: when services end,
#   or NULL. shared_y: one range for all panels (per cent), or each its own.
# Returns a list of `axes` (how each panel's traces end), `title_y` (where the
# figure's title stands), the layout of the `template`, and the layout's text
# `before` the two y axes that differ between figures: the
# `first`, which carries the shared range, and the `titled` one (or none, if it
# is the first), both without their end; then the text `after` them.
new_frame <- function(labels, sizes, range, starts, shared_y) {
  grid <- grid_geometry(labels, sizes, shared_y)
  n <- length(labels)
  suffix <- c("", if (n > 1) seq.int(2L, n))
  column <- (seq_len(n) - 1) %% grid$columns
  row <- (seq_len(n) - 1) %/% grid$columns
  height <- grid$rows * grid$panel + (grid$rows - 1) * grid$row_gap
  width <- (1 - (grid$columns - 1) * grid$column_gap) / grid$columns
  left <- column * (width + grid$column_gap)
  top <- 1 - row * (grid$panel + grid$row_gap) / height
  bottom <- pmax(0, top - grid$panel / height)
  number <- function(x) formatC(x, digits = 5, format = "f", drop0trailing = TRUE)
  # Years stand below the last panel of each column, the shared titles once.
  last_in_column <- seq_len(n) + grid$columns > n
  x_titled <- which(last_in_column & column == (min(n, grid$columns) - 1) %/% 2)[1]
  y_titled <- which(column == 0 & row == (grid$rows - 1) %/% 2)[1]

  x_axes <- paste0(
    '"xaxis', suffix, '":{"anchor":"y', suffix, '","domain":[', number(left), ",",
    number(left + width), "]",
    ifelse(seq_len(n) > 1, ',"matches":"x"', paste0(',"range":[', range[1], ",", range[2], "]")),
    ifelse(last_in_column, ',"showticklabels":true', ""),
    ifelse(seq_len(n) == x_titled, ',"title":{"text":"Year"}', ""), "}"
  )
  y_axes <- paste0(
    '"yaxis', suffix, '":{"anchor":"x', suffix, '","domain":[', number(bottom), ",", number(top), "]",
    ifelse(shared_y & seq_len(n) > 1, ',"matches":"y"', ""),
    ifelse(shared_y & column == 0, ',"showticklabels":true', "")
  )
  annotations <- if (grid$single) character() else paste0(
    '{"text":', json_string(wrap_label(labels, grid$dense)), ',"x":', number(left + width / 2),
    ',"y":', number(top), "}"
  )
  shapes <- if (is.null(starts)) character() else paste0(
    '{"xref":"x', suffix, '","yref":"y', suffix, ' domain"}'
  )
  total <- height + grid$above + grid$below
  style <- paste0(
    '"height":', total, ',"margin":{"l":72,"r":20,"t":', grid$above, ',"b":', grid$below, '},',
    '"legend":{"orientation":"h","x":0,"xanchor":"left","y":',
    number(1 + (grid$above - 84) / height), ',"yanchor":"bottom","itemsizing":"constant"},',
    '"hovermode":"closest","hoverlabel":{"namelength":-1},"plot_bgcolor":"#fff","paper_bgcolor":"#fff"'
  )
  # What most panels have in common, so that only the others need to say more.
  common <- c(list(
    font = list(size = 12, color = "#222"),
    xaxis = c(axis_style(grid$tick_size, grid$x_ticks), list(tickformat = "d", showticklabels = FALSE)),
    yaxis = c(axis_style(grid$tick_size, grid$y_ticks), if (shared_y) list(showticklabels = FALSE)),
    annotationdefaults = list(
      xref = "paper", yref = "paper", xanchor = "center", yanchor = "bottom", showarrow = FALSE,
      font = list(size = grid$title_size)
    )
  ), if (!is.null(starts)) list(
    shapedefaults = list(
      type = "line", x0 = starts, x1 = starts, y0 = 0, y1 = 1, layer = "below",
      line = list(color = "#888", width = 1, dash = "dash")
    )
  ))
  list(
    template = json_value(common),
    axes = paste0(',"xaxis":"x', suffix, '","yaxis":"y', suffix, '"},'),
    title_y = number(1 - 26 / total),
    before = paste0(paste(c(style, x_axes, paste0(y_axes[-c(1, y_titled)], "}", recycle0 = TRUE)), collapse = ","), ","),
    first = y_axes[1],
    titled = if (y_titled > 1) y_axes[y_titled],
    after = paste0(
      '"shapes":[', paste(shapes, collapse = ","), '],"annotations":[', paste(annotations, collapse = ",")
    ),
    annotated = length(annotations) > 0
  )
}

axis_style <- function(tick_size, ticks) {
  list(
    nticks = ticks, tickfont = list(size = tick_size), ticks = "outside", ticklen = 3,
    tickcolor = "#bbb", showline = TRUE, linecolor = "#bbb", gridcolor = "#eee", zeroline = FALSE,
    rangemode = "tozero"
  )
}

# The layout of one figure, as pieces of text. `styles`: of the traces, in their
# order (see trace_style()). `top`: upper end of the y range that all panels
# share, or NULL where each panel has its own. (Plotly finds no range by itself
# where both axes of a panel match others.)
figure_layout <- function(frame, styles, title, subtitle, y_title, top, meta, source = NULL) {
  title_text <- paste0(',"title":{"text":', json_string(y_title), "}")
  range_text <- if (!is.null(top)) paste0(',"range":[0,', sprintf("%.3g", top), "]")
  note <- if (!is.null(source)) {
    paste0(
      if (frame$annotated) ",", '{"text":', json_string(paste("Observed:", source)),
      ',"x":1,"y":0,"xref":"paper","yref":"paper","xanchor":"right","yanchor":"top","yshift":-34',
      ',"showarrow":false,"font":{"size":10,"color":"#666"}}'
    )
  }
  c(
    '{"title":{"text":', json_string(paste0("<b>", title, "</b><br>", subtitle)),
    ',"x":0,"xref":"paper","xanchor":"left","y":', frame$title_y,
    ',"yref":"container","yanchor":"top","font":{"size":15}},"template":{"data":{"scatter":[',
    paste(styles, collapse = ","), ']},"layout":', frame$template, "},", frame$before,
    frame$first, range_text, if (is.null(frame$titled)) title_text, "},",
    if (!is.null(frame$titled)) c(frame$titled, title_text, "},"),
    frame$after, note, '],"meta":', meta, "}"
  )
}
