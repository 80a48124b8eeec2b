# How the benchmarks time commands; sourced, never run.
# shellcheck shell=bash
# shellcheck disable=SC2154 # the scripts assign work

# Prints the seconds of a command on the clock and on all processors; its output is shown when it fails.
seconds() {
    local TIMEFORMAT='%R %U %S'
    { time "$@" >"$work/log" 2>&1; } 2>"$work/times" || { cat "$work/log" >&2; return 1; }
    awk '{ printf "%.3f %.3f\n", $1, $2 + $3 }' "$work/times"
}

# The median of column $1.
median() { awk -v c="$1" '{ print $c }' | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
