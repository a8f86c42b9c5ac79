# How the panels of a facet are arranged. The first dimension runs across, all
# others run down, nested, the last one fastest: a row holds strata that differ
# in the first dimension only, whose counts are of one order of magnitude.

# Most columns of a facet of one dimension.
most_columns <- 6

# Places of panels. sizes: number of strata of each dimension of the facet.
# Returns a list of `columns`, `rows`, and per panel its `column` and `row` (from
# 1). Panels are numbered as in facet_strata(): the last dimension fastest.
panel_grid <- function(sizes) {
  panels <- seq_len(prod(sizes)) - 1L
  if (length(sizes) <= 1) {
    columns <- min(length(panels), most_columns)
    return(list(
      columns = columns, rows = ceiling(length(panels) / columns),
      column = panels %% columns + 1L, row = panels %/% columns + 1L
    ))
  }
  rows <- as.integer(prod(sizes[-1]))
  list(columns = sizes[1], rows = rows, column = panels %/% rows + 1L, row = panels %% rows + 1L)
}

# Nominal sizes in pixels, from which the shares of the figure's height follow.
# Returns `top` and `bottom` of each row in pixels below the top, and `height` of
# all. titled: whether a heading stands above every row.
row_places <- function(rows, sizes, heading, titled) {
  panel <- if (rows == 1) 280 else if (rows <= 3) 110 else if (rows <= 5) 90 else if (rows <= 9) 72 else 54
  # Between blocks of rows that differ in an outer dimension there is more room.
  inner <- rev(cumprod(rev(sizes[-1])))[-1]
  after <- seq_len(rows - 1)
  gap <- 8 + 7 * rowSums(outer(after, inner, function(row, block) row %% block == 0))
  if (titled) gap <- gap + heading
  top <- heading + c(0, cumsum(rep(panel, rows - 1) + gap))
  list(top = top, bottom = top + panel, height = max(top) + panel)
}

# Headings of columns and rows, as a data frame: `text`, `side` ("top" or
# "right"), `level` (0 next to the panels, then outwards), and the first and last
# column or row that it spans. names: display names of the strata, a vector per
# dimension.
grid_headings <- function(names, grid) {
  sizes <- lengths(names)
  if (length(names) == 0) {
    return(data.frame(
      text = character(), side = character(), level = numeric(), first = integer(), last = integer(), row = integer()
    ))
  }
  if (length(names) == 1) {
    return(data.frame(
      text = names[[1]], side = "top", level = 0, first = grid$column, last = grid$column, row = grid$row
    ))
  }
  across <- data.frame(
    text = names[[1]], side = "top", level = 0, first = seq_len(sizes[1]), last = seq_len(sizes[1]), row = 1
  )
  down <- lapply(seq_along(names)[-1], function(dimension) {
    span <- prod(sizes[-seq_len(dimension)])
    first <- seq(1, grid$rows, by = span)
    data.frame(
      text = rep_len(names[[dimension]], length(first)), side = "right", level = length(names) - dimension,
      first = first, last = first + span - 1, row = first
    )
  })
  do.call(rbind, c(list(across), down))
}

# Breaks text into lines of at most `width` characters, where it has blanks.
wrap_text <- function(text, width) {
  vapply(text, function(one) {
    paste(strwrap(one, max(4, width) + 1), collapse = "<br>")
  }, "", USE.NAMES = FALSE)
}

count_lines <- function(text) lengths(strsplit(text, "<br>", fixed = TRUE))
