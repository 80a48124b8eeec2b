#!/usr/bin/env bash
# Evaluates every output of the flake for every system of the nixpkgs universe, without import from derivation.
#
#     checks/nixpkgs-universe.sh NIXPKGS CRANE NAERSK FENIX RUST_OVERLAY [SYSTEM...]
#
# The arguments are directories with the sources of the inputs. NIXPKGS can be a package set that is derived from nixpkgs:
# what it lacks is stood in for (nixpkgs-universe.nix). Needs a Nix that the universe takes, whose store can be written: what is
# evaluated is written there as derivations, and nothing is built. Prints a line per output, and ends with
# `N passed, N failed`.
set -uo pipefail
[ $# -ge 5 ] || { sed -n '4s/^# *//p' "$0" >&2; exit 2; }
here=$(dirname "$(realpath "$0")")
nixpkgs=$(realpath "$1")
for name in nixpkgs crane naersk fenix rust-overlay; do
    [ -d "$1" ] || { echo "nixpkgs-universe: no directory \`$1\` with $name" >&2; exit 2; }
    inputs+=" $name = $(realpath "$1");"
    shift
done
systems=("$@")
[ $# -gt 0 ] || systems=(aarch64-darwin aarch64-linux x86_64-darwin x86_64-linux)
passed=0
failed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
log=$work/log
# Some package sets have nixpkgs' directory pkgs/ as their root.
if [ ! -d "$nixpkgs/pkgs/build-support" ]; then
    mkdir "$work/path"
    ln -s "$nixpkgs" "$work/path/pkgs"
    inputs+=" path = $work/path;"
fi

for system in "${systems[@]}"; do
    outputs="(import $here/nixpkgs-universe.nix { system = \"$system\"; $inputs })"
    for kind in packages checks devShells; do
        names=$(nix-instantiate --eval --json --expr "builtins.attrNames $outputs.$kind.$system" 2>"$log") || {
            failed=$((failed + 1))
            echo "FAIL $kind.$system"
            tail -n 5 "$log"
            continue
        }
        for name in $(tr -d '[]"' <<<"$names" | tr , ' '); do
            if nix-instantiate --option allow-import-from-derivation false --expr "$outputs.$kind.$system.\"$name\"" >"$log" 2>&1; then
                passed=$((passed + 1))
                echo "ok $kind.$system.$name"
            else
                failed=$((failed + 1))
                echo "FAIL $kind.$system.$name"
                grep -v '^trace' "$log" | tail -n 5
            fi
        done
    done
done
printf '\n%d passed, %d failed\n' $passed $failed
[ $failed = 0 ] && [ $passed -gt 0 ]
