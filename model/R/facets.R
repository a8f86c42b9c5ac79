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

# What of a file's name stands for the facet: unfaceted, facet_age+race.
facet_part <- function(facet) if (facet == "none") "unfaceted" else paste0("facet_", facet)

# Strata of a facet, in the order of its panels (the last dimension changes
# fastest, so that neighbours share the first), and the panel that each of the
# simulation's columns belongs to. `held` are the file's own dimensions in the
# order of its columns, `shown` the same strata in the order to show them.
facet_strata <- function(facet, held, shown = held) {
  chosen <- facet_dimensions(facet)
  if (length(chosen) == 0) {
    return(list(labels = "", groups = rep(1L, prod(lengths(held)))))
  }
  table <- strata_table(held)
  panel <- rep(0L, nrow(table))
  labels <- ""
  for (dimension in chosen) {
    strata <- shown[[dimension]]
    panel <- panel * length(strata) + match(table[[dimension]], strata) - 1L
    labels <- as.vector(outer(gsub("_", " ", strata), labels, function(new, old) {
      ifelse(old == "", new, paste(old, new, sep = label_separator))
    }))
  }
  list(labels = labels, groups = as.integer(panel + 1L))
}

label_separator <- " \u00b7 "
