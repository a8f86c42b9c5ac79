# All plots of one city. Simulations are read once; outcomes are worked through
# one after the other, so that memory holds the numbers of one outcome only, and
# the baseline's text serves every scenario.

# What a city's figures are drawn from: the baseline, and each scenario's
# simulation or, where its file can't be used, the reason as text. `vocabulary`
# settles names: the catalog's where there is one, otherwise the files' own.
read_city <- function(city, scenarios, catalog) {
  model <- catalog$model
  baseline <- read_simulation(simulation_path(city, "base", model), city, "base")
  simulations <- sapply(scenarios, function(scenario) {
    path <- simulation_path(city, scenario, model)
    tryCatch(
      check_same_shape(read_simulation(path, city, scenario), baseline, path),
      error = function(e) conditionMessage(e)
    )
  }, simplify = FALSE)
  dimensions <- baseline$dimensions
  for (name in names(catalog$dimensions)) {
    if (!setequal(catalog$dimensions[[name]], dimensions[[name]])) {
      stop(
        simulation_path(city, "base", model), ": dimension ", name, " has strata ",
        paste(dimensions[[name]], collapse = ", "), "; the catalog says ",
        paste(catalog$dimensions[[name]], collapse = ", "),
        call. = FALSE
      )
    }
    dimensions[[name]] <- catalog$dimensions[[name]]
  }
  outcomes <- baseline$outcomes
  for (id in names(catalog$outcomes)) {
    settled <- catalog$outcomes[[id]][c("name", "unit", "kind", "dimensions")]
    if (!is.null(outcomes[[id]])) outcomes[[id]][names(settled)] <- settled
  }
  list(
    code = city, baseline = baseline, simulations = simulations, dimensions = dimensions,
    outcomes = outcomes, name = or_else(catalog$cities[[city]], baseline$city$name)
  )
}

# A scenario is compared with its baseline draw by draw and year by year.
check_same_shape <- function(simulation, baseline, path) {
  same <- identical(simulation$model_version, baseline$model_version) &&
    identical(simulation$years, baseline$years) &&
    identical(simulation$dimensions, baseline$dimensions) &&
    identical(dim(simulation$quantities[[1]]), dim(baseline$quantities[[1]]))
  if (!same) {
    stop(path, ": model version, years, draws or strata differ from the baseline's", call. = FALSE)
  }
  simulation
}

or_else <- function(value, otherwise) if (is.null(value)) otherwise else value

# Puts a city's part of the job into order: facets canonical, combinations that
# an outcome's dimensions rule out left aside, outcomes together.
plan_city <- function(plots, data, path) {
  at <- paste0(path, ": ", sub(".*: ", "", plots$place))
  unknown <- which(!plots$outcome %in% names(data$outcomes))
  if (length(unknown) > 0) {
    fault(
      at[unknown[1]], ".outcomes: unknown '", plots$outcome[unknown[1]], "' (expected one of ",
      paste(names(data$outcomes), collapse = ", "), ")"
    )
  }
  for (facet in unique(plots$facet)) {
    same <- plots$facet == facet
    plots$facet[same] <- located(
      paste0(at[same][1], ".facets: "), canonical_facet(facet, names(data$dimensions))
    )
  }
  plots <- plots[!duplicated(plots[c("scenario", "outcome", "statistic", "facet")]), ]
  needed <- lapply(plots$facet, facet_dimensions)
  broken_down <- lapply(data$outcomes, `[[`, "dimensions")[plots$outcome]
  plots$applicable <- mapply(function(needed, by) all(needed %in% by), needed, broken_down)
  plots[order(
    match(plots$outcome, unique(plots$outcome)), match(plots$scenario, unique(plots$scenario)),
    seq_len(nrow(plots))
  ), ]
}

# Everything that figures of one facet share, for the facets of a city's plots.
city_facets <- function(facets, data) {
  held <- data$baseline$dimensions
  sapply(unique(facets), function(facet) {
    strata <- facet_strata(facet, held, data$dimensions)
    strata$sizes <- lengths(data$dimensions[facet_dimensions(facet)], use.names = FALSE)
    strata
  }, simplify = FALSE)
}

# Draws the plots of one outcome; calls `emit(plot, pieces)` for each, and
# `failed(plot, reason)` for one that could not be drawn.
draw_outcome <- function(plots, data, setup, emit, failed) {
  outcome <- data$outcomes[[plots$outcome[1]]]
  facets <- setup$facets[unique(plots$facet)]
  series_of <- function(simulation) new_series(simulation, outcome, facets)
  baseline <- NULL
  for (scenario in unique(plots$scenario)) {
    rows <- which(plots$scenario == scenario)
    simulation <- data$simulations[[scenario]]
    attempt <- tryCatch(
      {
        if (is.character(simulation)) stop(simulation, call. = FALSE)
        if (is.null(baseline)) baseline <- series_of(data$baseline)
        series_of(simulation)
      },
      error = identity
    )
    for (i in rows) {
      plot <- lapply(plots, `[[`, i)
      tryCatch(
        {
          if (inherits(attempt, "error")) stop(attempt)
          emit(plot, figure_pieces(plot, outcome, baseline, attempt, simulation$scenario, data, setup))
        },
        error = function(e) failed(plot, conditionMessage(e))
      )
    }
  }
}

# One figure as pieces of text.
figure_pieces <- function(plot, outcome, baseline, scenario, described, data, setup) {
  facet <- setup$facets[[plot$facet]]
  years <- data$baseline$years
  names <- list(
    baseline = "Baseline",
    scenario = or_else(setup$catalog$scenarios[[plot$scenario]], described$name)
  )
  observed <- find_observed(setup$observed, plot$city, plot$outcome, plot$facet)
  starts <- if (is.finite(described$starts)) described$starts
  shared_y <- outcome$kind == "proportion"
  frame <- setup$frame(plot$facet, facet, range(years, observed$years) + c(-0.5, 0.5), starts, shared_y)
  panels <- length(facet$labels)
  if (plot$statistic == "individual.simulation") {
    keep <- kept_draws(baseline$draws, length(years) * panels * 2, setup$points)
    traces <- draw_traces(baseline, scenario, plot$facet, keep, names, years, frame$axes, shared_y)
    styles <- draw_styles(length(keep))
    points <- length(keep) * length(years) * panels * 2
    highest <- highest_draw
    kept <- paste0(',"draws_kept":', length(keep))
  } else {
    traces <- interval_traces(baseline, scenario, plot$statistic, plot$facet, names, years, frame$axes)
    styles <- interval_styles()
    points <- 6 * length(years) * panels
    highest <- highest_bound
    kept <- ""
  }
  unit <- if (outcome$kind == "proportion") "%" else outcome$unit
  meta <- paste0(
    '{"city":', json_string(plot$city), ',"city_name":', json_string(data$name),
    ',"scenario":', json_string(plot$scenario), ',"outcome":', json_string(plot$outcome),
    ',"statistic":', json_string(plot$statistic), ',"facet":', json_string(plot$facet),
    ',"unit":', json_string(unit), ',"draws":', baseline$draws, kept,
    ',"points":', sprintf("%.0f", points), "}"
  )
  top <- if (shared_y) 1.05 * max(highest(baseline, plot$facet), highest(scenario, plot$facet))
  layout <- figure_layout(
    frame, styles, outcome$name, paste0(data$name, label_separator, names$scenario),
    paste0(outcome$name, " (", unit, ")"), top, meta, observed$source
  )
  c(
    '{"data":[', traces, if (!is.null(observed)) observed_trace(observed), '],"layout":', layout, "}"
  )
}
