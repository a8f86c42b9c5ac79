# Cities that a command line chooses: a list of lists with code, name, population.
chosen_cities <- function(options) {
  if (is.null(options$cities)) {
    if (length(options$city) != 1) fault("expected one --city with --population, or --cities FILE")
    if (is.null(options$population)) fault("--population is missing")
    return(list(checked_city(list(
      code = options$city, name = or_else(options$name, options$city),
      population = whole_number(options$population, "population", 1000)
    ), "--city")))
  }
  for (name in c("population", "name")) {
    if (!is.null(options[[name]])) fault("--", name, " and --cities exclude each other")
  }
  path <- options$cities
  if (!file.exists(path)) fault(path, ": no such file")
  content <- tryCatch(
    yaml::read_yaml(path),
    error = function(e) fault(path, ": not YAML: ", one_line(conditionMessage(e)))
  )
  listed <- if (is.null(names(content))) content else content$cities
  if (!is.list(listed) || length(listed) == 0) {
    fault(path, ": expected a list of {code, name, population}, or a mapping with `cities`")
  }
  cities <- lapply(seq_along(listed), function(i) checked_city(listed[[i]], paste0(path, ": cities[", i, "]")))
  codes <- vapply(cities, `[[`, "", "code")
  for (code in options$city) check_known(code, codes, paste0(path, ": "))
  if (length(options$city) > 0) cities[match(unique(options$city), codes)] else cities
}

checked_city <- function(city, place) {
  if (!is.list(city) || !is_text(city$code) || !grepl("^[A-Za-z0-9._]+$", city$code)) {
    fault(place, ".code: expected an identifier (letters, digits, '.', '_')")
  }
  if (!is.numeric(city$population) || length(city$population) != 1 || is.na(city$population) || city$population < 1000) {
    fault(place, ".population: expected a number of at least 1000")
  }
  list(
    code = as.character(city$code), name = as.character(or_else(city$name, city$code)),
    population = as.numeric(city$population)
  )
}

# Simulates a city and saves its files, unless all of them are there.
simulate_to_files <- function(city, directory, draws, seed, date, force = FALSE) {
  paths <- file.path(directory, vapply(names(model_scenarios()), simulation_path, "", city = city$code))
  if (!force && all(file.exists(paths))) {
    return(log_info(city$code, ": files are there already (--force simulates again)"))
  }
  started <- proc.time()[["elapsed"]]
  simulations <- simulate_city(city$code, city$name, city$population, draws, seed, date)
  Map(write_simulation, simulations, paths)
  log_info(
    city$code, " ", city$name, ": ", length(paths), " files, ",
    round(sum(file.size(paths)) / 1e6), " MB, ",
    format(proc.time()[["elapsed"]] - started, digits = 2), " s"
  )
}
