#!/bin/sh
# Runs R for the runner: claims job files in the work directory, starts one R process for each, and leaves its log and
# its exit status there. Usage: sh agent.sh WORKDIR. docs/work-directory.md describes every file named here.
#
# No R outlives the agent or its worker, however they end, and the agent does not outlive the runner: each of them watches
# those that it works for, and a guard in R's own process group does so for R.
#
# It runs inside any R image, so it is plain POSIX sh. What it does comes from files; values reach R as arguments and
# never pass through a shell's text.

umask 0 # the runner is another user and must be able to remove what R writes

say() { printf 'replot agent: %s\n' "$*" >&2; }

work=$(cd "$1" && pwd) || exit 2

# Variables that lead to credentials go before R starts. `exec`, because what a process was started with stays readable
# in /proc/PID/environ whatever it unsets later.
if [ "${2-}" != launch ] && [ "${REPLOT_AGENT-}" != "$$" ]; then
  while IFS= read -r name; do unset "$name"; done <"$work/settings/drop"
  REPLOT_AGENT=$$
  export REPLOT_AGENT
  exec sh "$0" "$work"
fi
unset REPLOT_AGENT

# overwrite FILE TEXT: in place and always as long, so that it works on a full disk if the file was there before.
overwrite() { printf '%-40s\n' "$2" 2>/dev/null 1<>"$1"; }

# put FILE TEXT: readers see the file whole or not at all.
put() { overwrite "$1.new" "$2" && mv -f "$1.new" "$1"; }

# read_line FILE: its first line, without blanks around it, into $line; empty if there is none.
read_line() {
  line=
  [ ! -e "$1" ] || { read -r line <"$1"; } 2>/dev/null || :
}

# A record names a process for good: its id and when it started, "PID START". START is "-" where there is no /proc, or
# one that counts the processes of another namespace.
read_line /proc/self/stat
[ "${line%% *}" = "$$" ] && proc=1 || proc=

# look_at PID: the state of a process (a letter) into $state, its start into $start; "-" where that cannot be told.
look_at() {
  line=
  [ -z "$proc" ] || read_line "/proc/$1/stat"
  # shellcheck disable=SC2086 # fields follow the command's name in brackets: the state first, the start as the 20th
  set -- ${line##*) }
  state=${1:--} start=${20:--}
}

# reused RECORD: whether the id of the recorded process belongs to another process now.
reused() {
  look_at "${1% *}"
  [ "$start" != - ] && [ "${1#* }" != - ] && [ "$start" != "${1#* }" ]
}

# lives RECORD: whether the recorded process has not ended.
lives() {
  if reused "$1"; then return 1; fi
  case $state in
    Z | X) return 1 ;; # ended; its parent has not noticed yet
    -) kill -0 "${1% *}" 2>/dev/null ;;
  esac
}

# kill_group RECORD: R leads a process group of its own, so that what it started dies with it. Where there is no such
# group, R alone is killed.
kill_group() {
  if reused "$1"; then return; fi
  kill -s KILL -- "-${1% *}" 2>/dev/null || kill -s KILL "${1% *}" 2>/dev/null
}

# ---- one R -----------------------------------------------------------------------------------------------------------

# launch ID AGENT WORKER PAUSE WORD...: becomes R, which the words call. A shell of its own runs this, the leader of R's
# process group. It notes its id and starts a guard before R can start.
launch() {
  attempt=$work/attempts/$1 agent=$2 worker=$3 pause=$4
  shift 4
  exec >>"$attempt/log" 2>&1 </dev/null
  look_at "$$"
  r="$$ $start"
  put "$attempt/pid" "$r" || exit 125
  (guard &) >/dev/null 2>&1 # the subshell ends at once: R must not have a child that it did not start
  read_line "$work/settings/cwd"
  cd "${line:-.}" || exit 125
  while IFS= read -r variable; do export "${variable?}"; done <"$work/settings/environment"
  TMPDIR=$attempt/tmp
  export TMPDIR
  exec "$@"
}

# guard: kills R's process group, of which it is a member, once R, its worker or the agent has ended.
guard() {
  while lives "$agent" && lives "$worker" && lives "$r"; do sleep "$pause"; done
  # the agent writes its own reason before it kills; what R leaves running when it has ended needs none
  if lives "$r" && [ ! -e "$attempt/killed" ]; then put "$attempt/killed" agent; fi
  kill_group "$r"
}

if [ "${2-}" = launch ]; then
  shift 2
  launch "$@"
fi

# ---- one worker ------------------------------------------------------------------------------------------------------

# claim: takes the next job, into $id; fails if there is none. Of several workers only one succeeds in renaming it.
claim() {
  for job in "$work"/jobs/ready/*; do
    [ -e "$job" ] || continue
    id=${job##*/}
    reply=$(mv "$job" "$mine/$id" 2>&1) && return
    if [ -e "$job" ]; then # not taken by another worker: something is wrong with the directory
      put "$work/alive/trouble" "cannot claim jobs/ready/$id: $reply"
      exit 1
    fi
  done
  return 1
}

# run: the claimed job $id, from start to status.
run() {
  attempt=$work/attempts/$id
  set -- sh "$0" "$work" launch "$id" "$agent" "$self" "$pause"
  while IFS= read -r word; do set -- "$@" "$word"; done <"$work/settings/command"
  while IFS= read -r word; do
    case $word in '{}'/*) word=$attempt${word#'{}'} ;; esac
    set -- "$@" "$word"
  done <"$attempt/args"
  if [ -n "$setsid" ]; then set -- "$setsid" "$@"; else set -m; fi
  "$@" &
  [ -n "$setsid" ] || set +m
  [ -z "$ending" ] || kill_group "$! -"
  wait "$!"
  code=$?
  [ -z "$ending" ] || wait "$!" # the signal cut the first wait short
  before=$!
  kill -s KILL -- "-$before" 2>/dev/null # what R left running
  read_line "$attempt/killed"
  settle "$mine/$id" "$code ${line:-itself}"
}

# settle CLAIMED STATUS: the attempt is over. The rename comes last, so whoever sees it finds the status there.
settle() {
  over=$work/attempts/${1##*/}
  rm -rf "$over/tmp"
  [ -e "$over/status" ] || put "$over/status" "$2"
  mv -f "$1" "$work/jobs/done/"
}

# A worker told to end kills its R. `$!` is R only while it differs from the last process that was waited for.
end_worker() {
  ending=1
  if [ "$!" != "$before" ]; then
    [ -e "$attempt/killed" ] || put "$attempt/killed" agent
    kill_group "$! -"
  fi
}

# worker N: never returns. Errors are those of a directory that vanished; the main loop notices and says so.
worker() {
  mine=$work/workers/$1 ending='' before=$!
  trap end_worker TERM HUP
  pid=$(exec sh -c 'echo "$PPID"')
  look_at "$pid"
  self="$pid $start"
  # nobody watches deadlines without the agent. It may end while R runs: then the guard kills R, and the worker ends here
  while [ -z "$ending" ] && lives "$agent"; do
    if [ ! -e "$work/stop" ] && claim; then run; else sleep "$nap"; fi
  done
  exit 0
} 2>/dev/null

# ---- the agent, which watches the workers ----------------------------------------------------------------------------

# spawn N: starts worker N; its id is the N-th of $workers. A signal can be trapped at any moment and `end` reads the
# list, so the list is replaced whole. The worker that is not in it yet is $!.
spawn() {
  mkdir -p "$work/workers/$1"
  worker "$1" &
  place=0 list=
  for pid in $workers; do
    place=$((place + 1))
    [ "$place" != "$1" ] || pid=$!
    list="$list $pid"
  done
  [ "$place" -ge "$1" ] || list="$list $!"
  workers=$list before=$!
}

# kill_r ID REASON: kills the R of an attempt; its worker, if it lives, writes the status.
kill_r() {
  read_line "$work/attempts/$1/pid"
  [ -n "$line" ] || return
  record=$line
  [ -e "$work/attempts/$1/killed" ] || put "$work/attempts/$1/killed" "$2"
  kill_group "$record"
}

# bury N REASON: worker N is no more and left its job unsettled. Its R goes too, and the runner is told.
bury() {
  for job in "$work/workers/$1"/*; do
    [ -e "$job" ] || continue
    kill_r "${job##*/}" "$2"
    settle "$job" "137 $2"
  done
}

# watch N: worker N is alive. Its heartbeat lies with the attempt it works on and counts that one's milliseconds.
watch() {
  for job in "$work/workers/$1"/*; do
    [ -e "$job" ] || continue
    id=${job##*/}
    read_line "$work/attempts/$id/elapsed"
    elapsed=$((${line:-0} + tick))
    overwrite "$work/attempts/$id/elapsed" "$elapsed"
    read_line "$work/attempts/$id/deadline"
    if [ -e "$work/attempts/$id/cancel" ]; then
      kill_r "$id" cancel
    elif [ -n "$line" ] && [ "$elapsed" -ge "$line" ]; then
      kill_r "$id" deadline
    fi
  done
}

# tell_workers SIGNAL: sends it to every worker; fails if none is left.
tell_workers() {
  left=1
  for pid in $workers; do if kill -s "$1" "$pid" 2>/dev/null; then left=0; fi; done
  return "$left"
}

# end CODE MESSAGE: kills every R, waits for the statuses, and ends.
end() {
  trap '' TERM INT HUP
  say "$2"
  [ "$!" = "$before" ] || workers="$workers $!"
  # told more than once: a shell loses a signal that reaches it between its fork and its `trap`
  rounds=0
  while tell_workers TERM && [ "$rounds" -lt "$patient" ]; do
    rounds=$((rounds + 1))
    sleep "$nap"
  done
  tell_workers KILL
  for directory in "$work"/workers/*; do bury "${directory##*/}" agent; done
  [ ! -d "$work/alive" ] || put "$work/alive/agent" "ended: $2"
  exit "$1"
}

# Prove before the first claim that both sides can write and rename here; where a volume has the wrong mode, every claim
# would fail. The runner finds handshake/agent and renames it in turn.
prove() {
  rm -f "$work/alive/trouble"
  [ ! -e "$work/handshake/runner" ] || mv "$work/handshake/runner" "$work/handshake/taken" || return
  put "$work/handshake/agent" "$$" && put "$work/alive/pid" "$agent" && put "$work/alive/agent" 0
}

# choose_locale: the runner reads what R writes, so R works in UTF-8 and its messages stay untranslated. A locale that
# somebody has set stays as it is, unless its character set is ASCII: `C`, or one that this system does not have.
choose_locale() {
  LANGUAGE=en
  export LANGUAGE
  character_set=$(locale charmap 2>/dev/null)
  case $character_set in
  '') # no such program: nothing tells which locales there are, and all C libraries of today but old ones have C.UTF-8
    case ${LC_ALL:-${LC_CTYPE:-${LANG-}}} in '' | C | POSIX) wanted=C.UTF-8 ;; *) return ;; esac
    ;;
  ANSI_X3.4-1968 | US-ASCII)
    wanted=
    for name in $(locale -a 2>/dev/null); do
      case $name in
      C.utf8 | C.UTF-8) wanted=$name && break ;;
      en_US.utf8 | en_US.UTF-8) wanted=$name ;;
      *.utf8 | *.UTF-8) wanted=${wanted:-$name} ;;
      esac
    done
    [ -n "$wanted" ] || return
    ;;
  *) return ;;
  esac
  unset LC_ALL
  LANG=C LC_CTYPE=$wanted
  export LANG LC_CTYPE
  [ -z "$character_set" ] || character_set=UTF-8
}

choose_locale
put "$work/alive/locale" "$character_set" 2>/dev/null
look_at "$$"
agent="$$ $start"
workers='' before=$! nap=1 patient=2
read_line "$work/settings/session"
session=$line
trouble=$(prove 2>&1) || {
  put "$work/alive/trouble" "cannot write or rename in the work directory: $trouble"
  end 1 "cannot write or rename in the work directory $work: $trouble"
}
trap 'end 143 "told to end by a signal"' TERM INT HUP
# claimed in an earlier life: a container that restarted has taken their R with it
for job in "$work"/workers/*/*; do [ ! -e "$job" ] || settle "$job" "137 agent"; done

setsid=$(command -v setsid) # absent on macOS, whose sh gives background jobs groups of their own (set -m)
# the agent looks at everything once a tick, of so many milliseconds
tick=1000 pause=1
if sleep 0.1 2>/dev/null; then # POSIX knows whole seconds only
  nap=0.1 patient=20
  read_line "$work/settings/tick"
  tick=${line:-1000}
  pause=$(printf '%d.%03d' $((tick / 1000)) $((tick % 1000)))
fi
read_line "$work/settings/patience"
patience=${line:-60000}
read_line "$work/settings/runner"
runner=$line
read_line "$work/settings/workers"
number=0
while [ "$number" -lt "$line" ]; do
  number=$((number + 1))
  spawn "$number"
done
ticks=0 still=0 heard=

while :; do
  # in the background: a signal cuts `wait` short, but not `sleep`
  sleep "$pause" &
  wait "$!"
  before=$!
  read_line "$work/settings/session"
  [ "$line" = "$session" ] || end 1 "the work directory $work is gone, or became that of another agent"
  read_line "$work/alive/trouble"
  [ -z "$line" ] || end 1 "$line"

  [ -z "$runner" ] || lives "$runner" || end 1 "the runner has ended"
  read_line "$work/alive/runner"
  still=$((still + tick))
  [ "$line" = "$heard" ] || still=0
  heard=$line
  [ "$still" -lt "$patience" ] || end 1 "no sign of life from the runner for $((patience / 1000)) seconds"

  read_line "$work/stop"
  [ "$line" != now ] || end 0 "stopped by the runner"

  ticks=$((ticks + 1))
  overwrite "$work/alive/agent" "$ticks"
  number=0
  for pid in $workers; do
    number=$((number + 1))
    if kill -0 "$pid" 2>/dev/null; then
      watch "$number"
    else
      bury "$number" worker
      spawn "$number"
    fi
  done
done
