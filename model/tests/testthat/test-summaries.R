test_that("summaries are those of mean() and quantile()", {
  for (draws in c(1, 2, 3, 12, 41, 80)) {
    values <- matrix(with_seed(draws, stats::rlnorm(draws * 30)), draws)
    values[, 2] <- 7
    result <- summarise_draws(values, draws)
    quantiles <- apply(values, 2, stats::quantile, c(0.025, 0.5, 0.975), names = FALSE)
    expect_equal(result$mean, colMeans(values))
    expect_equal(result$lower, quantiles[1, ])
    expect_equal(result$median, quantiles[2, ])
    expect_equal(result$upper, quantiles[3, ])
  }
})

test_that("a missing draw makes its year missing, and no other", {
  result <- summarise_draws(c(1, NA, 3, 4, 5, 6), 2)
  expect_identical(result$mean, c(NA, 3.5, 5.5))
  expect_identical(is.na(result$upper), c(TRUE, FALSE, FALSE))
})

test_that("a proportion over merged strata is sum over sum", {
  simulation <- small_city()$base
  outcome <- simulation$outcomes$suppression
  values <- outcome_values(simulation, outcome, list(facet_strata("race", simulation$dimensions)))
  numerator <- apply(simulation$quantities$suppressed, c(1, 2, 4), sum)
  denominator <- apply(simulation$quantities$diagnosed, c(1, 2, 4), sum)
  expect_equal(as.vector(values), as.vector(100 * numerator / denominator))
})

test_that("rows at the top can be left out of sums", {
  values <- as.double(1:12)
  all <- .Call(ryanwhite_sum_groups, values, list(c(1L, 2L, 1L), c(1L, 1L, 1L)), 2:1, 0L)
  expect_identical(.Call(ryanwhite_sum_groups, values, list(c(1L, 2L, 1L), c(1L, 1L, 1L)), 2:1, 3L), all[4, , drop = FALSE])
})

test_that("draws are thinned evenly to the limit of points", {
  expect_identical(kept_draws(80, 52, 50000), 1:80)
  keep <- kept_draws(80, 26 * 135 * 2, 50000)
  expect_length(keep, 7)
  expect_true(all(diff(keep) %in% 11:12))
  expect_identical(kept_draws(80, 100000, 50000), 1L)
})

test_that("C routines refuse what does not fit", {
  expect_error(.Call(ryanwhite_sum_groups, as.double(1:6), list(c(1L, 3L)), 2L, 0L), "not in 1..2")
  expect_error(.Call(ryanwhite_sum_groups, as.double(1:7), list(1:2), 2L, 0L), "do not fit")
  expect_error(.Call(ryanwhite_sum_groups, as.double(1:6), list(1:2), 2L, 3L), "no rows are left")
  expect_error(.Call(ryanwhite_json_draws, as.double(1:8), c(2L, 2L, 2L), 3L, 1L, FALSE), "no such stratum")
  expect_error(.Call(ryanwhite_json_draws, as.double(1:8), c(2L, 2L, 2L), 1L, 3L, FALSE), "no such draw")
  expect_error(.Call(ryanwhite_summarise, as.double(1:7), 2L), "do not divide")
})
