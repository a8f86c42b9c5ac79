#' Illustrative HIV projections and their plots
#'
#' Two programs share this package. `simulate` projects an HIV epidemic for a
#' metropolitan area and saves it ([simulate_city()]); `batch` reads such files
#' and draws them as Plotly figures ([run_batch()]). The model is illustrative
#' and not meant for inference.
#'
#' Numbers travel as arrays with dimensions draw x year x age x race x sex x
#' risk, or as matrices with one row per draw and year (draw changes fastest)
#' and one column per stratum (age changes fastest).
#'
#' @keywords internal
#' @useDynLib ryanwhite, .registration = TRUE
"_PACKAGE"
