# Figures that were observed, from inst/observed/<model>.yaml: a list of entries
# with `city`, `outcome`, `facet`, `years`, `values` and `source`.
read_observed <- function(model) {
  path <- system.file("observed", paste0(model, ".yaml"), package = "ryanwhite")
  if (path == "") return(list())
  lapply(yaml::read_yaml(path), function(entry) {
    entry$years <- as.integer(names(entry$values))
    entry$values <- as.numeric(unlist(entry$values))
    entry$source <- entry$source$name
    entry
  })
}

find_observed <- function(observed, city, outcome, facet) {
  for (entry in observed) {
    if (entry$city == city && entry$outcome == outcome && entry$facet == facet) return(entry)
  }
  NULL
}
