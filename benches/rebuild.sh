#!/usr/bin/env bash
# Times what a one-line edit costs: `./nixw build .#sealift` against `cargo build --release` with the same profile, target
# and linker, both with warm dependencies, and prints the ratio.
#
#     benches/rebuild.sh [RUNS]
#
# Works in a clone of the last commit, below the temporary directory. The goal is a ratio of at most 1.30.

set -euo pipefail
cd "$(dirname "$(realpath "$0")")/.."

readonly target=x86_64-unknown-linux-musl
readonly goal=1.30
runs=${1:-3}

main() {
    work=$(mktemp -d)
    trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
    git clone --quiet . "$work/clone"
    cd "$work/clone"
    echo "preparing: both builds once"
    with_nix
    with_cargo

    local run nix=() cargo=()
    for run in $(seq "$runs"); do
        edit "$run"
        nix+=("$(seconds with_nix)")
        cargo+=("$(seconds with_cargo)")
        printf 'run %d: nix %s s, cargo %s s\n' "$run" "${nix[-1]}" "${cargo[-1]}"
    done
    awk -v nix="$(median "${nix[@]}")" -v cargo="$(median "${cargo[@]}")" -v goal=$goal 'BEGIN {
        printf "median: nix %.1f s, cargo %.1f s, ratio %.2f (goal: at most %.2f)\n", nix, cargo, nix / cargo, goal
        exit nix / cargo > goal
    }'
}

# A statement that does something, so that neither build can leave it out.
edit() { sed -i "s/^fn main.*{\$/&\n    std::hint::black_box($1);/" src/main.rs; }

with_nix() { ./nixw build --no-link .#sealift 2>"$work/log" || { cat "$work/log" >&2 && exit 2; }; }

# The shell's own start is not what is measured, so its environment is taken once.
with_cargo() {
    [ -e "$work/environment" ] || ./nixw print-dev-env >"$work/environment" 2>"$work/log" || { cat "$work/log" >&2 && exit 2; }
    (
        set +u
        # shellcheck source=/dev/null
        . "$work/environment" >/dev/null
        eval "${shellHook-}" >/dev/null
        exec cargo build --quiet --release --locked --target $target
    )
}

seconds() {
    local started=$EPOCHREALTIME
    "$@"
    awk -v from="$started" -v to="$EPOCHREALTIME" 'BEGIN { printf "%.1f", to - from }'
}

median() { printf '%s\n' "$@" | sort -n | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'; }

main
