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
    need_tools jq:jq unzip:unzip qemu-aarch64-static:qemu-user-static
    [ -x "$wine" ] || need_tools wine64-of-debian:wine64
    open_release "$1"
    judges '*-linux-musl.tar.gz' '*-gnullvm.zip' '*-aarch64.AppImage'
    programs=$(realpath "$2")
    open_work
    boot_wine "$(realpath "$3")"
    run_tests
}

# --- systems ---

before_close() { stop_wine; }

# qemu MACHINE PROGRAM ARGUMENT...
qemu() {
    local machine=$1
    shift
    "qemu-$machine-static" "$@"
}

# unpacked PATTERN: unpacks the one archive that matches, here; says where the files are.
unpacked() {
    local archive
    archive=$(one_of "$release/artifacts/$1")
    case $archive in
        *.zip) unzip -q "$archive" ;;
        *) tar -xzf "$archive" ;;
    esac
    one_of "$PWD/sealift-*"
}

# --- Linux ---

test_the_c_program_runs_on_aarch64() { qemu aarch64 "$programs/aarch64-unknown-linux-musl/c-code" | diff "$programs/expected" -; }
# NEON is an extra of ARMv7, which neither Rust nor C may take for granted.
test_the_c_program_runs_on_the_least_armv7() {
    qemu arm -cpu cortex-a9,neon=off "$programs/armv7-unknown-linux-musleabihf/c-code" | diff "$programs/expected" -
}
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
    directory=$(unpacked '*-x86_64-pc-windows-gnullvm.zip')
    mv "$directory" 'Grüße an alle'
    is_own_version "$(in_wine 'Grüße an alle/sealift.exe' --version)"
    contains "$(in_wine 'Grüße an alle/sealift.exe' --version)" x86_64-pc-windows-gnullvm
    fails 2 in_wine 'Grüße an alle/sealift.exe' plan --manifest nowhere.toml
}

# --- the same packages everywhere ---

# A project with a program for Linux and one for Windows, files in folders, and what is left out on Windows.
write_project() {
    mkdir -p project/docs/guide project/bin
    printf 'read me\n' >project/docs/guide/README
    printf '.TH hello 1\n' >project/hello.1
    cp "$programs/x86_64-unknown-linux-musl/c-code" project/bin/hello
    cp "$programs/x86_64-pc-windows-gnullvm/c-code.exe" project/bin/hello.exe
    cat >project/sealift.toml <<'END'
targets = ["x86_64-unknown-linux-musl", "x86_64-pc-windows-gnullvm"]
formats = ["archive"]

[formats-for]
linux = ["appimage", "archive", "deb", "npm", "oci", "rpm", "snap", "tar-xz", "tar-zst", "wheel", "zip"]
windows = ["archive", "msi", "setup"]

[package]
name = "hello"
version = "1.2.3"
summary = "greets the world"
license = "MIT"
maintainer = "A. Person <person@example.org>"

[[files]]
kind = "binary"
source = "bin/hello"

[[files]]
kind = "doc"
source = "docs/"

[[files]]
kind = "man"
source = "hello.1"
END
}

# packages_by DIRECTORY COMMAND...: lets the sealift that COMMAND runs write all packages of the project, and prints their sums.
packages_by() {
    local out=$1 target
    shift
    for target in x86_64-unknown-linux-musl x86_64-pc-windows-gnullvm; do
        "$@" tree --source project --build project --target $target --out "$out-$target" || return
        "$@" package --source project --target $target --tree "$out-$target" --out "$out" >/dev/null || return
    done
    (cd "$out" && sha256sum -- *)
}

test_every_machine_writes_the_same_packages() {
    local here there windows
    write_project
    mkdir x86_64 aarch64 windows
    here=$(cd x86_64 && unpacked '*-x86_64-unknown-linux-musl.tar.gz')
    there=$(cd aarch64 && unpacked '*-aarch64-unknown-linux-musl.tar.gz')
    windows=$(cd windows && unpacked '*-x86_64-pc-windows-gnullvm.zip')
    packages_by by-x86_64 "$here/sealift" >expected
    # A package and its record for each format of each target.
    equal 28 "$(wc -l <expected)"
    packages_by by-aarch64 qemu aarch64 "$there/sealift" | diff expected -
    packages_by by-windows in_wine "$windows/sealift.exe" | diff expected -
}

test_an_appimage_unpacks_itself_on_aarch64() {
    qemu aarch64 "$(one_of "$release/artifacts/*-aarch64.AppImage")" --appimage-extract >/dev/null
    is_own_version "$(qemu aarch64 squashfs-root/usr/bin/sealift --version)"
}

main "$@"
