# JSON text that figures are composed of.

# Text as JSON strings with their quotes, in UTF-8.
json_string <- function(text) .Call(ryanwhite_json_strings, as.character(text))

# Any R value; single values are not wrapped in arrays.
json_value <- function(value) {
  as.character(jsonlite::toJSON(value, auto_unbox = TRUE, digits = 5, null = "null"))
}

# Columns of a matrix (as one vector, `rows` long each) as JSON arrays: numbers
# with four significant digits, and all digits before the point.
json_columns <- function(values, rows) {
  .Call(ryanwhite_json_columns, as.double(values), as.integer(rows))
}

# Bytes as text of base64, on one line.
base64 <- function(bytes) gsub("\n", "", jsonlite::base64_enc(bytes), fixed = TRUE)
