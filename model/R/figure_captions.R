# Texts of a figure: title, statistic, foot line.

# statistic: identifier. kept: number of draws shown; draws: how many there are.
statistic_text <- function(statistic, kept, draws) {
  switch(statistic,
    mean.and.interval = paste("mean, 95 % interval of", draws, "simulations"),
    median.and.interval = paste("median, 95 % interval of", draws, "simulations"),
    if (kept < draws) paste(kept, "of", draws, "simulations") else paste(draws, "simulations")
  )
}

# Three lines, each short enough for a telephone. The empty line before them keeps
# them off the upper edge: Plotly ignores a title's padding there.
title_text <- function(outcome, city, scenario, statistic) {
  heading <- paste0("<span style=\"font-size:15px\"><b>", outcome, "</b></span>")
  paste(c("", heading, city, paste0(scenario, label_separator, statistic)), collapse = "<br>")
}

# Where the figure is from. simulations: the ones it shows. observed: source of
# observed data, or NULL. scale: as for new_frame(); rows: of panels.
foot_text <- function(simulations, model, observed, scale, rows) {
  dates <- sort(unique(unlist(lapply(simulations, `[[`, "simulated"))))
  notes <- c(
    if (!is.null(observed)) paste("Observed:", observed),
    if (scale == "panel") "Each panel has its own scale",
    if (scale == "row" && rows > 1) "Each row has its own scale"
  )
  origin <- c(
    if (length(dates) > 0) paste("Simulated", paste(dates, collapse = " and ")),
    paste(model, simulations[[1]]$model_version), "illustrative, not for inference"
  )
  lines <- Filter(length, list(notes, origin))
  paste(vapply(lines, paste, "", collapse = label_separator), collapse = "<br>")
}

label_separator <- " \u00b7 "
