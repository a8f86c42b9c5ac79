#' Canonical form of a facet
#'
#' @param facet Text such as `"sex+age"`, `"none"`, or `NULL` / `NA` for none;
#'   dimensions in any order.
#' @param dimensions Names of all dimensions, in canonical order.
#' @return `"none"`, or the dimensions in canonical order joined by `+`. It is
#'   an error (class `fault`) if the facet names anything else.
#' @export
#' @examples
#' canonical_facet("sex+age")
canonical_facet <- function(facet, dimensions = names(model_dimensions())) {
  if (is.null(facet) || length(facet) == 0 || is.na(facet) || facet %in% c("none", "null", "~", "")) {
    return("none")
  }
  parts <- trimws(strsplit(as.character(facet), "+", fixed = TRUE)[[1]])
  if (!all(parts %in% dimensions) || anyDuplicated(parts)) {
    fault(
      "unknown facet '", facet, "' (expected none, or any of ",
      paste(dimensions, collapse = ", "), " joined by +)"
    )
  }
  paste(dimensions[dimensions %in% parts], collapse = "+")
}

facet_dimensions <- function(facet) {
  if (facet == "none") character() else strsplit(facet, "+", fixed = TRUE)[[1]]
}

# The part of a file's name for the facet: unfaceted, facet_age+race.
facet_part <- function(facet) if (facet == "none") "unfaceted" else paste0("facet_", facet)

# Number of a facet's panels, and the panel that each of the simulation's columns
# belongs to. Panels are combinations of strata, the last dimension changing
# fastest. `held` are the file's own dimensions in the order of its columns,
# `shown` the same strata in the order to show them.
facet_strata <- function(facet, held, shown = held) {
  table <- strata_table(held)
  panel <- rep(0L, nrow(table))
  panels <- 1L
  for (dimension in facet_dimensions(facet)) {
    strata <- shown[[dimension]]
    panel <- panel * length(strata) + match(table[[dimension]], strata) - 1L
    panels <- panels * length(strata)
  }
  list(panels = panels, groups = panel + 1L)
}

# Names to show for the strata of each dimension: the catalog's, or else the
# identifier with blanks. named: list by dimension of lists by stratum, or NULL.
strata_names <- function(dimensions, named) {
  sapply(names(dimensions), function(dimension) {
    vapply(dimensions[[dimension]], function(stratum) {
      as.character(or_else(named[[dimension]][[stratum]], gsub("_", " ", stratum)))
    }, "", USE.NAMES = FALSE)
  }, simplify = FALSE)
}
