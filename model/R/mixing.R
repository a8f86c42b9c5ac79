# Who transmits to whom. Both matrices are strata x strata, with the source of
# infection in rows and the person at risk in columns; a column holds how that
# person's contacts are distributed.

sexual_mixing <- function(people) {
  strata <- strata_table()
  dimensions <- model_dimensions()
  # Contacts by sex (source in rows): women's partners include few MSM.
  by_sex <- rbind(
    heterosexual_male = c(0, 0, 0.985),
    msm = c(0, 0.97, 0.015),
    female = c(1, 0.03, 0)
  )
  colnames(by_sex) <- dimensions$sex
  age <- match(strata$age, dimensions$age)
  by_age <- exp(-0.9 * abs(outer(age, age, "-")))
  contacts <- by_age * race_mixing(strata) * people * sexual_activity()
  # Within each sex of source, contacts follow availability; between sexes, `by_sex`.
  mixing <- matrix(0, nrow(strata), nrow(strata))
  for (source in dimensions$sex) {
    rows <- strata$sex == source
    available <- contacts[rows, , drop = FALSE]
    mixing[rows, ] <- sweep(available, 2, by_sex[source, strata$sex] / colSums(available), "*")
  }
  mixing
}

# People who inject share with people who inject, mostly of the same race.
sharing_mixing <- function(people) {
  strata <- strata_table()
  injects <- strata$risk == "active_IDU"
  contacts <- race_mixing(strata) * people * injects
  sweep(contacts, 2, injects / colSums(contacts), "*")
}

# Preference for contacts of the same race: 4 to 1, before availability.
race_mixing <- function(strata) ifelse(outer(strata$race, strata$race, "=="), 4, 1)

# Relative sexual risk per contact year: MSM above all, fewer partners with age.
sexual_activity <- function() {
  stratum_profile(
    age = c(1.25, 1.35, 0.9, 0.6, 0.22),
    race = c(1.7, 1.3, 1.0),
    sex = c(0.040, 0.42, 0.055),
    risk = c(1.6, 1.1, 1)
  )
}

# What moves infected people between strata in one year: ageing (a share
# 1 / width of each age group), and injecting stopped or taken up again.
yearly_moves <- function() {
  widths <- c(12, 10, 10, 10)
  age <- diag(5)
  for (i in seq_along(widths)) {
    age[i, i] <- 1 - 1 / widths[i]
    age[i, i + 1] <- 1 / widths[i]
  }
  risk <- rbind(c(0.92, 0.08, 0), c(0.04, 0.96, 0), c(0, 0, 1))
  # Arrays hold age fastest and risk slowest: Kronecker factors in reverse.
  kronecker(risk, kronecker(diag(9), age))
}
