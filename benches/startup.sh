#!/usr/bin/env bash
# Times the start of a command with `sealift measure` and with hyperfine, in turns, and prints how far they are apart.
#
# usage: benches/startup.sh [SEALIFT [COMMAND...]]
#
#   SEALIFT    the program; by default the release build of this checkout
#   COMMAND    what is started; by default `SEALIFT --version`
#   ROUNDS     how many turns, each of 50 starts with either; by default 10
#
# Needs hyperfine (Debian's package, or `cargo install hyperfine`) and python3. Both measure without a shell, with standard
# input empty and output dropped. Goal: less than 1 ms apart. On a busy machine a program waits for processors for longer than it
# runs, and longer if what starts it has just worked: look at the fastest then.
# Exit status: 0 the goal is met, 1 not, 2 something could not be run.
set -euo pipefail
cd "$(dirname "$(realpath "$0")")/.."
sealift=${1:-target/release/sealift}
shift || true
[ $# -gt 0 ] || set -- "$sealift"
# What `sealift measure` adds to a program without arguments.
[ $# -gt 1 ] || set -- "$1" --version
rounds=${ROUNDS:-10}
for tool in hyperfine python3 "$sealift"; do
    command -v "$tool" >/dev/null || { echo "benches/startup.sh: no \`$tool\`" >&2; exit 2; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# All single times of one turn, in milliseconds.
ours() {
    "$sealift" measure --out "$work/record.json" --runs 50 --cold-runs 0 -- "$@" >/dev/null || exit 2
    times 'j["observation"]["measurement"]["warm"]' 't["seconds"]' <"$work/record.json"
}
theirs() {
    hyperfine --shell=none --warmup 1 --runs 50 --export-json "$work/hyperfine.json" "$(printf '%q ' "$@")" \
        >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 2; }
    times 'j["results"][0]["times"]' t <"$work/hyperfine.json"
}
times() { python3 -c "import json, sys; j = json.load(sys.stdin); print(*($2 * 1000 for t in $1), sep='\n')"; }
fastest() { sort -n | head -n 1; }
median() { sort -n | awk '{ v[NR] = $1 } END { print NR ? v[int((NR + 1) / 2)] : "none" }'; }

echo "load $(cut -d ' ' -f 1-3 /proc/loadavg), $(nproc) cores; $*"
for round in $(seq "$rounds"); do
    # Neither is always the first of a turn.
    if [ $((round % 2)) = 0 ]; then
        ours "$@" >>"$work/ours"; theirs "$@" >>"$work/theirs"
    else
        theirs "$@" >>"$work/theirs"; ours "$@" >>"$work/ours"
    fi
done
awk -v ours="$(median <"$work/ours")" -v theirs="$(median <"$work/theirs")" \
    -v ourBest="$(fastest <"$work/ours")" -v theirBest="$(fastest <"$work/theirs")" 'BEGIN {
    printf "                 median     fastest\n"
    printf "sealift measure  %.3f ms   %.3f ms\n", ours, ourBest
    printf "hyperfine        %.3f ms   %.3f ms\n", theirs, theirBest
    printf "difference       %.3f ms   %.3f ms; the goal is less than 1 ms for the median\n", ours - theirs, ourBest - theirBest
    exit !(ours - theirs < 1)
}'
