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

test_that("text is escaped", {
  text <- c("plain", "quo\"te", "back\\slash", "new\nline", "\u00b7")
  expect_identical(vapply(json_string(text), jsonlite::fromJSON, "", USE.NAMES = FALSE), text)
})
