# Number of the layout that simulation files have; raised when it changes.
simulation_format <- 1L

#' Paths of simulation files
#'
#' @param city Code of the city.
#' @param scenario Identifier of the scenario, or `"base"`.
#' @param model Name of the model: the folder below `simulations`.
#' @return Path of the file, relative to the data directory.
#' @export
#' @examples
#' simulation_path("C.12580", "cessation")
simulation_path <- function(city, scenario, model = "ryan-white") {
  if (identical(scenario, "base")) {
    file.path("simulations", model, "base", paste0(city, "_base.Rdata"))
  } else {
    file.path("simulations", model, "prerun", city, paste0(scenario, ".Rdata"))
  }
}

#' Save a simulation
#'
#' Compressed at gzip level 1: the default level takes four times as long and
#' hardly makes the file smaller. The file is written aside and renamed.
#'
#' @param simulation One element of what [simulate_city()] returns.
#' @param path File to write; its directory is made if need be.
#' @return `path`, invisibly.
#' @export
write_simulation <- function(simulation, path) {
  dir.create(dirname(path), recursive = TRUE, showWarnings = FALSE)
  aside <- paste0(path, ".", Sys.getpid(), ".partial")
  on.exit(unlink(aside))
  refuse <- function(reason) stop("cannot write ", path, ": ", one_line(reason), call. = FALSE)
  because <- function(condition) refuse(conditionMessage(condition))
  tryCatch(
    {
      connection <- gzfile(aside, "wb", compression = 1)
      size <- tryCatch(
        {
          save(simulation, file = connection)
          seek(connection)
        },
        finally = close(connection)
      )
    },
    error = because, warning = because
  )
  # Closing writes the rest, and does not say whether there was room for it.
  if (!ends_with_size(aside, size)) refuse("not all of it could be written (is the disk full?)")
  if (!file.rename(aside, path)) refuse("it could not be renamed")
  invisible(path)
}

# Whether a gzip file is complete: its last four bytes are its size before
# compression, modulo 2^32.
ends_with_size <- function(path, size) {
  if (file.size(path) < 4) return(FALSE)
  connection <- file(path, "rb")
  on.exit(close(connection))
  seek(connection, file.size(path) - 4)
  sum(as.integer(readBin(connection, "raw", 4)) * 256^(0:3)) == size %% 2^32
}

#' Read a simulation
#'
#' @param path File written by [write_simulation()].
#' @param city,scenario What the file is expected to hold; a file that holds
#'   something else is refused, since it would be drawn under a wrong name.
#' @return A `ryanwhite_simulation`: see [simulate_city()].
#' @export
read_simulation <- function(path, city, scenario) {
  refuse <- function(...) stop(path, ": ", ..., call. = FALSE)
  if (!file.exists(path)) refuse("no such file")
  contents <- new.env()
  # load() warns about some damaged files and stops at others.
  tryCatch(
    load(path, envir = contents),
    error = function(e) refuse("not a complete .Rdata file (", one_line(conditionMessage(e)), ")"),
    warning = function(w) refuse("not a complete .Rdata file (", one_line(conditionMessage(w)), ")")
  )
  simulation <- contents$simulation
  if (!inherits(simulation, "ryanwhite_simulation")) {
    refuse("holds no simulation (expected an object `simulation` of class ryanwhite_simulation)")
  }
  if (!identical(simulation$format, simulation_format)) {
    refuse("has format ", format(simulation$format), ", expected ", simulation_format)
  }
  if (!identical(simulation$city$code, city)) {
    refuse("holds city ", simulation$city$code, ", expected ", city)
  }
  if (!identical(simulation$scenario$id, scenario)) {
    refuse("holds scenario ", simulation$scenario$id, ", expected ", scenario)
  }
  simulation
}

one_line <- function(text) gsub("[[:space:]]+", " ", text)
