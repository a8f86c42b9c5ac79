# Draws the plots that replot asks for: Rscript program.R --config JOB --output-dir DIR, where simulations/ is found.
# Put your own model's data and figures in place of `read_numbers` and `figure`.
library(jsonlite)
arguments <- commandArgs(trailingOnly = TRUE)
option <- function(name) arguments[match(name, arguments) + 1]
job <- fromJSON(option("--config"), simplifyVector = FALSE) # the job file is JSON, and YAML as well

# The inputs of this example are CSV text; only their names are given. Where yours are R's own, use load().
read_numbers <- function(...) read.csv(file.path("simulations", job$catalog$model, ...))

figure <- function(series, outcome, facet) { # series: data by the name in the legend; a panel for each stratum
  strata <- if (facet == "none") list(NULL) else job$catalog$dimensions[[facet]]
  data <- list()
  for (panel in seq_along(strata)) for (name in names(series)) {
    numbers <- series[[name]]
    if (facet != "none") numbers <- numbers[numbers[[facet]] == strata[[panel]], ]
    sums <- tapply(numbers[[outcome]], numbers$year, sum)
    data[[length(data) + 1]] <- list(name = name, x = as.integer(names(sums)), y = as.vector(sums), legendgroup = name,
      showlegend = panel == 1, xaxis = paste0("x", panel), yaxis = paste0("y", panel))
  }
  about <- job$catalog$outcomes[[outcome]]
  list(data = data, layout = list(title = list(text = paste0(about$name, " (", about$unit, ")")),
    grid = list(rows = 1, columns = length(strata), pattern = "independent")))
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
