test_that("dimensions of a facet come in one order, whatever order they were asked in", {
  expect_identical(canonical_facet("sex+age"), "age+sex")
  expect_identical(canonical_facet("risk+sex+race+age"), "age+race+sex+risk")
  for (none in list("none", NULL, NA, "~", "null")) expect_identical(canonical_facet(none), "none")
})

test_that("an unknown facet is a fault that names what there is", {
  expect_error(canonical_facet("agee"), "unknown facet 'agee' .*age, race, sex, risk", class = "fault")
  expect_error(canonical_facet("age+age"), "unknown facet", class = "fault")
})

test_that("every column of the arrays belongs to the panel of its strata, the last dimension changing fastest", {
  strata <- facet_strata("age+sex", model_dimensions())
  expect_identical(strata$panels, 15L)
  panels <- expand.grid(sex = model_dimensions()$sex, age = model_dimensions()$age, stringsAsFactors = FALSE)
  table <- strata_table()
  expect_identical(panels[strata$groups, "age"], table$age)
  expect_identical(panels[strata$groups, "sex"], table$sex)
  expect_identical(facet_strata("none", model_dimensions()), list(panels = 1L, groups = rep(1L, 135)))
})

test_that("an order of strata set by the catalog moves panels, not numbers", {
  held <- list(age = c("young", "old"), sex = c("f", "m"))
  shown <- list(age = c("old", "young"), sex = c("f", "m"))
  expect_identical(facet_strata("age", held, shown)$groups, c(2L, 1L, 2L, 1L))
})
