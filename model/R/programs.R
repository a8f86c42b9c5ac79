#' The programs `batch` and `simulate`
#'
#' What `exec/batch` and `exec/simulate` call.
#'
#' @param arguments Command-line arguments.
#' @return Exit status: 0 done; 1 some plots could not be drawn; 2 the request
#'   was wrong; 3 anything else.
#' @export
batch_main <- function(arguments = commandArgs(trailingOnly = TRUE)) {
  exit_status("batch", {
    options <- parse_arguments(arguments, list(
      config = "value", `output-dir` = "value", events = "value", `include-html` = "flag",
      `dry-run` = "flag", `skip-existing` = "flag", help = "flag"
    ), "batch")
    if (options$help) {
      cat(batch_help, sep = "\n")
      return(0L)
    }
    if (is.null(options$config)) fault("--config JOB.yaml is missing (see batch --help)")
    run_batch(
      options$config, or_else(options$`output-dir`, "plots"), options$`include-html`,
      options$`dry-run`, options$`skip-existing`, options$events
    )
  })
}

#' @rdname batch_main
#' @export
simulate_main <- function(arguments = commandArgs(trailingOnly = TRUE)) {
  exit_status("simulate", {
    options <- parse_arguments(arguments, list(
      city = "values", cities = "value", name = "value", population = "value", draws = "value",
      seed = "value", date = "value", output = "value", force = "flag", help = "flag"
    ), "simulate")
    if (options$help) {
      cat(simulate_help, sep = "\n")
      return(0L)
    }
    draws <- whole_number(or_else(options$draws, "80"), "draws", 1)
    seed <- whole_number(or_else(options$seed, "1"), "seed", 0)
    date <- if (is.null(options$date)) utc_date() else calendar_date(options$date, "date")
    for (city in chosen_cities(options)) {
      simulate_to_files(city, or_else(options$output, "."), draws, seed, date, options$force)
    }
    0L
  })
}

batch_help <- c(
  "Draws the plots of a job from the simulation files below ./simulations.",
  "",
  "Usage: batch --config JOB.yaml [options]",
  "",
  "  --config FILE      the job: which plots to draw",
  "  --output-dir DIR   where plots go (default: plots)",
  "  --include-html     writes a page beside each plot, and one plotly.min.js",
  "  --dry-run          says what would be drawn, and checks the inputs",
  "  --skip-existing    leaves out plots whose files are there",
  "  --events FILE      appends one line of JSON per finished plot",
  "",
  "Exit status: 0 all drawn, 1 some could not be drawn (those that were are",
  "valid), 2 the request was wrong, 3 anything else.",
  "",
  "Examples:",
  "  batch --config job.yaml --output-dir out",
  "  batch --config job.yaml --output-dir out --include-html --skip-existing",
  "",
  "A job file:",
  "  jobs:",
  "    - { city: C.12580, scenarios: [cessation], outcomes: [incidence],",
  "        statistics: [mean.and.interval], facets: [none, age+race] }"
)

simulate_help <- c(
  "Simulates cities and saves what `batch` draws: a baseline and three scenarios",
  "per city, below DIR/simulations. Illustrative; not for inference.",
  "",
  "Usage: simulate --city CODE --population N [options]",
  "       simulate --cities FILE.yaml [--city CODE ...] [options]",
  "",
  "  --city CODE        the city; with --cities, which of them (repeatable)",
  "  --name NAME        its name, for titles (default: the code)",
  "  --population N     its inhabitants",
  "  --cities FILE      list of {code, name, population}, or a catalog that has it",
  "  --draws N          parameter draws (default: 80)",
  "  --seed N           other draws (default: 1)",
  "  --date YYYY-MM-DD  date to record in the files, which figures show (default:",
  "                     today in UTC); the same seed and date give the same files",
  "  --output DIR       data directory (default: .)",
  "  --force            simulates again what is there",
  "",
  "Examples:",
  "  simulate --city C.12580 --population 2840000 --output data",
  "  simulate --cities catalog/ryan-white.yaml --city C.12580 --city C.14460 --output data"
)
