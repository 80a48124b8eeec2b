#!/usr/bin/env bash
# Runs programs for glibc in fresh Debian systems with an older and a newer glibc than the one that they were linked for.
#
#     checks/acceptance/glibc.sh DIRECTORY
#
# The directory is what the check `glibc` makes: releases of the fixture with several floors. Needs root and Debian's
# mirrors. Prints `ok NAME` or `FAIL NAME` for each test, with the output of failed ones; exits with 1 if one failed.

set -uo pipefail
# shellcheck source=SCRIPTDIR/lib.sh
. "$(dirname "$0")/lib.sh"

main() {
    [ $# -eq 1 ] || die "usage: $0 DIRECTORY"
    releases=$(realpath "$1")
    need_root 'enter another system'
    need_tools mmdebstrap:mmdebstrap qemu-aarch64-static:qemu-user-static rpm:rpm readelf:binutils
    open_work
    # In memory: dpkg waits for the disk after each file.
    mount -t tmpfs -o mode=755,size=2g tmpfs "$work" || die 'nothing can be mounted here'
    export TMPDIR=$work
    make_system bullseye amd64 --variant=essential
    make_system sid amd64 --variant=essential
    # Only libraries, for the processor that this machine does not have.
    make_system bullseye arm64 --variant=extract --include=libc6,base-passwd
    run_tests
}

# make_system SUITE ARCHITECTURE OPTION...: a system in $work/SUITE-ARCHITECTURE, with a plugin.
make_system() {
    local root=$work/$1-$2
    make_suite "$1" "$root" --architecture="$2" "${@:3}"
    echo '127.0.0.1 localhost' >"$root/etc/hosts"
    cp "$releases/plugin.so" "$root/"
}

# inside SUITE COMMAND...: without a network, and with a clean environment.
inside() {
    unshare --net --mount --ipc --pid --fork --kill-child -- chroot "$work/$1-amd64" /usr/bin/env -i \
        PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 "${@:2}"
}

# unpacked FLOOR TARGET: unpacks the archive here, and prints the program's path.
unpacked() {
    tar -xzf "$(one_of "$releases/$1/artifacts/*-$2.tar.gz")"
    realpath "glibc-1.2.3-$2/glibc"
}

# put SUITE FLOOR: puts the program of an archive into a system, as /program.
put() { cp "$(unpacked "$2" x86_64-unknown-linux-gnu)" "$work/$1-amd64/program"; }

# runs_with VERSION: what the program says is on standard input.
runs_with() {
    cat >said
    cat said
    grep -qx "the machine's own C library" said
    grep -qx "version $1" said
    grep -qx 'user 0 is root' said
    grep -qx 'localhost is known' said
}

test_programs_run_with_the_glibc_of_each_system_and_load_its_modules_and_plugins() {
    local floor system version
    for floor in 2.17 2.28; do
        for system in bullseye sid; do
            put "$system" $floor
            version=$(inside "$system" /usr/bin/ldd --version | sed -n '1s/.* //p')
            inside "$system" /program /plugin.so | runs_with "$version"
            grep -qx 'plugin says 42' said
        done
    done
}

test_a_loader_that_is_too_old_refuses_a_program_by_the_version_that_it_lacks() {
    local said status=0
    put bullseye 2.36
    said=$(inside bullseye /program 2>&1) || status=$?
    echo "$said"
    [ "$status" = 1 ]
    grep -q "version \`GLIBC_2.34' not found (required by /program)" <<<"$said"
    put sid 2.36
    inside sid /program | grep -qx 'user 0 is root'
}

test_a_deb_is_installed_where_what_it_depends_on_is() {
    local deb system
    deb=$(one_of "$releases/2.28/artifacts/*_amd64.deb")
    dpkg-deb --field "$deb" Depends | tee depends
    grep -qxE 'libc6 \(>= 2\.(17|18|2[0-8])\)' depends
    for system in bullseye sid; do
        cp "$deb" "$work/$system-amd64/glibc.deb"
        inside "$system" dpkg --install /glibc.deb
        inside "$system" glibc | grep -qx 'user 0 is root'
        inside "$system" dpkg --purge glibc
    done
}

test_an_rpm_requires_the_versions_of_symbols_that_its_programs_use() {
    local rpm
    rpm=$(one_of "$releases/2.28/artifacts/*.x86_64.rpm")
    readelf --version-info --wide "$(unpacked 2.28 x86_64-unknown-linux-gnu)" | awk '
        / File: / { sub(/.* File: /, ""); library = $1 }
        / Name: / { sub(/.* Name: /, ""); print library "(" $1 ")(64bit)" }
    ' | sort -u >used
    grep -F 'libc.so.6(GLIBC_2.' used
    rpm -qp --requires "$rpm" | grep -F '.so.' | grep -v '()(64bit)$' | sort -u | diff used -
}

test_an_appimage_runs_in_each_system() {
    local system
    for system in bullseye sid; do
        cp "$(one_of "$releases/2.28/artifacts/*-x86_64.AppImage")" "$work/$system-amd64/image"
        inside "$system" /image --appimage-extract-and-run /plugin.so >said
        grep -qx 'plugin says 42' said
    done
}

test_a_program_for_aarch64_runs_with_an_older_glibc() {
    local program
    program=$(unpacked 2.28 aarch64-unknown-linux-gnu)
    qemu-aarch64-static -L "$work/bullseye-arm64" "$program" | runs_with 2.31
}

main "$@"
