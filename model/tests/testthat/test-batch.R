test_that("a limit of points in the catalog thins draws, and the figure says so", {
  directory <- data_directory(c("base", "cessation"))
  catalog <- list(
    model = "ryan-white", limits = list(points = (26 + 11) * 5 * 4),
    scenarios = list(cessation = "No services"), cities = list(C.12580 = "Charm \"City\""),
    outcomes = list(incidence = list(name = "Infections", unit = "per year", kind = "count", dimensions = list("age"))),
    dimensions = list(age = rev(model_dimensions()$age), race = model_dimensions()$race)
  )
  job <- write_job(directory, entry(statistics = list("individual.simulation"), facets = list("age")), catalog = catalog)
  run <- run_job(job, directory)
  expect_identical(run$status, 0L, info = paste(run$output, collapse = "\n"))
  figure <- read_figure(figure_path(directory, statistic = "individual.simulation", part = "facet_age"))
  expect_identical(figure$layout$meta[c("draws", "draws_kept", "points")], list(draws = 12L, draws_kept = 4L, points = 740L))
  expect_length(named(figure, "No services"), 5)
  expect_match(figure$layout$title$text, "Infections.*Charm \"City\".*No services . 4 of 12 simulations")
  expect_identical(vapply(utils::head(figure$layout$annotations, -1), `[[`, "", "text"), rev(model_dimensions()$age))
  expect_identical(rle(decoded(drawn_traces(figure)[[1]]$customdata))$values, c(1L, 4L, 7L, 10L))
})

test_that("a combination that an outcome rules out is told, not drawn, and no failure", {
  directory <- data_directory(c("base", "cessation"))
  run <- run_job(write_job(directory, entry(outcomes = list("awareness"), facets = list("age", "sex"))), directory)
  expect_identical(run$status, 0L)
  expect_match(run$output, "INFO: 1 combinations not applicable", all = FALSE)
  expect_identical(list.files(file.path(directory, "out", city, "cessation"), "facet_sex"), character())
})

test_that("log lines follow the contract", {
  directory <- data_directory(c("base", "cessation"))
  run <- run_job(write_job(directory, entry()), directory)
  expect_true(all(grepl("^\\[\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\] [A-Z]+: ", run$output)))
  expect_match(run$output, "[1/1] GENERATING: C.12580/cessation/incidence (mean.and.interval, none)", fixed = TRUE, all = FALSE)
  expect_match(run$output, "SUCCESS: Generated .*incidence_mean.and.interval_unfaceted.json$", all = FALSE)
})

test_that("a scenario without a usable file costs its own plots only", {
  damage <- list(
    missing = function(path) unlink(path),
    truncated = function(path) {
      bytes <- readBin(path, "raw", file.size(path))
      writeBin(bytes[seq_len(length(bytes) %/% 2)], path)
    },
    foreign = function(path) writeLines("not R", path),
    another = function(path) file.copy(sub("cessation", "prolonged_interruption", path), path, overwrite = TRUE),
    other_object = function(path) {
      simulation <- 1
      save(simulation, file = path)
    }
  )
  for (kind in names(damage)) {
    directory <- data_directory(c("base", "cessation", "prolonged_interruption"))
    damage[[kind]](file.path(directory, simulation_path(city, "cessation")))
    job <- write_job(directory, entry(scenarios = list("cessation", "prolonged_interruption"), facets = list("none", "age")))
    run <- run_job(job, directory)
    expect_identical(run$status, 1L, info = kind)
    expect_match(run$output, "ERROR: .*prerun/C.12580/cessation.Rdata: .*2 plots", all = FALSE, info = kind)
    expect_length(list.files(file.path(directory, "out", city, "prolonged_interruption"), "_metadata"), 2)
    expect_length(list.files(file.path(directory, "out", city, "cessation")), 0)
  }
})

test_that("a missing or damaged baseline fails its city", {
  for (kind in c("missing", "damaged")) {
    directory <- data_directory(c("base", "cessation"))
    path <- file.path(directory, simulation_path(city, "base"))
    if (kind == "missing") unlink(path) else writeLines("x", path)
    run <- run_job(write_job(directory, entry(facets = list("none", "age"))), directory)
    expect_identical(run$status, 1L)
    expect_match(run$output, "ERROR: C.12580: simulations/ryan-white/base/C.12580_base.Rdata: .*2 plots", all = FALSE)
  }
})

test_that("an error in one plot costs that plot only", {
  directory <- data_directory(c("base", "cessation"))
  # A directory stands where the plot should go.
  dir.create(file.path(figure_path(directory), "x"), recursive = TRUE)
  run <- run_job(write_job(directory, entry(facets = list("none", "age"))), directory)
  expect_identical(run$status, 1L)
  expect_match(run$output, "ERROR: .*incidence.*cannot write .*unfaceted.json", all = FALSE)
  expect_true(file.exists(figure_path(directory, part = "facet_age")))
})

test_that("an outcome whose numbers are missing in one file costs that outcome only", {
  directory <- data_directory(c("base", "cessation"))
  simulation <- small_city()$cessation
  simulation$quantities$diagnoses <- NULL
  write_simulation(simulation, file.path(directory, simulation_path(city, "cessation")))
  run <- run_job(write_job(directory, entry(outcomes = list("new", "incidence"))), directory)
  expect_identical(run$status, 1L)
  expect_match(run$output, "ERROR: .*cessation/new .*no quantity 'diagnoses'", all = FALSE)
  expect_true(file.exists(figure_path(directory)))
})

test_that("a full disk is told in those words", {
  skip_if_not(file.exists("/dev/full"), "no /dev/full here")
  directory <- data_directory(character())
  aside <- file.path(directory, "aside")
  file.symlink("/dev/full", aside)
  expect_error(
    .Call(ryanwhite_write_file, file.path(directory, "plot.json"), aside, strrep("x", 1e6)),
    "cannot write .*plot.json: No space left on device"
  )
  expect_false(file.exists(file.path(directory, "plot.json")))
})

test_that("a disk that fills up costs the plots it has no room for, in those words", {
  directory <- data_directory(c("base", "cessation"))
  facets <- list("none", "age+race+sex+risk", "age")
  with_small_disk(150, function(disk) {
    file.symlink(disk, file.path(directory, "out"))
    run <- run_job(write_job(directory, entry(facets = facets)), directory)
    expect_identical(run$status, 1L)
    expect_match(
      run$output, "ERROR: .*age[+]race[+]sex[+]risk.*cannot write .*[.]json: No space left on device", all = FALSE
    )
    expect_match(run$output, "2 plots drawn, 0 already there, 1 failed", all = FALSE)
    stems <- paste0("incidence_mean.and.interval_", c("unfaceted", "facet_age"))
    expect_setequal(
      list.files(file.path(disk, city, "cessation"), all.files = TRUE, no.. = TRUE),
      c(paste0(stems, ".json"), paste0(stems, "_metadata.json"))
    )
    expect_length(read_figure(figure_path(directory, part = "facet_age"))$data, 30)
  })
})

test_that("an events file that can't be written is told, and never holds half a line", {
  directory <- data_directory(c("base", "cessation"))
  with_small_disk(4, function(disk) {
    # 4096 bytes in all, 40 of them left.
    before <- paste0(strrep("x", 4055), "\n")
    cat(before, file = file.path(disk, "events"))
    run <- run_job(write_job(directory, entry()), directory, "--events", file.path(disk, "events"))
    expect_identical(run$status, 1L)
    expect_match(run$output, "ERROR: .*cannot write .*events: No space left on device", all = FALSE)
    expect_identical(readChar(file.path(disk, "events"), 1e4), before)
  })
})

test_that("a directory that can't be made is the reason for its scenario's plots", {
  directory <- data_directory(c("base", "cessation"))
  dir.create(file.path(directory, "out"))
  writeLines("not a directory", file.path(directory, "out", city))
  run <- run_job(write_job(directory, entry()), directory)
  expect_identical(run$status, 1L)
  expect_match(run$output, "ERROR: C.12580/cessation: cannot create dir .*1 plots", all = FALSE)
})

test_that("faults of the job file name file and place, and end with 2", {
  directory <- data_directory(c("base", "cessation"))
  catalog <- list(
    cities = list(C.12580 = "Baltimore"), scenarios = list(cessation = "Cessation"),
    outcomes = list(incidence = list(name = "New infections", unit = "a year", kind = "count", dimensions = list("age"))),
    dimensions = list(age = model_dimensions()$age)
  )
  unnamed <- utils::modifyList(catalog, list(strata_names = list(age = list("Young", "Old"))))
  cases <- list(
    list(list(entry()), unnamed, "catalog.strata_names.age: expected a mapping of identifiers to names"),
    list(list(entry(facets = list("none", "agee"))), NULL, "jobs[1].facets: unknown facet 'agee'"),
    list(list(entry(), entry(outcomes = list("incidense"))), NULL, "jobs[2].outcomes: unknown 'incidense'"),
    list(list(entry(statistics = list("mean"))), NULL, "jobs[1].statistics: unknown 'mean'"),
    list(list(entry(code = "../x")), NULL, "jobs[1].city: expected an identifier"),
    list(list(entry(code = "C.1")), catalog, "jobs[1].city: unknown 'C.1'"),
    list(list(entry(scenarios = list("cessation", "x"))), catalog, "jobs[1].scenarios[2]: unknown 'x'"),
    list(list(entry(facets = list("none", "race"))), catalog, "jobs[1].facets[2]: unknown facet 'race'"),
    list(list(list(city = city)), NULL, "jobs[1].facets: expected"),
    list(list(), NULL, "jobs: expected a list")
  )
  for (case in cases) {
    job <- do.call(write_job, c(list(directory), case[[1]], list(catalog = case[[2]])))
    run <- run_job(job, directory)
    expect_identical(run$status, 2L, info = case[[3]])
    expect_match(run$errors, paste0("job.yaml: ", case[[3]]), fixed = TRUE, all = FALSE)
    expect_length(run$errors, 1)
  }
  writeLines("jobs: [a: b: c", file.path(directory, "bad.yaml"))
  for (path in c("bad.yaml", "none.yaml")) {
    run <- run_job(path, directory)
    expect_identical(run$status, 2L)
    expect_match(run$errors, paste0("batch: ", path, ": "), fixed = TRUE)
  }
})

test_that("no facet is none in every way YAML can say it", {
  directory <- data_directory(c("base", "cessation"))
  path <- file.path(directory, "job.yaml")
  writeLines(c(
    "jobs: [{ city: C.12580, scenarios: cessation, outcomes: [incidence], statistics: [mean.and.interval],",
    "  facets: [~, null, none, NONE] }]"
  ), path)
  run <- run_job("job.yaml", directory)
  expect_identical(run$status, 2L)
  writeLines(sub(", NONE", "", readLines(path)), path)
  run <- run_job("job.yaml", directory)
  expect_identical(run$status, 0L)
  expect_match(run$output, "1 plots drawn", all = FALSE)
})

test_that("what is there can be left out, and a dry run writes nothing", {
  directory <- data_directory(c("base", "cessation"))
  job <- write_job(directory, entry(facets = list("none", "age")))
  dry <- run_job(job, directory, "--dry-run")
  expect_identical(dry$status, 0L)
  expect_match(dry$output, "[2/2] WOULD GENERATE", fixed = TRUE, all = FALSE)
  expect_false(file.exists(file.path(directory, "out")))
  run_job(job, directory)
  unlink(figure_path(directory, part = "facet_age"))
  again <- run_job(job, directory, "--skip-existing")
  expect_match(again$output, "1 plots drawn, 1 already there", all = FALSE)
  expect_true(file.exists(figure_path(directory, part = "facet_age")))
})

test_that("pages refer to one copy of plotly.min.js", {
  skip_if(system.file("www", "plotly.min.js", package = "ryanwhite") == "", "plotly.min.js is not installed")
  directory <- data_directory(c("base", "cessation"))
  run <- run_job(write_job(directory, entry(facets = list("none", "age"))), directory, "--include-html")
  expect_identical(run$status, 0L)
  pages <- list.files(file.path(directory, "out"), pattern = "[.]html$", recursive = TRUE, full.names = TRUE)
  expect_length(pages, 2)
  expect_match(paste(readLines(pages[1]), collapse = "\n"), 'src="../../plotly.min.js"', fixed = TRUE)
  expect_length(list.files(directory, pattern = "plotly.min.js$", recursive = TRUE, all.files = TRUE), 1)
  expect_true(file.exists(file.path(directory, "out", "plotly.min.js")))
})

test_that("--help shows examples, and mistakes in arguments end with 2", {
  directory <- data_directory(character())
  expect_match(run_program("batch", "--help", directory)$output, "batch --config job.yaml", all = FALSE)
  for (arguments in list("--config", c("--config", "a", "--nonsense"), character(), "stray")) {
    run <- run_program("batch", arguments, directory)
    expect_identical(run$status, 2L)
    expect_length(run$errors, 1)
  }
})
