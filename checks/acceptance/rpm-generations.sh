#!/usr/bin/env bash
# Installs, upgrades and removes rpms with several generations of rpm and dnf, each in a system of its own.
#
#     checks/acceptance/rpm-generations.sh RELEASE-DIRECTORY
#
# The systems are Debian releases, for the versions of rpm that they have: 4.16, as in Enterprise Linux 8 and 9, 4.20, and the
# newest. Needs root and Debian's mirrors. Prints `ok NAME` or `FAIL NAME` for each test, with the output of failed ones; exits
# with 1 if one failed.

set -uo pipefail
# shellcheck source=SCRIPTDIR/lib.sh
. "$(dirname "$0")/lib.sh"

# Debian's release, and how the version of its rpm begins.
readonly generations='bullseye:4.16. trixie:4.20. sid:6.'

main() {
    [ $# -eq 1 ] || die "usage: $0 RELEASE-DIRECTORY"
    need_root 'enter another system'
    need_tools jq:jq mmdebstrap:mmdebstrap createrepo_c:createrepo-c
    open_release "$1"
    judges '*-1.x86_64.rpm'
    open_work
    # In memory: dpkg waits for the disk after each file.
    mount -t tmpfs -o mode=755,size=4g tmpfs "$work" || die 'nothing can be mounted here'
    export TMPDIR=$work
    tar -xzf "$(one_of "$release/artifacts/*-x86_64-unknown-linux-musl.tar.gz")" -C "$work"
    sealift=$(one_of "$work/sealift-*-x86_64-unknown-linux-musl/sealift")
    package=$(one_of "$release/artifacts/*-1.x86_64.rpm")
    (set -e && make_fixtures) >"$work/log" 2>&1
    status=$?
    [ $status = 0 ] || die "the fixtures cannot be packed: $(cat "$work/log")"
    local generation
    for generation in $generations; do
        make_suite "${generation%%:*}" "$work/${generation%%:*}" --variant=minbase --include=rpm,dnf
        # Scripts of newer versions run in a mount namespace of their own, for which the root has to be a mount.
        mount --bind "$work/${generation%%:*}" "$work/${generation%%:*}"
        mkdir -p "$work/${generation%%:*}/packages" "$work/${generation%%:*}/usr/share/licenses"
        cp "$package" "$work"/rpms/*.rpm "$work/${generation%%:*}/packages"
        printf '[here]\nname=here\nbaseurl=file:///packages\ngpgcheck=0\n' >"$work/${generation%%:*}/packages/here.repo"
        createrepo_c --quiet --compatibility "$work/${generation%%:*}/packages" 2>/dev/null ||
            createrepo_c --quiet "$work/${generation%%:*}/packages"
    done
    run_tests
}

# Two versions of one program with different configuration, and each compression.
make_fixtures() {
    local compression each project
    for each in 1.0.0:hello 2.0.0:bonjour; do
        project=$work/greeter-${each%:*}
        manifest rpm greeter "${each%:*}" "$project"
        # shellcheck disable=SC2016 # the program expands it
        printf '#!/bin/sh\necho "greeter %s: $(cat /etc/greeter/greeter.conf)"\n' "${each%:*}" >"$project/tree/bin/greeter"
        add_file config greeter.conf "greeting=${each#*:}" "$project"
        pack "$project" "$work/rpms"
    done
    for compression in gzip xz zstd; do
        plain rpm $compression 1.0.0 "$work/rpms" "compression = \"$compression\""
    done
    plain rpm shell 1.0.0 "$work/rpms" 'provides = ["/bin/sh"]'
    witness rpm 1.0.0 "$work/rpms" pretrans pre post preun postun posttrans
    witness rpm 2.0.0 "$work/rpms" pretrans pre post preun postun posttrans
}

# in_each FUNCTION: calls it for each system, which is in `root`.
in_each() {
    local generation
    for generation in $generations; do
        root=$work/${generation%%:*}
        echo "== ${generation%%:*}"
        "$1"
    done
}

inside() {
    unshare --net --mount --ipc --pid --fork --kill-child -- chroot "$root" /usr/bin/env -i \
        PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 "$@"
}

# Debian's older rpm wants to be told that it is meant.
rpm_inside() {
    if inside rpm --help | grep -q -- --force-debian; then inside rpm --force-debian "$@"; else inside rpm "$@"; fi
}

test_the_systems_have_the_generations_that_are_meant() {
    local generation
    for generation in $generations; do
        root=$work/${generation%%:*}
        contains "$(inside rpm --version)" "RPM version ${generation#*:}"
    done
}

test_each_finds_all_digests_and_notices_a_changed_byte() {
    in_each digests
}

digests() {
    local file=/packages/${package##*/}
    inside rpm -K "$file" | tee said
    contains "$(cat said)" 'digests OK'
    inside rpm -Kv "$file" | tee said
    contains "$(cat said)" 'Payload SHA256'
    cp "$package" damaged.rpm
    printf '\xa5' | dd of=damaged.rpm bs=1 seek=$(($(stat -c %s damaged.rpm) - 100)) conv=notrunc status=none
    cp damaged.rpm "$root/damaged.rpm"
    fails 1 inside rpm -K /damaged.rpm
    rm "$root/damaged.rpm"
}

test_each_installs_runs_verifies_upgrades_and_removes() {
    in_each lifecycle
}

lifecycle() {
    local compression
    rpm_inside --install --nodeps "/packages/${package##*/}"
    is_own_version "$(inside sealift --version)"
    rpm_inside --verify sealift
    rpm_inside --erase sealift
    [ ! -e "$root/usr/bin/sealift" ]
    for compression in gzip xz zstd; do
        rpm_inside --install --nodeps "/packages/$compression-1.0.0-1.x86_64.rpm"
        equal "$compression 1.0.0" "$(inside $compression)"
        rpm_inside --erase $compression
    done
    rpm_inside --install --nodeps /packages/greeter-1.0.0-1.x86_64.rpm
    equal 'greeter 1.0.0: greeting=hello' "$(inside greeter)"
    echo greeting=moin >"$root/etc/greeter/greeter.conf"
    rpm_inside --upgrade --nodeps /packages/greeter-2.0.0-1.x86_64.rpm
    equal 'greeter 2.0.0: greeting=moin' "$(inside greeter)"
    equal greeting=bonjour "$(cat "$root/etc/greeter/greeter.conf.rpmnew")"
    contains "$(rpm_inside --verify greeter || true)" 'c /etc/greeter/greeter.conf'
    rpm_inside --erase greeter
    [ ! -e "$root/usr/bin/greeter" ]
    rm -r "$root/etc/greeter"
}

test_dnf_of_each_tells_scripts_the_same() {
    in_each witnessed
}

witnessed() {
    rm -f "$root/var/log/witness.log"
    dnf_inside install shell
    dnf_inside install witness-1.0.0
    dnf_inside upgrade witness
    equal 'witness 2.0.0' "$(inside witness)"
    dnf_inside remove witness
    dnf_inside remove shell
    # The number of the last script of an upgrade is another one since rpm 4.17.
    local count=2
    [[ $root != */bullseye ]] || count=1
    diff - "$root/var/log/witness.log" <<END
1.0.0 pretrans 1
1.0.0 pre 1
1.0.0 post 1
1.0.0 posttrans 1
2.0.0 pretrans 2
2.0.0 pre 2
2.0.0 post 2
1.0.0 preun 1
1.0.0 postun 1
2.0.0 posttrans $count
2.0.0 preun 0
2.0.0 postun 0
END
}

dnf_inside() {
    inside dnf --installroot=/ --releasever=1 --setopt=reposdir=/packages --setopt=module_platform_id=platform:none --assumeyes "$@"
}

main "$@"
