test_that("Baltimore's reported diagnoses are within 30 % of the published course", {
  simulations <- simulate_city("C.12580", "Baltimore", 2840000, draws = 80)
  reference <- yaml::read_yaml(test_path("calibration.yaml"))
  mean_new <- function(id) {
    rowMeans(apply(simulations[[id]]$quantities$diagnoses, c(2, 1), sum))
  }
  for (pair in list(c("base", "baseline"), c("cessation", "interrupted"))) {
    expected <- unlist(reference[[pair[2]]])
    ratio <- mean_new(pair[1])[names(expected)] / expected
    expect_true(all(ratio > 0.7 & ratio < 1.3), info = paste(pair[1], toString(round(ratio, 2))))
  }
})

test_that("all quantities are positive and finite, and denominators bound numerators", {
  for (simulation in small_city()) {
    for (name in names(simulation$quantities)) {
      values <- simulation$quantities[[name]]
      expect_true(all(is.finite(values) & values > 0), info = name)
    }
    for (outcome in Filter(function(outcome) outcome$kind == "proportion", simulation$outcomes)) {
      expect_true(
        all(simulation$quantities[[outcome$numerator]] <= simulation$quantities[[outcome$denominator]]),
        info = outcome$name
      )
    }
  }
})

test_that("arrays have named dimensions: draw, year, age, race, sex, risk", {
  array <- small_city()$base$quantities$diagnosed
  expect_identical(dim(array), c(12L, 26L, 5L, 3L, 3L, 3L))
  expect_identical(dimnames(array)[-(1:2)], model_dimensions())
  expect_identical(dimnames(array)$year, as.character(2010:2035))
})

test_that("scenarios share the past, and part in 2026", {
  total <- function(id, quantity) apply(small_city()[[id]]$quantities[[quantity]], 2, sum)
  for (id in c("cessation", "brief_interruption", "prolonged_interruption")) {
    difference <- total("base", "suppressed") - total(id, "suppressed")
    expect_identical(unname(difference[as.character(2010:2025)]), rep(0, 16))
    expect_gt(difference[["2026"]], 0)
  }
  suppressed <- function(id, year) total(id, "suppressed")[[as.character(year)]]
  expect_lt(suppressed("cessation", 2032), suppressed("prolonged_interruption", 2032))
  expect_lt(suppressed("prolonged_interruption", 2029), suppressed("brief_interruption", 2029))
})

test_that("most infections are among men who have sex with men", {
  by_sex <- apply(small_city()$base$quantities$infections, 5, sum)
  expect_gt(by_sex[["msm"]] / sum(by_sex), 0.5)
  expect_gt(by_sex[["female"]] / sum(by_sex), 0.05)
})

test_that("population scales a city, and its code settles the draws", {
  small <- simulate_city("C.1", "One", 100000, draws = 3)$base$quantities
  large <- simulate_city("C.1", "One", 200000, draws = 3)$base$quantities
  other <- simulate_city("C.2", "Two", 100000, draws = 3)$base$quantities
  expect_equal(large$diagnosed, 2 * small$diagnosed)
  expect_false(isTRUE(all.equal(other$diagnosed, small$diagnosed)))
  expect_identical(simulate_city("C.1", "One", 100000, draws = 3)$base$quantities, small)
})

test_that("simulating leaves the caller's random numbers alone", {
  set.seed(1)
  expected <- runif(2)
  set.seed(1)
  first <- runif(1)
  simulate_city("C.1", "One", 100000, draws = 2)
  expect_identical(c(first, runif(1)), expected)
})
