#!/usr/bin/env Rscript
# Draws plots the customary way (ggplot2, plotly::ggplotly, jsonlite) and with this repository's model package, and
# prints what each costs per plot: see --help.
#
# What is counted. Both begin with the simulations in memory and end with a file per plot. The package's time has all
# its batch program does from there: sums over strata, summaries, figures, files, log. ggplotly's has the plot, its
# conversion, JSON and the file; the numbers it draws are given to it as finished data frames, which costs it nothing.
# Each side draws one plot first that does not count.

usage <- c(
  "Usage: Rscript bench/ggplotly.R --data DIR [options]",
  "",
  "  --data DIR        has simulations/ (see model/exec/simulate --help)",
  "  --city CODE       default: C.12580",
  "  --scenario ID     default: cessation",
  "  --outcome ID      default: incidence",
  "  --sample N        plots to draw, evenly over facets and statistics (default: 48, all of them)",
  "  --repeat N        times that the package draws them, for a steadier mean (default: 10)",
  "  --json            prints one JSON object instead of a table",
  "",
  "Exit status: 0 measured, 2 the request was wrong, 3 something is missing.",
  "",
  "Examples:",
  "  R_LIBS=.r-library Rscript bench/ggplotly.R --data data",
  "  R_LIBS=.r-library Rscript bench/ggplotly.R --data data --outcome suppression --sample 12 --json"
)

missing_package <- function(name, remedy) {
  if (requireNamespace(name, quietly = TRUE)) return()
  cat("bench/ggplotly.R: the R package ", name, " is not installed: ", remedy, "\n", sep = "", file = stderr())
  quit(status = 3)
}

# All plots of the outcome that its dimensions allow, of which `sample` are taken evenly, from few panels to many.
sampled_plots <- function(options, model) {
  dimensions <- names(model$model_dimensions())
  subsets <- unlist(lapply(0:length(dimensions), function(n) {
    utils::combn(dimensions, n, paste, collapse = "+")
  }))
  plots <- expand.grid(
    statistic = model$statistics, facet = replace(subsets, subsets == "", "none"),
    outcome = options$outcome, scenario = options$scenario, city = options$city, stringsAsFactors = FALSE
  )
  plots$place <- "jobs[1]"
  plots <- plots[c("city", "scenario", "outcome", "statistic", "facet", "place")]
  broken_down <- model$model_outcomes()[[options$outcome]]$dimensions
  plots <- plots[vapply(plots$facet, function(facet) all(model$facet_dimensions(facet) %in% broken_down), NA), ]
  plots[unique(round(seq(1, nrow(plots), length.out = min(options$sample, nrow(plots))))), ]
}

# CPU (user and system) and wall seconds that `code` takes.
timed <- function(code) {
  before <- proc.time()
  force(code)
  spent <- proc.time() - before
  c(cpu = sum(spent[c("user.self", "sys.self")]), wall = spent[["elapsed"]])
}

# Seconds of the package's batch code, drawing `plots` into `directory`, without its reading of simulations.
time_package <- function(plots, data, directory, model) {
  log <- file(nullfile(), "w")
  sink(log)
  on.exit({
    sink()
    close(log)
  })
  run <- model$new_run(nrow(plots), directory)
  spent <- timed(model$draw_city(plots, data, "bench", list(model = "ryan-white"), run))
  if (run$drawn != nrow(plots)) stop("the package drew ", run$drawn, " of ", nrow(plots), " plots")
  spent
}

# Titles of panels, the last dimension changing fastest. names: of the strata, a vector per dimension.
panel_labels <- function(names) {
  if (length(names) == 0) return("")
  do.call(paste, c(rev(expand.grid(rev(names), stringsAsFactors = FALSE)), sep = ", "))
}

# The numbers of one plot as ggplot2 wants them: a row per point.
plot_data <- function(plot, data, model) {
  outcome <- data$outcomes[[plot$outcome]]
  facet <- model$facet_strata(plot$facet, data$baseline$dimensions, data$dimensions)
  labels <- panel_labels(data$strata_names[model$facet_dimensions(plot$facet)])
  panels <- length(labels)
  simulations <- list(Baseline = data$baseline, Scenario = data$simulations[[plot$scenario]])
  first <- vapply(simulations, function(it) model$first_year_drawn(it$years, it$scenario$starts), 0L)
  parts <- lapply(names(simulations), function(name) {
    draws <- dim(simulations[[name]]$quantities[[1]])[1]
    years <- data$baseline$years[first[[name]]:length(data$baseline$years)]
    values <- model$outcome_values(simulations[[name]], outcome, list(facet), first[[name]])
    if (plot$statistic == "individual.simulation") {
      points <- sum(length(data$baseline$years) + 1L - first) * panels
      keep <- model$kept_draws(draws, points, model$default_points_limit)
      kept <- array(values, c(draws, length(years), panels))[keep, , , drop = FALSE]
      return(cbind(
        expand.grid(draw = keep, year = years, panel = labels, stringsAsFactors = FALSE),
        value = as.vector(kept), simulation = name
      ))
    }
    summary <- model$summarise_draws(values, draws)
    central <- if (plot$statistic == "mean.and.interval") summary$mean else summary$median
    data.frame(
      year = rep(years, panels), panel = rep(labels, each = length(years)), value = central,
      lower = summary$lower, upper = summary$upper, simulation = name
    )
  })
  points <- do.call(rbind, parts)
  points$panel <- factor(points$panel, labels)
  list(points = points, panels = panels, unit = outcome$unit, name = outcome$name, kind = outcome$kind)
}

# One plot the customary way, to a file.
draw_customarily <- function(plot, prepared, starts, path) {
  points <- prepared$points
  colours <- c(Baseline = "#0072B2", Scenario = "#D55E00")
  figure <- if (plot$statistic == "individual.simulation") {
    ggplot2::ggplot(points, ggplot2::aes(
      year, value, colour = simulation, group = interaction(simulation, draw)
    )) + ggplot2::geom_line(linewidth = 0.3, alpha = 0.3)
  } else {
    ggplot2::ggplot(points, ggplot2::aes(year, value, colour = simulation, fill = simulation)) +
      ggplot2::geom_ribbon(ggplot2::aes(ymin = lower, ymax = upper), alpha = 0.2, colour = NA) +
      ggplot2::geom_line()
  }
  figure <- figure +
    ggplot2::scale_colour_manual(values = colours) +
    ggplot2::scale_fill_manual(values = colours) +
    ggplot2::geom_vline(xintercept = starts, linetype = "dashed", colour = "#888888") +
    ggplot2::expand_limits(y = 0) +
    ggplot2::labs(title = prepared$name, x = "Year", y = paste0(prepared$name, " (", prepared$unit, ")"))
  if (prepared$panels > 1) {
    figure <- figure + ggplot2::facet_wrap(~panel, scales = if (prepared$kind == "count") "free_y" else "fixed")
  }
  built <- plotly::plotly_build(plotly::ggplotly(figure))
  writeLines(jsonlite::toJSON(
    built$x[c("data", "layout")], auto_unbox = TRUE, force = TRUE, null = "null", na = "null", digits = 5
  ), path)
}

# Seconds of each plot, in columns.
time_ggplotly <- function(plots, data, directory, model) {
  starts <- data$simulations[[plots$scenario[1]]]$scenario$starts
  vapply(seq_len(nrow(plots)), function(i) {
    plot <- lapply(plots, `[[`, i)
    prepared <- plot_data(plot, data, model)
    path <- file.path(directory, paste0(i, ".json"))
    timed(suppressWarnings(draw_customarily(plot, prepared, starts, path)))
  }, c(cpu = 0, wall = 0))
}

# Average size of a figure below a directory, in kB.
average_size <- function(directory) {
  files <- list.files(directory, "[.]json$", recursive = TRUE, full.names = TRUE)
  mean(file.size(files[!grepl("_metadata[.]json$", files)])) / 1000
}

measure <- function(options, model) {
  plots <- sampled_plots(options, model)
  previous <- setwd(options$data)
  data <- model$read_city(options$city, options$scenario, list(model = "ryan-white"))
  setwd(previous)
  unusable <- Filter(is.character, data$simulations)
  if (length(unusable) > 0) stop(unusable[[1]], call. = FALSE)
  directory <- tempfile("bench")
  for (part in c("package", "ggplotly")) dir.create(file.path(directory, part), recursive = TRUE)
  on.exit(unlink(directory, recursive = TRUE))
  ours <- file.path(directory, "package")
  theirs <- file.path(directory, "ggplotly")

  time_package(plots[1, ], data, ours, model)
  package <- rowMeans(replicate(options$`repeat`, time_package(plots, data, ours, model)))
  time_ggplotly(plots[1, ], data, theirs, model)
  each <- time_ggplotly(plots, data, theirs, model)
  ggplotly <- rowSums(each)
  versions <- vapply(c("ryanwhite", "ggplot2", "plotly", "jsonlite"), function(name) {
    as.character(utils::packageVersion(name))
  }, "")
  side <- function(seconds, files) {
    list(
      cpu_seconds_per_plot = seconds[["cpu"]] / nrow(plots),
      wall_seconds_per_plot = seconds[["wall"]] / nrow(plots),
      kilobytes_per_plot = average_size(files)
    )
  }
  list(
    plots = nrow(plots), city = options$city, scenario = options$scenario, outcome = options$outcome,
    ggplotly = side(ggplotly, theirs), package = side(package, ours),
    ratio = ggplotly[["cpu"]] / package[["cpu"]],
    # Large facets weigh much in a mean: the plot in the middle, against the package's mean.
    median_ratio = stats::median(each["cpu", ]) / package[["cpu"]] * nrow(plots), r = as.character(getRversion()), packages = as.list(versions)
  )
}

print_table <- function(result) {
  row <- function(name, side) {
    cat(sprintf(
      "%-44s %10.2f %10.2f %10.0f\n", name, 1000 * side$cpu_seconds_per_plot,
      1000 * side$wall_seconds_per_plot, side$kilobytes_per_plot
    ))
  }
  cat(sprintf(
    "%d plots of %s, %s, %s; R %s\n\n%-44s %10s %10s %10s\n", result$plots, result$city, result$scenario,
    result$outcome, result$r, "per plot", "CPU ms", "wall ms", "kB"
  ))
  row(paste0("ggplotly (ggplot2 ", result$packages$ggplot2, ", plotly ", result$packages$plotly, ")"), result$ggplotly)
  row(paste("ryanwhite", result$packages$ryanwhite), result$package)
  cat(sprintf(
    "\nryanwhite is %.0f times faster (CPU); %.0f times, if ggplotly's median plot stands for its mean\n",
    result$ratio, result$median_ratio
  ))
}

main <- function() {
  missing_package("ryanwhite", "run `make model`, and set R_LIBS=.r-library")
  for (name in c("ggplot2", "plotly")) {
    missing_package(name, "apt-get install r-cran-plotly, or install.packages(\"plotly\")")
  }
  model <- asNamespace("ryanwhite")
  status <- model$exit_status("bench/ggplotly.R", {
    options <- model$parse_arguments(commandArgs(trailingOnly = TRUE), list(
      data = "value", city = "value", scenario = "value", outcome = "value", sample = "value",
      `repeat` = "value", json = "flag", help = "flag"
    ), "bench/ggplotly.R")
    if (options$help) {
      cat(usage, sep = "\n")
    } else {
      if (is.null(options$data)) model$fault("--data DIR is missing (see --help)")
      if (!dir.exists(options$data)) model$fault("--data ", options$data, ": no such directory")
      defaults <- list(city = "C.12580", scenario = "cessation", outcome = "incidence", sample = "48", `repeat` = "10")
      for (name in names(defaults)) options[[name]] <- model$or_else(options[[name]], defaults[[name]])
      model$check_known(options$outcome, names(model$model_outcomes()), "--outcome: ")
      for (name in c("sample", "repeat")) options[[name]] <- model$whole_number(options[[name]], name, 1)
      result <- measure(options, model)
      if (options$json) cat(model$json_value(result), "\n", sep = "") else print_table(result)
    }
    0L
  })
  quit(status = status)
}

main()
