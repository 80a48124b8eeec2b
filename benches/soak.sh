#!/usr/bin/env bash
# Measures what sampling takes: soaks a program of 100 MB that does nothing, with a sample a second, and prints the processor
# time of `sealift soak` itself in hundredths of a core.
#
#     benches/soak.sh SEALIFT [SECONDS]
#
# The goal is less than 1 %.

set -euo pipefail

readonly goal=1.00
sealift=$(realpath "${1:?usage: benches/soak.sh SEALIFT [SECONDS]}")
seconds=${2:-60}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# Times of a shell's children include those of the program, so the process itself is asked as long as it is there.
# shellcheck disable=SC2016 # a variable of perl
"$sealift" soak --for "${seconds}s" -- perl -e 'vec($a, 100_000_000, 8) = 1; sleep 1 while 1' >said 2>&1 &
soak=$!
ticks=0
while now=$(awk '{ sub(/.*\) /, ""); print $12 + $13 }' "/proc/$soak/stat" 2>/dev/null); do
    ticks=$now
    sleep 0.2
done
wait "$soak" || { cat said >&2; exit 2; }
awk -v ticks="$ticks" -v tick="$(getconf CLK_TCK)" -v seconds="$seconds" -v goal=$goal 'BEGIN {
    percent = 100 * ticks / tick / seconds
    printf "sampling took %.2f s of %d s: %.2f %% of a core (goal: less than %.2f %%)\n", ticks / tick, seconds, percent, goal
    exit percent >= goal
}'
cat said
