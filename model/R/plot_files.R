# Files of a plot. Each appears whole or not at all.

plot_stem <- function(plot) {
  file.path(
    plot$city, plot$scenario,
    paste0(plot$outcome, "_", plot$statistic, "_", facet_part(plot$facet))
  )
}

write_pieces <- function(path, pieces) {
  aside <- file.path(dirname(path), paste0(".", basename(path), ".partial"))
  invisible(.Call(ryanwhite_write_file, path, aside, pieces))
}

# Writes the figure of a plot, then its page if asked for, then its metadata. So
# figure and page are complete once the metadata file exists.
write_plot <- function(plot, pieces, directory, include_html) {
  stem <- plot_stem(plot)
  json <- paste0(stem, ".json")
  page <- paste0(stem, ".html")
  write_pieces(file.path(directory, json), pieces)
  if (include_html) write_pieces(file.path(directory, page), page_pieces(plot, pieces))
  metadata <- paste0(
    '{"city":', json_string(plot$city), ',"scenario":', json_string(plot$scenario),
    ',"outcome":', json_string(plot$outcome), ',"statistic_type":', json_string(plot$statistic),
    ',"facet_choice":', json_string(plot$facet),
    ',"file_path":', json_string(if (include_html) page else json),
    ',"json_path":', json_string(json), ',"has_baseline":true,"generation_time":',
    json_string(utc_time()), "}\n"
  )
  write_pieces(file.path(directory, paste0(stem, "_metadata.json")), metadata)
  json
}

plot_exists <- function(plot, directory) {
  stem <- file.path(directory, plot_stem(plot))
  all(file.exists(paste0(stem, c(".json", "_metadata.json"))))
}

# A page for one plot; plotly.min.js stands two directories above it. The plot
# fills the window; one that needs more height than that makes the page scroll.
page_pieces <- function(plot, pieces) {
  # A figure is JSON; in a script, a tag in one of its strings would end it.
  pieces <- gsub("</", "<\\/", pieces, fixed = TRUE)
  title <- gsub("_", " ", paste(plot$city, plot$scenario, plot$outcome, plot$facet))
  c(
    '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>', title,
    "</title>\n<style>body { margin: 0 } #plot { height: 100vh }</style>\n",
    '<script src="../../plotly.min.js"></script>\n</head>\n<body>\n<div id="plot"></div>\n',
    "<script>\nconst figure = ", pieces, ";\n",
    "const { height = 360, ...layout } = figure.layout;\n",
    "document.getElementById('plot').style.minHeight = `${height}px`;\n",
    "Plotly.newPlot('plot', figure.data, layout, { responsive: true });\n</script>\n</body>\n</html>\n"
  )
}

# The one copy of plotly.min.js that all pages refer to.
copy_plotly <- function(directory) {
  source <- system.file("www", "plotly.min.js", package = "ryanwhite")
  if (source == "") {
    fault(
      "--include-html needs plotly.min.js, which was not installed with this package: put it ",
      "into model/inst/www, or run `npm ci`, then `make model`"
    )
  }
  target <- file.path(directory, "plotly.min.js")
  aside <- file.path(directory, ".plotly.min.js.partial")
  whole <- file.copy(source, aside, overwrite = TRUE) && file.size(aside) == file.size(source)
  if (!whole || !file.rename(aside, target)) {
    unlink(aside)
    stop("cannot write ", target, " (is the disk full?)", call. = FALSE)
  }
}
