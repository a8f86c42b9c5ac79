test_that("dimensions of a facet come in one order, whatever order they were asked in", {
  expect_identical(canonical_facet("sex+age"), "age+sex")
  expect_identical(canonical_facet("risk+sex+race+age"), "age+race+sex+risk")
  for (none in list("none", NULL, NA, "~", "null")) expect_identical(canonical_facet(none), "none")
})

test_that("an unknown facet is a fault that names what there is", {
  expect_error(canonical_facet("agee"), "unknown facet 'agee' .*age, race, sex, risk", class = "fault")
  expect_error(canonical_facet("age+age"), "unknown facet", class = "fault")
})

test_that("panels are in reading order, the last dimension changing fastest", {
  strata <- facet_strata("age+sex", model_dimensions())
  expect_identical(strata$labels[1:4], paste0(
    c("13-24 years", "13-24 years", "13-24 years", "25-34 years"), " \u00b7 ",
    c("heterosexual male", "msm", "female", "heterosexual male")
  ))
  table <- strata_table()
  # Every column of the arrays belongs to the panel that bears its strata's names.
  expect_identical(
    strata$labels[strata$groups],
    paste0(table$age, " \u00b7 ", gsub("_", " ", table$sex))
  )
})

test_that("an order of strata set by the catalog moves panels, not numbers", {
  held <- list(age = c("young", "old"), sex = c("f", "m"))
  shown <- list(age = c("old", "young"), sex = c("f", "m"))
  strata <- facet_strata("age", held, shown)
  expect_identical(strata$labels, c("old", "young"))
  expect_identical(strata$groups, c(2L, 1L, 2L, 1L))
})
