#!/usr/bin/env bash
# Builds on ARM Linux, which QEMU stands in for, and compares that with what this machine builds.
#
#     checks/hosts.sh [TARGET...]
#
# For a patient person: without targets it takes hours, most of them for the standard libraries of six targets. Needs root
# on Linux on x86_64, 6.7 or newer, and Debian's mirrors. Prints a line for each target, with the program's SHA-256, then
# `ok NAME` or `FAIL NAME` for each test, and what it saw of a failed one; exits with 1 when one failed.

# shellcheck disable=SC2016 # the inner shell expands
set -uo pipefail
# shellcheck source=SCRIPTDIR/acceptance/lib.sh
. "$(dirname "$0")/acceptance/lib.sh"

readonly emulator=/usr/bin/qemu-aarch64-static
readonly all=(
    x86_64-unknown-linux-musl aarch64-unknown-linux-musl x86_64-pc-windows-gnullvm
    aarch64-pc-windows-gnullvm x86_64-apple-darwin aarch64-apple-darwin
)

main() {
    targets=("$@")
    [ $# -gt 0 ] || targets=("${all[@]}")
    need_root 'tell the kernel of an emulator, and to make a Debian system'
    [ "$(uname -m)" = x86_64 ] || die 'this is for Linux on x86_64'
    need_tools git:git mmdebstrap:mmdebstrap arch-test:arch-test $emulator:qemu-user-static
    checkout=$(realpath "$(dirname "$0")/..")
    open_work
    export SEALIFT_UNIVERSE=mirrors
    run_tests
}

# Roots that Nix's collector was told of would point to nothing.
before_close() {
    find /nix/var/nix/gcroots/auto \( -lname '/home/person/*' -o -lname "$work/*" \) -delete 2>/dev/null
}

# on_arm COMMAND...: runs it where the kernel starts programs of ARM, too. The emulator is known in a user namespace of
# its own: the machine's is left as it is.
on_arm() {
    local own pid
    own=$(readlink /proc/self/ns/user)
    unshare --user --pid --fork --kill-child --mount --propagation private -- bash -euc '
        until [ -n "$(cat /proc/self/uid_map)" ]; do sleep 0.1; done
        mount -t proc proc /proc
        mount -t binfmt_misc none /proc/sys/fs/binfmt_misc
        elf="\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00"
        mask="\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff"
        # F: it is opened now, and so is there in every root and every sandbox. P: busybox goes by the name it is called by.
        printf "%s" ":arm:M::$elf:$mask:$1:PF" >/proc/sys/fs/binfmt_misc/register
        shift
        exec "$@"' - $emulator "$@" &
    pid=$!
    while [ "$(readlink /proc/$pid/ns/user)" = "$own" ]; do sleep 0.1; done
    # Nix and apt become other users.
    echo '0 0 65536' >/proc/$pid/gid_map
    echo '0 0 65536' >/proc/$pid/uid_map
    wait $pid
}

# The same Nix, in the same sandbox; only what is built with is compiled for ARM.
test_programs_have_the_same_bytes_from_both_hosts() {
    local target differing=()
    cd "$checkout"
    for target in "${targets[@]}"; do
        ./nixw build --out-link "$work/x86_64" ".#checks.x86_64-linux.hosts.builds.$target"
        on_arm ./nixw build --system aarch64-linux --out-link "$work/aarch64" ".#checks.aarch64-linux.hosts.builds.$target"
        if cmp "$work"/{x86_64,aarch64}/bin/hosts*; then
            echo "$target same $(sha256sum <"$(echo "$work"/x86_64/bin/hosts*)" | cut -d' ' -f1)" >&3
        else
            echo "$target differs" >&3
            differing+=("$target")
        fi
    done
    [ ${#differing[@]} = 0 ]
}

# As people with such a machine do, from nothing but the store: what programs are built with is there by now. QEMU makes no
# namespaces and so no sandbox. An edit has to be compiled.
test_the_wrapper_builds_in_a_fresh_debian_of_arm() {
    local output=checks.aarch64-linux.hosts.builds.aarch64-unknown-linux-musl
    make_debian_of_arm
    git -c safe.directory='*' clone --quiet --no-hardlinks "$checkout" root/home/person/sealift
    sed -i 's/println!("/&edited: /' root/home/person/sealift/checks/fixtures/hosts/src/main.rs
    # shellcheck disable=SC2086 # no proxy is no argument
    on_arm bash -euc '
        for each in nix proc sys dev; do
            mkdir -p root/$each
            mount --rbind /$each root/$each
        done
        exec chroot root env -i "$@"' - HOME=/home/person PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive \
        SEALIFT_UNIVERSE=mirrors SEALIFT_SANDBOX=off SEALIFT_ACCEPT_DRIFT=signed NIX_CONFIG='filter-syscalls = false' \
        ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} \
        sh -euxc "cd /home/person/sealift && ./nixw build .#$output && uname -m && result/bin/hosts" >said
    equal 'aarch64 edited: digits 7 tables 16 square 25' "$(paste -sd' ' said)"
}

# A smallest system, and the way to the network that this machine uses.
make_debian_of_arm() {
    # shellcheck source=SCRIPTDIR/acceptance/lib.sh
    on_arm bash -euc '. "$1/checks/acceptance/lib.sh" && work=$2 && make_debian root --architectures=arm64' - "$checkout" "$PWD"
    mkdir -p root/etc/ssl/certs root/home/person
    cp -L /etc/resolv.conf /etc/hosts root/etc/
    cp apt.conf root/etc/apt/apt.conf.d/90acquire
    cp /etc/ssl/certs/ca-certificates.crt root/etc/ssl/certs/
    [ ! -f /etc/pip.conf ] || cp /etc/pip.conf root/etc/
}

exec 3>&1
main "$@"
