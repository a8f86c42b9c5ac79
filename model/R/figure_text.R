# JSON text that figures are composed of.

# One string with quotes; UTF-8, with what JSON wants escaped.
json_string <- function(text) {
  text <- enc2utf8(as.character(text))
  text <- gsub("\\", "\\\\", text, fixed = TRUE)
  text <- gsub("\"", "\\\"", text, fixed = TRUE)
  text <- gsub("[\x01-\x1f]", " ", text, perl = TRUE)
  paste0("\"", text, "\"")
}

# Any R value; single values are not wrapped in arrays.
json_value <- function(value) {
  as.character(jsonlite::toJSON(value, auto_unbox = TRUE, digits = 5, null = "null"))
}

# Columns of a matrix (as one vector, `rows` long each) as JSON arrays: numbers
# with four significant digits, and all digits before the point.
json_columns <- function(values, rows) {
  .Call(ryanwhite_json_columns, as.double(values), as.integer(rows))
}
