#!/usr/bin/env Rscript
# A foreign image's program: it follows the batch contract, with the bad habits that images in use have. Which ones is
# said in FOREIGN_HABITS, `S.1:kill S.2:bare-nan,pretty` (a habit without a station is everybody's). FOREIGN_MARKS is
# a directory for what must be remembered between two starts, and for gates that a test opens.

arguments <- commandArgs(trailingOnly = TRUE)
value_of <- function(option, default = NULL) {
  place <- match(option, arguments)
  if (is.na(place)) default else arguments[place + 1]
}
job <- yaml::read_yaml(value_of("--config"))
output <- value_of("--output-dir", "output")
events <- value_of("--events")
marks <- Sys.getenv("FOREIGN_MARKS", tempdir())

say <- function(level, ...) cat(sprintf("[%s] %s: %s\n", format(Sys.time(), "%Y-%m-%d %H:%M:%S"), level, paste0(...)))

habits_of <- function(city) {
  words <- strsplit(Sys.getenv("FOREIGN_HABITS"), " +")[[1]]
  mine <- words[!grepl(":", words, fixed = TRUE) | startsWith(words, paste0(city, ":"))]
  unlist(strsplit(sub("^[^:]*:", "", mine), ",", fixed = TRUE))
}

as_list <- function(x) if (is.null(x)) list("none") else as.list(x)
plots <- do.call(rbind, lapply(job$jobs, function(block) {
  block$facets <- lapply(as_list(block$facets), function(facet) if (is.null(facet)) "none" else facet)
  expand.grid(
    facet = unlist(block$facets), statistic = unlist(block$statistics), outcome = unlist(block$outcomes),
    scenario = unlist(block$scenarios), city = block$city, stringsAsFactors = FALSE
  )
}))
city <- plots$city[1]
habits <- habits_of(city)
has <- function(habit) habit %in% habits

panels_of <- function(facet) {
  strata <- list(none = 1, season = 4, soil = 2, "season+soil" = 8)
  strata[[facet]]
}

number <- function(x) if (has("scalars")) format(x[1]) else paste0("[", paste(x, collapse = ","), "]")

trace <- function(name, panel, y) {
  axis <- if (panel == 1) "" else panel
  y <- if (has("na-strings")) paste0("[\"NA\",", paste(y, collapse = ","), "]") else number(y)
  text <- if (has("empty-objects")) ",\"text\":{},\"x\":{}" else ",\"x0\":2020"
  sprintf("{\"type\":\"scatter\",\"name\":\"%s\",\"xaxis\":\"x%s\",\"yaxis\":\"y%s\",\"y\":%s%s}", name, axis, axis, y, text)
}

scenario_name <- function(id) {
  name <- job$catalog$scenarios[[id]]
  if (is.null(name) || has("identifiers")) id else name
}

figure_of <- function(plot, series) {
  traces <- unlist(lapply(seq_len(panels_of(plot$facet)), function(panel) {
    c(trace("Baseline", panel, series$baseline + panel), trace(scenario_name(plot$scenario), panel, series$scenario + panel))
  }))
  layout <- sprintf("{\"yaxis\":{\"title\":\"%s\"}}", plot$outcome)
  extra <- if (has("extra-keys")) ",\"source\":\"A\",\"config\":{}" else ""
  between <- if (has("pretty")) "\n  " else ""
  sprintf("{%s\"data\":[%s],%s\"layout\":%s%s}", between, paste(traces, collapse = paste0(",", between)), between, layout, extra)
}

metadata_of <- function(plot, path) {
  outcome <- if (has("wrong-outcome") && plot$facet == "none") "rainfall" else plot$outcome
  fields <- c(
    city = plot$city, scenario = plot$scenario, outcome = outcome, statistic_type = plot$statistic,
    facet_choice = plot$facet, file_path = paste0(path, ".html"), json_path = paste0(path, ".json")
  )
  quoted <- sprintf("\"%s\"", fields)
  if (has("array-metadata")) quoted <- sprintf("[%s]", quoted)
  paste0("{", paste(sprintf("\"%s\":%s", names(fields), quoted), collapse = ","), "}")
}

remembered <- function(what) {
  mark <- file.path(marks, paste0(city, ".", what))
  before <- file.exists(mark)
  file.create(mark)
  before
}

half_way <- function() {
  if (has("crash")) stop("the weather model fell over")
  if (has("eat-memory")) eaten <- lapply(seq_len(1000), function(i) rep(i, 5e6))
  if (has("kill") || (has("kill-once") && !remembered("killed"))) tools::pskill(Sys.getpid(), tools::SIGKILL)
  if (has("hang") || (has("hang-once") && !remembered("hung"))) {
    # a child of its own, which must not outlive it
    system(sprintf("sleep 3600 & echo $! > '%s'", file.path(marks, paste0(city, ".grandchild"))))
    repeat Sys.sleep(3600)
  }
  if (has("gate")) {
    file.create(file.path(marks, paste0(city, ".waiting")))
    while (!file.exists(file.path(marks, paste0(city, ".open")))) Sys.sleep(0.05)
  }
  if (has("fill-disk")) {
    status <- system2("dd", c("if=/dev/zero", paste0("of=", file.path(output, "junk.bin")), "bs=1M"))
    if (status != 0) stop("the disk is full")
  }
}

load_series <- function(plot) {
  loaded <- new.env()
  load(file.path("simulations", "weather", "base", paste0(plot$city, "_base.Rdata")), envir = loaded)
  scenario <- file.path("simulations", "weather", "prerun", plot$city, paste0(plot$scenario, ".Rdata"))
  load(scenario, envir = loaded)
  list(baseline = loaded$baseline, scenario = loaded$scenario)
}

if ("--dry-run" %in% arguments) quit(status = 0)
failures <- 0
for (place in seq_len(nrow(plots))) {
  plot <- plots[place, ]
  part <- if (plot$facet == "none") "unfaceted" else paste0("facet_", plot$facet)
  directory <- file.path(output, plot$city, plot$scenario)
  path <- file.path(directory, paste(plot$outcome, plot$statistic, part, sep = "_"))
  say("INFO", sprintf("[%d/%d] GENERATING: %s/%s/%s (%s, %s)", place, nrow(plots), plot$city, plot$scenario, plot$outcome, plot$statistic, plot$facet))
  if (place == nrow(plots) %/% 2) half_way()
  if (has("silent-gap") && plot$outcome == "temperature") next
  series <- tryCatch(load_series(plot), error = function(problem) problem)
  odd_one <- plot$outcome == "temperature" && plot$facet == "season" && plot$statistic == "mean.and.interval" && plot$scenario == "warm"
  if (has("one-error") && odd_one) series <- simpleError("subscript out of bounds")
  if (inherits(series, "error")) {
    say("ERROR", sprintf("%s/%s/%s: %s", plot$city, plot$scenario, plot$outcome, conditionMessage(series)))
    failures <- failures + 1
    next
  }
  dir.create(directory, recursive = TRUE, showWarnings = FALSE)
  figure <- figure_of(plot, series)
  if (odd_one && has("bare-nan")) figure <- sub("\"y\":\\[", "\"y\":[NaN,", figure)
  if (odd_one && has("no-traces")) figure <- "{\"data\":[],\"layout\":{}}"
  if (odd_one && has("cut-off")) figure <- substr(figure, 1, nchar(figure) %/% 2)
  if (odd_one && has("no-baseline")) figure <- gsub("Baseline", "Basis", figure)
  if (odd_one && has("too-large")) figure <- sub("{", paste0("{\"pad\":\"", strrep("x", 300000), "\","), figure, fixed = TRUE)
  if (odd_one && has("panel-lost")) figure <- figure_of(replace(plot, "facet", "none"), series)
  # written in place, without care: a reader may see half of it
  writeLines(figure, paste0(path, ".json"))
  if (!(has("no-metadata") && odd_one)) writeLines(metadata_of(plot, path), paste0(path, "_metadata.json"))
  if (!is.null(events)) {
    cat(sprintf(
      "{\"event\":\"plot\",\"scenario\":\"%s\",\"outcome\":\"%s\",\"statistic\":\"%s\",\"facet\":\"%s\",\"path\":\"%s\"}\n",
      plot$scenario, plot$outcome, plot$statistic, plot$facet, sub(paste0(output, "/"), "", paste0(path, ".json"), fixed = TRUE)
    ), file = events, append = TRUE)
  }
  say("INFO", "SUCCESS: Generated ", path, ".json")
}
if (has("unasked")) {
  file.copy(paste0(path, ".json"), file.path(directory, "wind_mean.and.interval_unfaceted.json"))
  file.copy(paste0(path, "_metadata.json"), file.path(directory, "wind_mean.and.interval_unfaceted_metadata.json"))
}
quit(status = if (failures > 0 && !has("exit-0")) 1 else 0)
