#!/usr/bin/env bash
# Installs, upgrades and removes a service in a Debian system that systemd has booted, as a deb and as an rpm.
#
#     checks/acceptance/systemd.sh RELEASE-DIRECTORY
#
# Needs root and Debian's mirrors. The packages are of a fixture, which the program of the release packs. Prints `ok NAME` or
# `FAIL NAME` for each test, with the output of failed ones; exits with 1 if one failed.

set -uo pipefail
# shellcheck source=SCRIPTDIR/lib.sh
. "$(dirname "$0")/lib.sh"

booted=

main() {
    [ $# -eq 1 ] || die "usage: $0 RELEASE-DIRECTORY"
    need_root 'boot another system'
    need_tools jq:jq mmdebstrap:mmdebstrap nsenter:util-linux
    open_release "$1"
    open_work
    mount -t tmpfs -o mode=755,size=3g tmpfs "$work" || die 'nothing can be mounted here'
    export TMPDIR=$work
    tar -xzf "$(one_of "$release/artifacts/*-x86_64-unknown-linux-musl.tar.gz")" -C "$work"
    sealift=$(one_of "$work/sealift-*/sealift")
    make_debian "$work/base.tar" --include=systemd,dbus,rpm
    (set -e && make_fixtures) >"$work/log" 2>&1
    status=$?
    [ $status = 0 ] || die "the fixtures cannot be packed: $(cat "$work/log")"
    run_tests
}

# --- fixtures ---

# Packages of one service in $work/packages: 1.0.0 and 2.0.0; and `quiet`, whose project turns everything off.
make_fixtures() {
    greeter greeter 1.0.0
    greeter greeter 2.0.0
    greeter quiet 1.0.0 '[systemd]
enable = false
start = false
restart = false'
}

# greeter NAME VERSION [MORE-OF-THE-MANIFEST]
greeter() {
    local project=$work/$1-$2
    manifest deb "$1" "$2" "$project"
    sed -i 's/^formats = .*/formats = ["deb", "rpm"]/' "$project/sealift.toml"
    printf '#!/bin/sh\necho %s >/run/%s/version\nexec sleep 1000000\n' "$2" "$1" >"$project/tree/bin/$1"
    add_file systemd-unit "$1.service" "[Service]
User=$1
ExecStart=/usr/bin/$1

[Install]
WantedBy=multi-user.target" "$project"
    add_file systemd-unit "$1-report.service" "[Service]
ExecStart=/usr/bin/true" "$project"
    add_file data users.conf "u $1 -" "$project"
    echo "destination = 'usr/lib/sysusers.d/$1.conf'" >>"$project/sealift.toml"
    add_file data directories.conf "d /run/$1 0755 $1 $1" "$project"
    cat >>"$project/sealift.toml" <<MANIFEST
destination = 'usr/lib/tmpfiles.d/$1.conf'

[deb.scripts]
postinst = """
#!/bin/sh
set -e
#SYSTEMD#
echo "postinst \$*" >>/var/log/$1.log
"""

${3-}
MANIFEST
    pack "$project" "$work/packages"
}

# --- systems ---

# booted_system: a system of the test's own in `root`, whose first process is systemd; `init` is its number.
booted_system() {
    root=$PWD/root
    mkdir "$root"
    tar -xpf "$work/base.tar" -C "$root" --numeric-owner
    # shellcheck disable=SC2016 # the inner shell expands
    unshare --net --mount --ipc --uts --pid --cgroup --fork --kill-child -- bash -euc '
        mount --bind "$1" "$1"
        mount -t proc proc "$1/proc"
        mount --rbind /sys "$1/sys"
        mount -t tmpfs tmpfs "$1/run"
        # The old hierarchy is always there; the machine can use the new one in ways of its own.
        mount -t tmpfs tmpfs "$1/sys/fs/cgroup"
        mkdir "$1/sys/fs/cgroup/systemd"
        mount -t cgroup -o none,name=systemd cgroup "$1/sys/fs/cgroup/systemd"
        exec chroot "$1" /usr/bin/env -i container=other PATH=/usr/sbin:/usr/bin:/sbin:/bin \
            /lib/systemd/systemd --system systemd.unit=multi-user.target systemd.unified_cgroup_hierarchy=0' \
        - "$root" >boot.log 2>&1 &
    booted=$!
    eventually has_init || { cat boot.log && return 1; }
    for _ in 1 2 3 4 5 6; do
        ! eventually is_up || return 0
    done
    cat boot.log && return 1
}

has_init() { init=$(pgrep --parent "$booted" --exact systemd); }

is_up() { [ "$(inside systemctl is-system-running)" != starting ] && inside systemctl is-active --quiet multi-user.target; }

after_test() {
    [ -n "$booted" ] || return 0
    kill -KILL "$init"
    wait "$booted" || true
}

inside() {
    nsenter --target "$init" --all --root --wd -- /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root \
        LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
}

# put PATTERN: copies a package into the system, and prints its place there.
put() {
    local package
    package=$(one_of "$work/packages/$1")
    cp "$package" "$root/opt/"
    echo "/opt/${package##*/}"
}

install_deb() { inside dpkg --install "$(put "$1")"; }

state() { inside systemctl "$1" "$2" || true; }

version_that_runs() { cat "/proc/$init/root/run/greeter/version" 2>/dev/null || true; }
runs() { [ "$(version_that_runs)" = "$1" ]; }

# --- deb ---

test_a_deb_enables_and_starts_its_service_as_its_own_user() {
    booted_system
    install_deb 'greeter_1.0.0-1_*.deb'
    equal enabled "$(state is-enabled greeter)"
    equal active "$(state is-active greeter)"
    eventually runs 1.0.0
    equal greeter "$(inside stat -c %U /run/greeter/version)"
    equal inactive "$(state is-active greeter-report)"
    contains "$(inside cat /var/log/greeter.log)" 'postinst configure'
}

test_an_upgrade_of_a_deb_restarts_the_service() {
    booted_system
    install_deb 'greeter_1.0.0-1_*.deb'
    eventually runs 1.0.0
    install_deb 'greeter_2.0.0-1_*.deb'
    equal active "$(state is-active greeter)"
    eventually runs 2.0.0
}

test_what_an_administrator_disabled_stays_so_over_an_upgrade() {
    booted_system
    install_deb 'greeter_1.0.0-1_*.deb'
    inside systemctl disable greeter
    install_deb 'greeter_2.0.0-1_*.deb'
    equal disabled "$(state is-enabled greeter)"
}

test_removing_a_deb_stops_the_service_and_purging_leaves_nothing() {
    booted_system
    install_deb 'greeter_1.0.0-1_*.deb'
    inside dpkg --remove greeter
    equal inactive "$(state is-active greeter)"
    equal masked "$(state is-enabled greeter)"
    inside dpkg --purge greeter
    fails 0 test ! -e "$root/etc/systemd/system/greeter.service"
    fails 0 test ! -e "$root/etc/systemd/system/multi-user.target.wants/greeter.service"
    equal '' "$(find "$root/var/lib/systemd" -name '*greeter*')"
}

test_a_project_can_turn_everything_off() {
    booted_system
    install_deb 'quiet_1.0.0-1_*.deb'
    equal disabled "$(state is-enabled quiet)"
    equal inactive "$(state is-active quiet)"
    # Users and directories are what the files say.
    inside getent passwd quiet
    inside dpkg --purge quiet
}

test_a_deb_is_enabled_in_a_system_that_is_not_booted() {
    root=$PWD/root
    mkdir "$root"
    tar -xpf "$work/base.tar" -C "$root" --numeric-owner
    local package
    package=$(put 'greeter_1.0.0-1_*.deb')
    unshare --net --mount --ipc --pid --fork --kill-child -- chroot "$root" /usr/bin/env -i \
        PATH=/usr/sbin:/usr/bin:/sbin:/bin dpkg --install "$package"
    equal /lib/systemd/system/greeter.service "$(readlink "$root/etc/systemd/system/multi-user.target.wants/greeter.service" | sed 's,^/usr,,')"
}

# --- rpm: what it requires of a distribution is not there ---

install_rpm() { inside rpm "$1" --nodeps "$(put "$2")"; }

test_an_rpm_follows_the_presets_and_restarts_what_runs() {
    booted_system
    inside rpm --initdb
    mkdir -p "$root/etc/systemd/system-preset"
    echo 'disable greeter.service' >"$root/etc/systemd/system-preset/50-test.preset"
    install_rpm --install 'greeter-1.0.0-1.*.rpm'
    # Fedora's systemd does this when files appear in its folders.
    inside systemctl daemon-reload
    inside systemd-sysusers
    inside systemd-tmpfiles --create greeter.conf
    equal disabled "$(state is-enabled greeter)"
    equal inactive "$(state is-active greeter)"
    inside systemctl enable --now greeter
    eventually runs 1.0.0
    install_rpm --upgrade 'greeter-2.0.0-1.*.rpm'
    eventually runs 2.0.0
    equal enabled "$(state is-enabled greeter)"
    inside rpm --erase greeter
    equal inactive "$(state is-active greeter)"
    fails 0 test ! -e "$root/etc/systemd/system/multi-user.target.wants/greeter.service"
}

test_an_rpm_is_enabled_where_the_presets_say_so() {
    booted_system
    inside rpm --initdb
    install_rpm --install 'greeter-1.0.0-1.*.rpm'
    # Debian's presets enable everything.
    equal enabled "$(state is-enabled greeter)"
}

main "$@"
