#!/usr/bin/env bash
# Runs programs of other platforms: Linux on other machines with qemu, Windows with wine.
#
#     checks/acceptance/targets.sh RELEASE-DIRECTORY C-CODE-DIRECTORY SHIM
#
# C-CODE-DIRECTORY is what the flake check `c-code` builds: a program that calls into C, for every target, and what it
# has to say. SHIM is the library of the check `wine-shim`, which wine 8 lacks. Needs root where something is to be
# installed. Prints `ok NAME` or `FAIL NAME` for each test; exits with 1 when one failed.

set -uo pipefail
# shellcheck source=SCRIPTDIR/lib.sh
. "$(dirname "$0")/lib.sh"

main() {
    [ $# -eq 3 ] || die "usage: $0 RELEASE-DIRECTORY C-CODE-DIRECTORY SHIM"
    need_tools jq:jq qemu-aarch64-static:qemu-user-static
    [ -x "$wine" ] || need_tools wine64-of-debian:wine64
    open_release "$1"
    programs=$(realpath "$2")
    open_work
    boot_wine "$(realpath "$3")"
    run_tests
}

# --- systems ---

# Debian puts no command of that name on PATH.
readonly wine=/usr/lib/wine/wine64

# A Windows in $work, with the one library that Rust's programs need and that this wine does not have.
boot_wine() {
    export WINEPREFIX=$work/wine WINEDEBUG=-all HOME=$work
    "$wine" wineboot -i >"$work/log" 2>&1 || die "wine does not start: $(cat "$work/log")"
    "${wine%64}server64" -w 2>/dev/null || true
    cp "$1" "$WINEPREFIX/drive_c/windows/system32/bcryptprimitives.dll"
}

before_close() { "${wine%/*}/wineserver64" -k 2>/dev/null || true; }

# qemu MACHINE PROGRAM ARGUMENT...
qemu() {
    local machine=$1
    shift
    "qemu-$machine-static" "$@"
}

# Lines as wine writes them, without the carriage returns.
in_wine() {
    local status=0
    "$wine" "$@" >"$work/said" || status=$?
    tr -d '\r' <"$work/said"
    return $status
}

# unpacked PATTERN: unpacks the one archive that matches, here; says where the files are.
unpacked() {
    tar -xzf "$(one_of "$release/artifacts/$1")"
    one_of "$PWD/sealift-*"
}

# --- Linux ---

test_the_c_program_runs_on_aarch64() { qemu aarch64 "$programs/aarch64-unknown-linux-musl/c-code" | diff "$programs/expected" -; }
test_the_c_program_runs_on_armv7() { qemu arm "$programs/armv7-unknown-linux-musleabihf/c-code" | diff "$programs/expected" -; }
test_the_c_program_runs_on_riscv64() { qemu riscv64 "$programs/riscv64gc-unknown-linux-musl/c-code" | diff "$programs/expected" -; }

test_sealift_runs_on_aarch64() {
    local directory
    directory=$(unpacked '*-aarch64-unknown-linux-musl.tar.gz')
    is_own_version "$(qemu aarch64 "$directory/sealift" --version)"
    contains "$(qemu aarch64 "$directory/sealift" --version)" aarch64-unknown-linux-musl
    fails 2 qemu aarch64 "$directory/sealift" plan --manifest nowhere.toml
}

# --- Windows ---

test_the_c_program_runs_on_windows() { in_wine "$programs/x86_64-pc-windows-gnullvm/c-code.exe" | diff "$programs/expected" -; }

test_an_exit_code_and_an_argument_pass_through_windows() {
    local said status=0
    said=$(in_wine "$programs/x86_64-pc-windows-gnullvm/c-code.exe" 'größer als' 42) || status=$?
    equal 42 $status
    equal 'größer als' "$said"
}

test_sealift_runs_on_windows_from_a_path_with_spaces_and_umlauts() {
    local directory
    directory=$(unpacked '*-x86_64-pc-windows-gnullvm.*')
    mv "$directory" 'Grüße an alle'
    is_own_version "$(in_wine 'Grüße an alle/sealift.exe' --version)"
    contains "$(in_wine 'Grüße an alle/sealift.exe' --version)" x86_64-pc-windows-gnullvm
    fails 2 in_wine 'Grüße an alle/sealift.exe' plan --manifest nowhere.toml
}

main "$@"
