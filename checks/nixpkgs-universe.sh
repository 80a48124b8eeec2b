#!/usr/bin/env bash
# Evaluates every output of the flake for every system of the nixpkgs universe, and what flakes of other projects get there,
# without import from derivation.
#
#     checks/nixpkgs-universe.sh NIXPKGS CRANE NAERSK FENIX RUST_OVERLAY FLAKE_PARTS [SYSTEM...]
#
# The arguments are directories with the sources of the inputs. NIXPKGS can be a package set that is derived from nixpkgs:
# what it lacks is stood in for (nixpkgs-universe.nix). Needs a Nix that the universe takes, whose store can be written: what is
# evaluated is written there as derivations, and nothing is built. Prints a line per output, and ends with
# `N passed, N failed`.
set -uo pipefail
[ $# -ge 6 ] || { sed -n '5s/^# *//p' "$0" >&2; exit 2; }
here=$(dirname "$(realpath "$0")")
nixpkgs=$(realpath "$1")
for name in nixpkgs crane naersk fenix rust-overlay flake-parts; do
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

# names EXPRESSION: the names of an attribute set.
names() { nix-instantiate --eval --json --expr "builtins.attrNames $1" 2>"$log" | tr -d '[]"' | tr , ' '; }
fails() {
    failed=$((failed + 1))
    echo "FAIL $1"
    grep -v '^trace' "$log" | tail -n 5
}
holds() {
    passed=$((passed + 1))
    echo "ok $1"
}
instantiated() { nix-instantiate --option allow-import-from-derivation false --expr "$1" >"$log" 2>&1; }

for system in "${systems[@]}"; do
    outputs="(import $here/nixpkgs-universe.nix { system = \"$system\"; $inputs })"
    for kind in packages."$system" checks."$system" devShells."$system" consumers; do
        listed=$(names "$outputs.$kind") || { fails "$kind"; continue; }
        # All at once take a tenth of the time; only where that fails it has to be known which one does.
        whole=1
        instantiated "builtins.attrValues $outputs.$kind" || whole=
        for name in $listed; do
            if [ -n "$whole" ] || instantiated "$outputs.$kind.\"$name\""; then holds "$kind.$name"; else fails "$kind.$name"; fi
        done
    done
    # What has to be refused, with the words that it has to be refused with.
    listed=$(names "$outputs.refused") || fails refused
    for name in $listed; do
        says=$(nix-instantiate --eval --json --expr "$outputs.refused.\"$name\".says" 2>"$log" | sed 's/^"//; s/"$//')
        if ! instantiated "$outputs.refused.\"$name\".value" && [ -n "$says" ] && grep -qF -e "$says" "$log"; then
            holds "refused.$name"
        else
            fails "refused.$name"
        fi
    done
done
printf '\n%d passed, %d failed\n' $passed $failed
[ $failed = 0 ] && [ $passed -gt 0 ]
