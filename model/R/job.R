statistics <- c("mean.and.interval", "median.and.interval", "individual.simulation")

# Points per figure when no catalog says otherwise.
default_points_limit <- 50000

#' Read a job file
#'
#' Checks everything that can be known before a simulation is read. Whatever is
#' wrong is an error of class `fault` that names the file, the place in it and
#' what was expected.
#'
#' @param path YAML file: `batch --help` shows one.
#' @return A list of `path`, `catalog` (see [read_catalog()], or `NULL`) and
#'   `plots`, a data frame with one row per combination asked for: `city`,
#'   `scenario`, `outcome`, `statistic`, `facet` and `place`, the entry of the
#'   file it comes from. With a catalog, facets are in canonical form.
#' @export
read_job <- function(path) {
  if (!file.exists(path)) fault(path, ": no such file")
  content <- tryCatch(
    yaml::read_yaml(path),
    error = function(e) fault(path, ": not YAML: ", one_line(conditionMessage(e)))
  )
  if (!is.list(content) || is.null(names(content))) fault(path, ": expected a mapping with `jobs`")
  if (!is.list(content$jobs) || !is.null(names(content$jobs)) || length(content$jobs) == 0) {
    fault(path, ": jobs: expected a list with at least one entry")
  }
  catalog <- if (!is.null(content$catalog)) read_catalog(content$catalog, paste0(path, ": catalog"))
  plots <- do.call(rbind, lapply(seq_along(content$jobs), function(i) {
    expand_entry(content$jobs[[i]], paste0(path, ": jobs[", i, "]"), catalog)
  }))
  plots <- plots[!duplicated(plots[c("city", "scenario", "outcome", "statistic", "facet")]), ]
  list(path = path, catalog = catalog, plots = plots)
}

# One entry of `jobs` as a data frame of combinations.
expand_entry <- function(entry, place, catalog) {
  if (!is.list(entry) || is.null(names(entry))) {
    fault(place, ": expected a mapping with city, scenarios, outcomes, statistics, facets")
  }
  check <- function(field, known = NULL) {
    values <- as.list(entry[[field]])
    if (length(values) == 0) fault(place, ".", field, ": expected at least one identifier")
    vapply(seq_along(values), function(i) {
      at <- paste0(place, ".", field, if (length(values) > 1) paste0("[", i, "]"), ": ")
      value <- values[[i]]
      if (length(value) != 1 || !grepl("^[A-Za-z0-9._]+$", value) || grepl("^[.]+$", value)) {
        fault(at, "expected an identifier (letters, digits, '.', '_')")
      }
      check_known(as.character(value), known, at)
    }, "")
  }
  if (!"facets" %in% names(entry)) fault(place, ".facets: expected at least one facet")
  facets <- as.list(entry$facets)
  if (length(facets) == 0) facets <- list("none")
  facets <- vapply(seq_along(facets), function(i) {
    at <- paste0(place, ".facets[", i, "]: ")
    facet <- facets[[i]]
    if (length(facet) > 1) fault(at, "expected text such as none or age+race")
    if (is.null(facet) || is.na(facet)) return("none")
    if (is.null(catalog)) return(as.character(facet))
    located(at, canonical_facet(as.character(facet), names(catalog$dimensions)))
  }, "")
  plots <- expand.grid(
    facet = facets,
    statistic = check("statistics", statistics),
    outcome = check("outcomes", names(catalog$outcomes)),
    scenario = check("scenarios", names(catalog$scenarios)),
    city = check("city", names(catalog$cities)),
    stringsAsFactors = FALSE, KEEP.OUT.ATTRS = FALSE
  )
  cbind(plots[5:1], place = place)
}

check_known <- function(value, known, at) {
  if (!is.null(known) && !value %in% known) {
    shown <- if (length(known) > 20) c(known[1:20], "...") else known
    fault(at, "unknown '", value, "' (expected one of ", paste(shown, collapse = ", "), ")")
  }
  value
}

# Evaluates `code`. A fault in it gets its place as a prefix.
located <- function(at, code) {
  tryCatch(code, fault = function(e) fault(at, conditionMessage(e)))
}
