#!/usr/bin/env bash
# Times what a newcomer waits for: builds in a store that has nothing but seeds.
#
# usage: benches/cold.sh [NAME...]
#
#   release    `.#release` of this repository                                goal 12 minutes
#   consumer   `.#release` of a project with one target, by its own nixw     goal 5 minutes
#   develop    `nix develop`, until the prompt                               goal 2 minutes
#   second     `consumer` in a store that has Sealift's release already; Sealift is not compiled again
#
# Without names, all of them. Goals are for two cores with nothing else to do; on a busy machine, look at the processor time, which
# is to be at most twice the goal. Seeds are fetched before the clock starts. Works on the last commit, in a store below the
# temporary directory, which wants about 6 GB.
# Exit status: 0 all goals are met, 1 not, 2 something could not be built.

set -uo pipefail
cd "$(dirname "$(realpath "$0")")/.." || exit 2

main() {
    work=$(mktemp -d)
    trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
    git clone --quiet . "$work/sealift" || exit 2
    cp -R templates/default "$work/consumer"
    # One target, and the formats that the template has.
    sed -i 's/^targets = .*/targets = ["x86_64-unknown-linux-musl"]/' "$work/consumer/sealift.toml"
    (cd "$work/consumer" && git init --quiet && git add . && commit) || exit 2
    missed=0
    echo "load $(cut -d ' ' -f 1-3 /proc/loadavg), $(nproc) cores"
    printf '%-10s %9s %9s %7s\n' what minutes processor goal
    local name
    for name in "${@:-release second develop consumer}"; do
        for name in $name; do measure "$name"; done
    done
    exit $missed
}

commit() { git -c user.name=bench -c user.email=bench@example.org commit --quiet --message 'Begin'; }

measure() {
    case $1 in
        release) empty_store && timed release 12 sealift build --no-link .#release ;;
        second) timed second - consumer build --no-link .#release ;;
        develop) empty_store && timed develop 2 sealift develop --command true ;;
        consumer) empty_store && timed consumer 5 consumer build --no-link .#release ;;
        *) echo "benches/cold.sh: unknown name \`$1\`" >&2 && exit 2 ;;
    esac
}

empty_store() {
    [ ! -e "$work/store" ] || { chmod -R u+w "$work/store" && rm -rf "$work/store"; }
    mkdir "$work/store"
    export NIXW_STORE=$work/store NIX_CONFIG="store = $work/store"
}

# timed NAME GOAL DIRECTORY ARGUMENT...: prints a row.
timed() {
    local name=$1 goal=$2 directory=$3 TIMEFORMAT='%R %U %S'
    shift 3
    (cd "$work/$directory" && SEALIFT=$work/sealift ./nixw seed) >"$work/log" 2>&1 || failed "$name"
    # The inner braces keep what `time` says out of the log.
    { time { (cd "$work/$directory" && SEALIFT=$work/sealift ./nixw "$@") >"$work/log" 2>&1; }; } 2>"$work/times" || failed "$name"
    awk -v name="$name" -v goal="$goal" '{
        printf "%-10s %9.1f %9.1f %7s\n", name, $1 / 60, ($2 + $3) / 60, goal
        exit goal != "-" && $1 / 60 > goal && ($2 + $3) / 120 > goal
    }' "$work/times" || missed=1
}

failed() {
    tail -n 20 "$work/log" >&2
    echo "benches/cold.sh: $1 failed" >&2
    exit 2
}

main "$@"
