# Input files for the weather stations: simulate.R DATA_DIRECTORY STATION...
arguments <- commandArgs(trailingOnly = TRUE)
root <- file.path(arguments[1], "simulations", "weather")
for (station in arguments[-1]) {
  set.seed(utf8ToInt(substr(station, 3, 3)))
  dir.create(file.path(root, "base"), recursive = TRUE, showWarnings = FALSE)
  dir.create(file.path(root, "prerun", station), recursive = TRUE, showWarnings = FALSE)
  baseline <- round(10 + cumsum(stats::rnorm(12)), 2)
  save(baseline, file = file.path(root, "base", paste0(station, "_base.Rdata")))
  for (id in c("warm", "dry")) {
    scenario <- round(baseline + stats::rnorm(12), 2)
    save(scenario, file = file.path(root, "prerun", station, paste0(id, ".Rdata")))
  }
}
