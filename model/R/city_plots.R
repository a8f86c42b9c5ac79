# All plots of one city. Simulations are read once; outcomes are worked through
# one after the other, so that memory holds the numbers of one outcome only, and
# the baseline's text serves every scenario.

# Reads a city's baseline and scenarios. Where the file of a scenario can't be
# used, the reason as text takes the place of the simulation. Names come from
# the catalog where there is one, otherwise from the files.
read_city <- function(city, scenarios, catalog) {
  model <- catalog$model
  baseline <- read_simulation(simulation_path(city, "base", model), city, "base")
  simulations <- sapply(scenarios, function(scenario) {
    path <- simulation_path(city, scenario, model)
    tryCatch(
      check_same_simulation(read_simulation(path, city, scenario), baseline, path),
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
    strata_names = strata_names(dimensions, catalog$strata_names), outcomes = outcomes,
    name = or_else(catalog$cities[[city]], baseline$city$name)
  )
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
    c(
      facet_strata(facet, held, data$dimensions),
      list(names = data$strata_names[facet_dimensions(facet)])
    )
  }, simplify = FALSE)
}

# Draws the plots of one outcome; calls `emit(plot, pieces)` for each, and
# `failed(plot, reason)` for one that could not be drawn.
draw_outcome <- function(plots, data, setup, emit, failed) {
  outcome <- data$outcomes[[plots$outcome[1]]]
  facets <- setup$facets[unique(plots$facet)]
  series_of <- function(simulation) {
    new_series(simulation, outcome, facets, first_year_drawn(simulation$years, simulation$scenario$starts))
  }
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
          emit(plot, figure_pieces(plot, outcome, baseline, attempt, data, setup))
        },
        error = function(e) failed(plot, conditionMessage(e))
      )
    }
  }
}

# One figure as pieces of text.
figure_pieces <- function(plot, outcome, baseline, scenario, data, setup) {
  simulation <- data$simulations[[plot$scenario]]
  names <- list(
    baseline = "Baseline",
    scenario = or_else(setup$catalog$scenarios[[plot$scenario]], simulation$scenario$name)
  )
  unit <- if (outcome$kind == "proportion") "%" else outcome$unit
  facet <- setup$facets[[plot$facet]]
  observed <- find_observed(setup$observed, plot$city, plot$outcome, plot$facet)

  individual <- plot$statistic == "individual.simulation"
  highest_of <- if (individual) highest_draws else highest_bounds
  highest <- pmax(highest_of(baseline, plot$facet), highest_of(scenario, plot$facet), max(0, observed$values))
  scale <- shared_scale(outcome$kind, facet$names, highest)
  starts <- if (is.finite(simulation$scenario$starts)) simulation$scenario$starts
  years <- range(baseline$years, observed$years) + c(-0.5, 0.5)
  frame <- setup$frame(plot$facet, facet$names, years, starts, scale)

  points <- facet$panels * (length(baseline$years) + length(scenario$years))
  keep <- kept_draws(baseline$draws, points, setup$points)
  if (individual) {
    shown_years <- lapply(list(baseline = baseline, scenario = scenario), function(it) length(it$years))
    styles <- draw_styles(names, unit, keep, baseline$draws, shown_years)
    traces <- draw_traces(baseline, scenario, plot$facet, keep, names, frame$axes, scale == "all")
    points <- points * length(keep)
  } else {
    central <- if (plot$statistic == "mean.and.interval") "mean" else "median"
    styles <- interval_styles(names, central, unit)
    traces <- interval_traces(baseline, scenario, central, plot$facet, names, frame$axes)
    points <- points * 3
  }
  meta <- paste0(
    '{"city":', json_string(plot$city), ',"city_name":', json_string(data$name),
    ',"scenario":', json_string(plot$scenario), ',"outcome":', json_string(plot$outcome),
    ',"statistic":', json_string(plot$statistic), ',"facet":', json_string(plot$facet),
    ',"unit":', json_string(unit), ',"draws":', baseline$draws,
    if (individual) paste0(',"draws_kept":', length(keep)),
    ',"points":', sprintf("%.0f", points), "}"
  )
  captions <- list(
    title = title_text(
      outcome$name, data$name, names$scenario, statistic_text(plot$statistic, length(keep), baseline$draws)
    ),
    y_title = paste0(outcome$name, " (", unit, ")"),
    foot = foot_text(list(data$baseline, simulation), setup$catalog$model, observed$source, scale, frame$rows)
  )
  behaviour <- if (individual) draw_behaviour else interval_behaviour
  layout <- figure_layout(frame, styles, behaviour, captions, axis_tops(highest, scale, frame$y_axis), meta)
  traces <- in_order(c(traces, if (!is.null(observed)) observed_trace(observed, unit)))
  c('{"data":[', traces, '],"layout":', layout, "}")
}

# Which panels have the same y axis: all of them show per cent on one; counts
# share it within a row. In a single row, counts so different that some panels
# would be flat have an axis each.
shared_scale <- function(kind, names, highest) {
  if (kind == "proportion") return("all")
  if (length(names) == 1 && min(highest) < max(highest) / 15) "panel" else "row"
}

# Upper end of each y axis: just above its highest panel.
axis_tops <- function(highest, scale, y_axis) {
  tops <- if (scale == "all") max(highest) else vapply(split(highest, y_axis), max, 0, USE.NAMES = FALSE)
  ifelse(tops > 0, 1.05 * tops, 1)
}
