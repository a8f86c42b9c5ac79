library(testthat)
library(ryanwhite)

test_check("ryanwhite")
