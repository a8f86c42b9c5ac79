#' Draw the plots of a job
#'
#' Reads `simulations/` in the working directory and writes the plots that a job
#' file asks for, with a log on standard output. A plot that can't be drawn costs
#' only itself: the reason is in the log, and all others are written.
#'
#' @param config Path of the job file: see [read_job()].
#' @param output_dir Directory to write below.
#' @param include_html Whether to write a page beside each figure, too.
#' @param dry_run Whether only to say what would be drawn, and to check inputs.
#' @param skip_existing Whether to leave out plots whose files are there.
#' @param events File to which one line of JSON is appended per finished plot,
#'   or `NULL`.
#' @return Exit status: 0 if every combination was drawn, otherwise 1. Faults of
#'   the job file are errors of class `fault`.
#' @export
run_batch <- function(config, output_dir = "plots", include_html = FALSE, dry_run = FALSE,
                      skip_existing = FALSE, events = NULL) {
  job <- read_job(config)
  catalog <- job$catalog
  catalog$model <- or_else(catalog$model, "ryan-white")
  if (!dry_run) {
    dir.create(output_dir, recursive = TRUE, showWarnings = FALSE)
    if (!dir.exists(output_dir)) fault("cannot make directory ", output_dir)
    if (include_html) copy_plotly(output_dir)
  }
  if (dry_run) events <- NULL
  run <- new_run(nrow(job$plots), output_dir, include_html, dry_run, skip_existing, events)
  for (city in unique(job$plots$city)) {
    run_city(city, job$plots[job$plots$city == city, ], job$path, catalog, run)
  }
  log_info(
    run$drawn, if (dry_run) " plots to draw, " else " plots drawn, ", run$skipped,
    " already there, ", run$failed, " failed"
  )
  if (run$failed > 0) 1L else 0L
}

# Counts and options of a run.
new_run <- function(total, output_dir, include_html = FALSE, dry_run = FALSE, skip_existing = FALSE, events = NULL) {
  list2env(list(
    done = 0L, drawn = 0L, skipped = 0L, failed = 0L, total = total,
    output_dir = output_dir, include_html = include_html, dry_run = dry_run,
    skip_existing = skip_existing, events = events
  ))
}

# All plots of one city; nothing of it outlives the call.
run_city <- function(city, plots, path, catalog, run) {
  data <- tryCatch(
    read_city(city, unique(plots$scenario), catalog),
    fault = stop,
    error = function(e) conditionMessage(e)
  )
  if (is.character(data)) {
    log_error(city, ": ", data, " (", nrow(plots), " plots can't be drawn)")
    run$done <- run$done + nrow(plots)
    run$failed <- run$failed + nrow(plots)
    return()
  }
  draw_city(plots, data, path, catalog, run)
}

# The plots of a city that has been read.
draw_city <- function(plots, data, path, catalog, run) {
  asked <- nrow(plots)
  plots <- plan_city(plots, data, path)
  for (scenario in unique(plots$scenario)) {
    directory <- file.path(run$output_dir, data$code, scenario)
    reason <- if (!run$dry_run) why_no_directory(directory)
    if (!is.null(reason)) data$simulations[[scenario]] <- reason
  }
  for (scenario in names(Filter(is.character, data$simulations))) {
    log_error(
      data$code, "/", scenario, ": ", data$simulations[[scenario]], " (",
      sum(plots$scenario == scenario & plots$applicable), " plots can't be drawn)"
    )
  }
  if (any(!plots$applicable)) {
    log_info(
      sum(!plots$applicable), " combinations not applicable: their outcome is not broken down by ",
      "a dimension of the facet"
    )
    plots <- plots[plots$applicable, ]
  }
  run$total <- run$total - asked + nrow(plots)
  if (run$skip_existing) plots <- leave_out_existing(plots, run)

  setup <- list(
    facets = city_facets(plots$facet, data), frame = remembered_frames(), catalog = catalog,
    observed = read_observed(catalog$model), points = or_else(catalog$points, default_points_limit)
  )
  for (outcome in unique(plots$outcome)) {
    draw_outcome(
      plots[plots$outcome == outcome, ], data, setup,
      emit = function(plot, pieces) finish_plot(plot, pieces, run),
      failed = function(plot, reason) {
        count(run, "failed")
        log_error("[", run$done, "/", run$total, "] ", plot_name(plot), ": ", one_line(reason))
      }
    )
  }
}

# Makes a directory; why it can't be made, or NULL.
why_no_directory <- function(path) {
  if (dir.exists(path)) return()
  tryCatch(
    {
      dir.create(path, recursive = TRUE)
      NULL
    },
    warning = conditionMessage
  )
}

plot_name <- function(plot) {
  paste0(plot$city, "/", plot$scenario, "/", plot$outcome, " (", plot$statistic, ", ", plot$facet, ")")
}

count <- function(run, what) {
  run$done <- run$done + 1L
  run[[what]] <- run[[what]] + 1L
}

# Writes a plot's files, then says so: in the log, and in the events file.
finish_plot <- function(plot, pieces, run) {
  place <- paste0("[", run$done + 1L, "/", run$total, "] ")
  if (run$dry_run) {
    count(run, "drawn")
    return(log_info(place, "WOULD GENERATE: ", plot_name(plot)))
  }
  log_info(place, "GENERATING: ", plot_name(plot))
  json <- write_plot(plot, pieces, run$output_dir, run$include_html)
  log_info("SUCCESS: Generated ", file.path(run$output_dir, json))
  announce(plot, json, run)
  count(run, "drawn")
}

announce <- function(plot, json, run) {
  if (is.null(run$events)) return()
  line <- paste0(
    '{"event":"plot","scenario":', json_string(plot$scenario), ',"outcome":', json_string(plot$outcome),
    ',"statistic":', json_string(plot$statistic), ',"facet":', json_string(plot$facet),
    ',"path":', json_string(json), "}\n"
  )
  .Call(ryanwhite_append_line, run$events, line)
}

# Plots whose files are there count as done, and are announced as if drawn now.
leave_out_existing <- function(plots, run) {
  there <- vapply(seq_len(nrow(plots)), function(i) plot_exists(plots[i, ], run$output_dir), NA)
  for (i in which(there)) {
    count(run, "skipped")
    log_info("[", run$done, "/", run$total, "] EXISTS: ", plot_name(plots[i, ]))
    if (!run$dry_run) announce(plots[i, ], paste0(plot_stem(plots[i, ]), ".json"), run)
  }
  plots[!there, ]
}

# Frames (see new_frame()) of one city, each made once.
remembered_frames <- function() {
  frames <- new.env(parent = emptyenv())
  function(facet, names, range, starts, scale) {
    key <- paste(c(facet, range, starts, scale), collapse = " ")
    if (is.null(frames[[key]])) frames[[key]] <- new_frame(names, range, starts, scale)
    frames[[key]]
  }
}
