test_that("numbers have four significant digits, and all digits before the point", {
  expect_identical(
    json_columns(c(0, 1, -2.5, 1234567.8, 123.456, 12.3456, 1.23456, 0.123456, 0.00123456), 9),
    "[0,1,-2.5,1234568,123.5,12.35,1.235,0.1235,0.001235]"
  )
  expect_identical(json_columns(c(9.99996, 0.99999, 99999.5, 100.04), 4), "[10,1,100000,100]")
  expect_identical(json_columns(c(1.5e-7, 2e20), 2), "[1.500e-07,2.000e+20]")
  expect_identical(json_columns(c(NA, NaN, Inf, -Inf), 2), c("[null,null]", "[null,null]"))
})

test_that("numbers read back within their rounding", {
  values <- with_seed(1, 10^stats::runif(5000, -9, 14) * sample(c(-1, 1), 5000, TRUE))
  read <- jsonlite::fromJSON(json_columns(values, length(values)))
  expect_lt(max(abs(read / values - 1)), 5.1e-4)
})

test_that("draws are rounded to steps of 1, 2 or 5 below a thousandth of the highest, or to whole numbers", {
  draws <- function(values, shared = FALSE) {
    .Call(ryanwhite_json_draws, values, c(1L, 3L, as.integer(length(values) / 3)), seq_len(length(values) / 3), 1L, shared)
  }
  expect_identical(draws(c(0, 12.3456, 98765.4)), "[0,12,98765]")
  expect_identical(draws(c(0.26, 12.36, 999)), "[0.5,12.5,999]")
  expect_identical(draws(c(0.26, 12.36, 299)), "[0.2,12.4,299]")
  expect_identical(draws(c(0.0126, 12.3651, 19)), "[0.01,12.37,19]")
  expect_identical(draws(c(-0.0126, NA, 19)), "[-0.01,null,19]")
  expect_identical(draws(c(0, 0, 0)), "[0,0,0]")
  expect_identical(draws(c(1e-9, 2e-9, 2e16)), "[1.000e-09,2.000e-09,2.000e+16]")
  values <- c(1.234, 2.345, 3.456, 1000, 2000, 3000)
  expect_identical(draws(values), c("[1.234,2.346,3.456]", "[1000,2000,3000]"))
  expect_identical(draws(values, TRUE), c("[1,2,3]", "[1000,2000,3000]"))
})

test_that("text is escaped", {
  text <- c("plain", "quo\"te", "back\\slash", "new\nline", "\u00b7")
  expect_identical(vapply(json_string(text), jsonlite::fromJSON, "", USE.NAMES = FALSE), text)
})
