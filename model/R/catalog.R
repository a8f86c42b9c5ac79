#' Read a job file's catalog block
#'
#' The block, when there is one, settles names and limits; without it they come
#' from the simulation files.
#'
#' @param block Content of `catalog:` as YAML gives it.
#' @param place How to name the block in a message.
#' @return A list of `model`, `cities` and `scenarios` (named lists of display
#'   names), `outcomes` (as in [model_outcomes()], without numerators),
#'   `dimensions` (named list of strata), `strata_names` (by dimension, display
#'   names by stratum) and `points` (limit per figure). Parts that the block
#'   leaves out are `NULL`.
#' @export
read_catalog <- function(block, place = "catalog") {
  if (!is.list(block)) fault(place, ": expected a mapping")
  dimensions <- read_dimensions(block$dimensions, place)
  points <- block$limits$points
  if (!is.null(points) && !(is.numeric(points) && length(points) == 1 && points >= 1)) {
    fault(place, ".limits.points: expected a number of at least 1")
  }
  if (!is.null(block$model) && !grepl("^[A-Za-z0-9._-]+$", block$model)) {
    fault(place, ".model: expected an identifier")
  }
  list(
    model = block$model,
    cities = read_names(block$cities, paste0(place, ".cities")),
    scenarios = read_names(block$scenarios, paste0(place, ".scenarios")),
    outcomes = read_outcomes(block$outcomes, names(dimensions), place),
    dimensions = dimensions,
    strata_names = sapply(names(block$strata_names), function(dimension) {
      read_names(block$strata_names[[dimension]], paste0(place, ".strata_names.", dimension))
    }, simplify = FALSE),
    points = points
  )
}

# A mapping of identifiers to display names, or NULL for an empty one.
read_names <- function(values, at) {
  values <- as.list(values)
  if (length(values) == 0) return(NULL)
  if (is.null(names(values)) || !all(vapply(values, is_text, NA))) {
    fault(at, ": expected a mapping of identifiers to names")
  }
  values
}

# Strata by dimension, or NULL where there are none.
read_dimensions <- function(block, place) {
  dimensions <- lapply(block, function(strata) as.character(unlist(strata)))
  for (name in names(dimensions)) {
    if (length(dimensions[[name]]) == 0) fault(place, ".dimensions.", name, ": expected a list of strata")
  }
  if (length(dimensions) > 0) dimensions
}

# Outcomes whose dimensions are among `known`, where any are.
read_outcomes <- function(outcomes, known, place) {
  for (id in names(outcomes)) {
    outcome <- outcomes[[id]]
    at <- paste0(place, ".outcomes.", id)
    if (!is.list(outcome) || !is_text(outcome$name) || !is_text(outcome$unit)) {
      fault(at, ": expected name and unit")
    }
    if (!isTRUE(outcome$kind %in% c("count", "proportion"))) {
      fault(at, ".kind: expected count or proportion")
    }
    outcomes[[id]]$dimensions <- as.character(unlist(outcome$dimensions))
    unknown <- setdiff(outcomes[[id]]$dimensions, known)
    if (length(known) > 0 && length(unknown) > 0) fault(at, ".dimensions: unknown '", unknown[1], "'")
  }
  outcomes
}

is_text <- function(value) length(value) == 1 && (is.character(value) || is.numeric(value))
