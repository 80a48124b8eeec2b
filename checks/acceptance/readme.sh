#!/usr/bin/env bash
# Does what README.md and docs/init.md tell a stranger to do: the commands are taken from the text, as they stand there.
#
#     checks/acceptance/readme.sh RELEASE-DIRECTORY
#
# Wants root, and Debian's mirrors. Everything happens in a fresh Debian system with git and sudo, which has the release's files
# as if they had been downloaded, and a clone of the checkout's last commit at `/where/sealift/is`, as the text calls it. It
# shares this machine's Nix store, so that what is built there is not built again; and commands that build Sealift itself
# are only evaluated. Prints `ok NAME` or `FAIL NAME` for each test, and what it saw of a failed one; exits with 1 when one
# failed.

# shellcheck disable=SC2016,SC2154 # messages have backticks; lib.sh assigns work and release
set -uo pipefail
# shellcheck source=SCRIPTDIR/lib.sh
. "$(dirname "$0")/lib.sh"

readonly there=/where/sealift/is

main() {
    [ $# -eq 1 ] || die "usage: $0 RELEASE-DIRECTORY"
    need_root 'enter another system'
    need_tools jq:jq mmdebstrap:mmdebstrap git:git
    open_release "$1"
    judges '*-x86_64-unknown-linux-musl.tar.gz' '*_amd64.deb'
    checkout=$(realpath "$(dirname "$0")/../..")
    open_work
    # In memory: dpkg waits for the disk after each file.
    mount -t tmpfs -o mode=755,size=6g tmpfs "$work" || die 'nothing can be mounted here'
    export TMPDIR=$work
    root=$work/root
    make_debian "$root" --include=git,sudo,ca-certificates,xz-utils
    furnish || die 'the system cannot be furnished'
    run_tests
}

# Roots that Nix's collector was told of would point to nothing.
before_close() {
    find /nix/var/nix/gcroots/auto -lname '/home/stranger/*' -delete 2>/dev/null
}

# What a stranger has: a network, the way to it that this machine uses, the downloaded files, and a project.
furnish() {
    mkdir -p "$root/nix" "$root$there" "$root/home/stranger" || return
    mount --bind "$root" "$root" && mount --bind /nix "$root/nix" || return
    cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
    cp "$work/apt.conf" "$root/etc/apt/apt.conf.d/90acquire"
    cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
    [ ! -f /etc/pip.conf ] || cp /etc/pip.conf "$root/etc/"
    git -c safe.directory='*' clone --quiet --no-hardlinks "$checkout" "$root$there" || return
    cp -RL "$release/artifacts" "$root/home/stranger/downloads" || return
    printf '[user]\n\tname = A. Stranger\n\temail = stranger@example.org\n[init]\n\tdefaultBranch = main\n' >"$root/root/.gitconfig"
}

# inside DIRECTORY COMMAND...: runs it in the system, whose root is a real one: in a mere chroot Nix could make no sandbox.
inside() {
    local directory=$1
    shift
    unshare --mount --pid --ipc --fork --kill-child --propagation private -- bash -euc '
        cd "$1"
        mkdir -p old
        pivot_root . old
        mount -t proc proc /proc
        mount -t sysfs sysfs /sys
        mount --rbind /old/dev /dev
        umount --lazy /old
        cd "$2"
        shift 2
        exec "$@"
    ' - "$root" "$directory" env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
        DEBIAN_FRONTEND=noninteractive SEALIFT_UNIVERSE=mirrors SEALIFT_ACCEPT_DRIFT=signed \
        ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} ${no_proxy:+no_proxy="$no_proxy"} "$@"
}

# console HEADING: the commands of the first console block below a heading of README.md, a line each.
console() {
    awk -v heading="$1" '
        /^#/ && !fenced     { here = $0 == heading }
        /^```/              { if (here && fenced && !done) done = is_console; fenced = !fenced; is_console = $0 == "```console"; next }
        here && fenced && is_console && !done && sub(/^\$ /, "")
    ' "$checkout/README.md"
}

# indented FILE HEADING: the commands in the indented blocks below a heading, without what stands beside them.
indented() {
    awk -v heading="$2" '
        /^#/ { here = $0 == heading }
        here && /^    (sealift|nix|git|cargo|chmod|\.\/nixw|\/where[^ ]*) / { sub(/^    /, ""); sub(/   .*/, ""); print }
    ' "$checkout/$1"
}

# run_all DIRECTORY: runs the commands of stdin there, one after the other, and shows each.
run_all() {
    local command count=0
    while read -r command; do
        echo "\$ $command"
        inside "$1" bash -euc "$command" </dev/null || return
        count=$((count + 1))
    done
    # A text from which nothing was read would be a test of nothing.
    [ $count -gt 0 ]
}

# project NAME: a Cargo project without anything of Sealift's, at /home/stranger/NAME, and the program where a test has not
# installed it yet.
project() {
    [ -x "$root/usr/local/bin/sealift" ] ||
        tar -xzf "$root"/home/stranger/downloads/*-x86_64-unknown-linux-musl.tar.gz -C "$root/usr/local/bin" --strip-components=1 --wildcards '*/sealift'
    cp -R "$root$there/templates/default" "$root/home/stranger/$1"
    (cd "$root/home/stranger/$1" && rm sealift.toml flake.nix nixw .envrc .gitignore)
}

# is_release DIRECTORY: whether the release there is whole, and its program runs.
is_release() {
    inside "$1" sh -euc 'cd result && sha256sum --quiet --check SHA256SUMS && cat release.json' >released
    equal 3 "$(jq '.artifacts | length' released)"
    inside "$1" sh -euc 'mkdir /tmp/unpacked && tar -xzf result/artifacts/*.tar.gz -C /tmp/unpacked --strip-components=1
        /tmp/unpacked/hello; rm -r /tmp/unpacked' >said
    contains "$(cat said)" 'ello'
}

# The first two commands of README.md, on Sealift itself: what they would build is evaluated. They also bring Nix.
test_a_clone_needs_nothing_but_git() {
    [ ! -e "$root/usr/bin/nix" ]
    sed -n '/^## /q; /^    \.\/nixw /{ s/^ *//; s/  *# .*//p }' "$checkout/README.md" >commands
    equal 2 "$(wc -l <commands)"
    sed -i 's/nixw build/nixw build --dry-run/; s/flake check/eval --raw .#checks.x86_64-linux.test.drvPath/' commands
    run_all $there <commands
    [ -x "$root/usr/bin/nix" ]
    equal '' "$(git -c safe.directory='*' -C "$root$there" status --porcelain)"
}

test_the_program_is_installed_as_the_text_says() {
    # docker would need a daemon of its own, and dnf another system: oci.sh and rpm.sh have that.
    console '## Install' | grep -v -e '^#' -e '^docker' -e '^sudo dnf install ./sealift-' >commands
    [ "$(wc -l <commands)" -ge 5 ]
    run_all /home/stranger/downloads <commands
    is_own_version "$(inside / sealift --version)"
    inside / sudo -n true
}

test_a_project_of_ones_own_is_released_as_the_readme_says() {
    project hello
    inside /home/stranger/hello git init --quiet
    console '## Use in a project of your own' >commands
    grep -q '^sealift init --sealift /where/sealift/is' commands
    grep -q '^./nixw build .#release' commands
    run_all /home/stranger/hello <commands
    is_release /home/stranger/hello
    # The next `git add .` does not take what was built.
    equal '' "$(inside /home/stranger/hello git status --porcelain --untracked-files=all | grep result || true)"
}

test_a_project_outside_git_is_released_as_getting_started_says() {
    project plain
    indented docs/init.md '# Getting started' >commands
    grep -q '^sealift init --sealift /where/sealift/is' commands
    grep -q '^./nixw build .#release' commands
    run_all /home/stranger/plain <commands
    is_release /home/stranger/plain
}

test_the_template_is_released_as_getting_started_says() {
    mkdir "$root/home/stranger/template"
    indented docs/init.md '## A project to begin with' >commands
    grep -q 'flake init -t /where/sealift/is' commands
    run_all /home/stranger/template <commands
    # The text has people put Sealift's address into flake.nix; the stand-in there is the clone's.
    inside /home/stranger/template ./nixw build --dry-run .#release
}

main "$@"
