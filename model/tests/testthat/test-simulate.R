test_that("simulate writes a city's four files, and leaves them when they are there", {
  directory <- data_directory(character())
  arguments <- c("--city", "C.1", "--population", "100000", "--draws", "2", "--output", "data", "--date", "2026-11-22")
  first <- run_program("simulate", arguments, directory)
  expect_identical(first$status, 0L)
  paths <- file.path(directory, "data", c(
    "simulations/ryan-white/base/C.1_base.Rdata", "simulations/ryan-white/prerun/C.1/cessation.Rdata",
    "simulations/ryan-white/prerun/C.1/brief_interruption.Rdata",
    "simulations/ryan-white/prerun/C.1/prolonged_interruption.Rdata"
  ))
  expect_true(all(file.exists(paths)))
  expect_length(list.files(directory, pattern = "partial", recursive = TRUE, all.files = TRUE), 0)
  sums <- tools::md5sum(paths)
  second <- run_program("simulate", arguments, directory)
  expect_match(second$output, "there already", all = FALSE)
  unlink(paths[2])
  run_program("simulate", c(arguments, "--force"), directory)
  expect_identical(tools::md5sum(paths), sums)
})

test_that("simulate records a date: the one it is given, or today in UTC", {
  given <- simulate_city("C.1", "One", 100000, draws = 1, date = as.Date("2026-11-22"))
  expect_identical(unique(lapply(given, `[[`, "simulated")), list("2026-11-22"))
  before <- utc_date()
  today <- simulate_city("C.1", "One", 100000, draws = 1)$base$simulated
  expect_true(today %in% format(c(before, utc_date())))
})

test_that("simulate takes cities from a list or a catalog", {
  directory <- data_directory(character())
  cities <- list(list(code = "C.1", name = "One", population = 100000), list(code = "C.2", name = "Two", population = 100000))
  yaml::write_yaml(list(cities = cities), file.path(directory, "catalog.yaml"))
  run <- run_program("simulate", c("--cities", "catalog.yaml", "--city", "C.2", "--draws", "2"), directory)
  expect_identical(run$status, 0L)
  expect_identical(list.files(file.path(directory, "simulations/ryan-white/prerun")), "C.2")
  simulation <- read_simulation(file.path(directory, simulation_path("C.2", "base")), "C.2", "base")
  expect_identical(simulation$city$name, "Two")
})

test_that("simulate says what is wrong with a request", {
  directory <- data_directory(character())
  for (case in list(
    list("--population 5 --city C.1", "--population needs a whole number of at least 1000, not '5'"),
    list("--city C.1", "--population is missing"),
    list("--city C.1 --population 10000 --draws x", "--draws needs a whole number"),
    list("--city C.1 --population 10000 --date 22/11/2026", "--date needs a date such as 2026-11-22, not '22/11/2026'"),
    list("--cities none.yaml", "none.yaml: no such file"),
    list("--nonsense", "unknown argument '--nonsense'")
  )) {
    run <- run_program("simulate", strsplit(case[[1]], " ")[[1]], directory)
    expect_identical(run$status, 2L, info = case[[1]])
    expect_match(run$errors, case[[2]], fixed = TRUE, all = FALSE)
  }
})

test_that("a simulation for which the disk has no room is told, and leaves nothing", {
  directory <- data_directory(character())
  path <- file.path(directory, "whole.Rdata")
  write_simulation(small_city()$base, path)
  kilobytes <- ceiling(file.size(path) / 1024)
  # Full long before the end, and just before it, when the file is closed.
  for (room in c(100, kilobytes - 4)) {
    with_small_disk(room, function(disk) {
      full <- file.path(disk, "full.Rdata")
      expect_error(write_simulation(small_city()$base, full), "cannot write .*full.Rdata: .", info = room)
      expect_length(list.files(disk), 0)
    })
  }
})
