#' Outcomes of the model
#'
#' Each outcome is a quantity (a count), or one quantity as a share of another.
#' Quantities that serve several outcomes are saved once.
#'
#' @return A named list; each outcome has `name` (for people), `unit`, `kind`
#'   (`"count"` or `"proportion"`; the latter is shown as per cent),
#'   `dimensions` it may be broken down by, `numerator` and, for a proportion,
#'   `denominator` (names of quantities).
#' @export
#' @examples
#' model_outcomes()$suppression$denominator
model_outcomes <- function() {
  all <- names(model_dimensions())
  count <- function(name, unit, quantity) {
    list(name = name, unit = unit, kind = "count", dimensions = all, numerator = quantity)
  }
  share <- function(name, numerator, denominator, dimensions = all) {
    list(
      name = name, unit = "%", kind = "proportion", dimensions = dimensions,
      numerator = numerator, denominator = denominator
    )
  }
  list(
    incidence = count("New infections", "infections/year", "infections"),
    new = count("Reported new diagnoses", "diagnoses/year", "diagnoses"),
    diagnosed.prevalence = count("People with diagnosed HIV", "people", "diagnosed"),
    suppression = share("Viral suppression", "suppressed", "diagnosed"),
    testing = share("Tested for HIV in the past year", "tested", "testable"),
    prep.uptake = share("PrEP uptake", "on_prep", "prep_indicated", c("age", "race", "sex")),
    awareness = share("Awareness of HIV status", "diagnosed", "infected", "age"),
    rw.clients = count("Ryan White clients", "people", "clients"),
    adap.clients = count("ADAP clients", "people", "adap_clients"),
    non.adap.clients = count("Ryan White clients not in ADAP", "people", "non_adap_clients"),
    oahs.clients = count("Outpatient (OAHS) clients", "people", "oahs_clients"),
    adap.proportion = share("Share of people with HIV in ADAP", "adap_clients", "diagnosed"),
    oahs.suppression = share(
      "Viral suppression among OAHS clients", "oahs_suppressed", "oahs_clients"
    ),
    adap.suppression = share(
      "Viral suppression among ADAP clients", "adap_suppressed", "adap_clients"
    )
  )
}
