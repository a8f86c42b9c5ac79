# Sourced: finds the container engine of this machine. What it needs is installed from Debian's packages where missing.
# shellcheck shell=sh

# Sets $engine to docker, podman or buildah: the first that answers, in the order in which the runner looks for them.
# A build can do with buildah alone; running needs one of the others. $REPLOT_ENGINE names another.
find_engine() {
  for engine in ${REPLOT_ENGINE:-docker podman buildah}; do
    "$engine" info >/dev/null 2>&1 && return
  done
  if [ -z "${REPLOT_ENGINE:-}" ] && scripts/debian-install podman buildah runc >&2 && podman info >/dev/null 2>&1; then
    engine=podman
    return
  fi
  echo "no container engine answers here (Docker, Podman or Buildah): install one, for example: apt-get install podman" >&2
  return 3
}

# present IMAGE: whether the engine has it.
present() {
  "$engine" inspect --type image "$1" >/dev/null 2>&1
}

# confine IMAGE: a machine that is itself confined refuses Podman's usual runtime and limits; then every call that follows,
# in this process and those it starts, makes do with less.
confine() {
  [ "$engine" = podman ] && [ -z "${CONTAINERS_CONF:-}" ] || return 0
  ! podman run --rm --network none "$1" true >/dev/null 2>&1 || return 0
  command -v runc >/dev/null || scripts/debian-install runc >&2 || return 0
  CONTAINERS_CONF=${XDG_CACHE_HOME:-$HOME/.cache}/replot/containers.conf
  mkdir -p "${CONTAINERS_CONF%/*}"
  cat >"$CONTAINERS_CONF" <<'END'
[engine]
runtime = "runc"
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
END
  export CONTAINERS_CONF
}
