# Draws the plots that replot asks for: Rscript program.R --config JOB --output-dir DIR, where simulations/ is found.
# Put your own model's data and figures in place of `read_numbers` and `figure`.
library(jsonlite)
arguments <- commandArgs(trailingOnly = TRUE)
option <- function(name) arguments[match(name, arguments) + 1]
job <- fromJSON(option("--config"), simplifyVector = FALSE) # the job file is JSON, and YAML as well

# The inputs of this example are CSV text; only their names are given. Where yours are R's own, use load().
read_numbers <- function(...) read.csv(file.path("simulations", job$catalog$model, ...))

figure <- function(series, outcome, facet) { # series: data by the name in the legend; a panel for each stratum
  about <- job$catalog$outcomes[[outcome]]
  strata <- if (facet == "none") "all" else job$catalog$dimensions[[facet]]
  data <- list()
  layout <- list(title = list(text = paste0(about$name, " (", about$unit, ")")),
    grid = list(rows = 1, columns = length(strata), pattern = "independent"))
  for (panel in seq_along(strata)) {
    number <- if (panel == 1) "" else panel # axes are x and y, x2 and y2, ...
    layout[[paste0("xaxis", number)]] <- list(title = list(text = strata[[panel]]))
    for (place in seq_along(series)) {
      numbers <- series[[place]]
      if (facet != "none") numbers <- numbers[numbers[[facet]] == strata[[panel]], ]
      sums <- tapply(numbers[[outcome]], numbers$year, sum)
      data[[length(data) + 1]] <- list(name = names(series)[place], x = as.integer(names(sums)), y = as.vector(sums),
        line = list(color = c("steelblue", "darkorange")[place]), legendgroup = place, showlegend = panel == 1,
        xaxis = paste0("x", number), yaxis = paste0("y", number))
    }
  }
  list(data = data, layout = layout)
}

for (block in job$jobs) for (scenario in block$scenarios) {
  baseline <- read_numbers("base", paste0(block$city, "_base.Rdata"))
  changed <- read_numbers("prerun", block$city, paste0(scenario, ".Rdata"))
  series <- setNames(list(baseline, changed), c("Baseline", job$catalog$scenarios[[scenario]]))
  directory <- file.path(option("--output-dir"), block$city, scenario)
  dir.create(directory, recursive = TRUE, showWarnings = FALSE)
  for (outcome in block$outcomes) for (statistic in block$statistics) for (facet in block$facets) {
    part <- if (facet == "none") "unfaceted" else paste0("facet_", facet)
    path <- file.path(directory, paste(outcome, statistic, part, sep = "_"))
    write_json(figure(series, outcome, facet), paste0(path, ".json"), auto_unbox = TRUE, digits = NA)
    write_json(list(city = block$city, scenario = scenario, outcome = outcome, statistic_type = statistic,
      facet_choice = facet), paste0(path, "_metadata.json"), auto_unbox = TRUE)
  }
}
