#!/usr/bin/env bash
# Installs, upgrades, removes and purges debs in fresh Debian systems.
#
#     checks/acceptance/deb.sh RELEASE-DIRECTORY
#
# Needs root and Debian's mirrors. Prints `ok NAME` or `FAIL NAME` for each test, with the output of failed ones;
# exits with 1 if one failed.
#
# Besides the release's own package, the tests use a fixture with a conffile and maintainer scripts, which the program
# of the release packs.

set -uo pipefail
# shellcheck source=SCRIPTDIR/lib.sh
. "$(dirname "$0")/lib.sh"

main() {
    [ $# -eq 1 ] || die "usage: $0 RELEASE-DIRECTORY"
    need_root 'enter another system'
    need_tools jq:jq mmdebstrap:mmdebstrap lintian:lintian dpkg-deb:dpkg
    open_release "$1"
    judges '*_amd64.deb'
    deb=$(one_of "$release/artifacts/*_amd64.deb")
    open_work
    # In memory: dpkg waits for the disk after each file.
    mount -t tmpfs -o mode=755,size=2g tmpfs "$work" || die 'nothing can be mounted here'
    export TMPDIR=$work
    dpkg-deb --extract "$deb" "$work/package" || die "$deb cannot be unpacked"
    sealift=$work/package/usr/bin/sealift
    make_base
    # In a shell of its own, which ends at the first mistake; never as a condition, where bash would go on.
    (set -e && make_fixtures) >"$work/log" 2>&1
    status=$?
    [ $status = 0 ] || die "the fixtures cannot be packed: $(cat "$work/log")"
    run_tests
}

# --- systems ---

make_base() { make_debian "$work/base.tar"; }

# fresh_system: a system of the test's own in `root`.
fresh_system() {
    root=$PWD/root
    mkdir "$root"
    tar -xpf "$work/base.tar" -C "$root" --numeric-owner
}

# inside COMMAND...: runs it in the system, without a network, with a clean environment, and ends what it leaves running.
inside() {
    unshare --net --mount --ipc --pid --fork --kill-child -- chroot "$root" /usr/bin/env -i \
        PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
}

# dpkg_in OPTION... ACTION FILE...: runs dpkg in the system; files are taken from outside.
dpkg_in() {
    local word words=()
    for word in "$@"; do
        case $word in
        /*.deb)
            cp "$word" "$root/tmp/"
            words+=("/tmp/${word##*/}")
            ;;
        *) words+=("$word") ;;
        esac
    done
    local status=0
    inside dpkg "${words[@]}" || status=$?
    rm -f "$root"/tmp/*.deb
    return $status
}

# Every file of the system with kind, mode, owner and content, but for what dpkg writes down about its work.
listing() {
    (
        cd "$root" || exit
        find . -xdev -path ./proc -prune -o -path ./var/lib/dpkg -prune -o -path ./var/log/dpkg.log -prune -o \
            -printf '%p\t%y\t%m\t%u:%g\t%l\n' | sort
        find . -xdev -path ./proc -prune -o -path ./var/lib/dpkg -prune -o -path ./var/log/dpkg.log -prune -o \
            -type f -print0 | sort -z | xargs -0 sha256sum
        find ./var/lib/dpkg/info ./var/lib/dpkg/alternatives ./var/lib/dpkg/triggers | sort
    )
}

# shellcheck disable=SC2016 # dpkg-query expands it
state_of() { inside dpkg-query --show --showformat '${db:Status-Status} ${Version}' "$1"; }

# --- fixtures ---

# Packages of one program `greeter` in `$work/debs`: 1.0.0, 1.1.0 with the same conffile, 2.0.0-rc.1 and 2.0.0 with
# another one; and `older`, the release's package in an older version that had one file more.
make_fixtures() {
    greeter 1.0.0 'greeting=hello' old.txt
    greeter 1.1.0 'greeting=hello'
    greeter 2.0.0-rc.1 'greeting=bonjour'
    greeter 2.0.0 'greeting=bonjour'
    local project=$work/older
    manifest deb sealift 0.0.1 "$project"
    cp "$sealift" "$project/tree/bin/sealift"
    add_file data gone.txt 'of the older version' "$project"
    pack "$project" "$work/debs"
}

# greeter VERSION CONFIGURATION [DATA-FILE]
greeter() {
    local project=$work/greeter-$1
    manifest deb greeter "$1" "$project"
    # shellcheck disable=SC2016 # the program expands it
    printf '#!/bin/sh\necho "greeter %s: $(cat /etc/greeter/greeter.conf)"\n' "$1" >"$project/tree/bin/greeter"
    add_file config greeter.conf "$2" "$project"
    [ $# -lt 3 ] || add_file data "$3" "of version $1" "$project"
    cat >>"$project/sealift.toml" <<'MANIFEST'

[deb.scripts]
postinst = """
#!/bin/sh
set -e
echo "postinst $*" >>/var/log/greeter.log
"""
prerm = """
#!/bin/sh
set -e
echo "prerm $*" >>/var/log/greeter.log
"""
postrm = """
#!/bin/sh
set -e
[ "$1" != purge ] || rm -f /var/log/greeter.log
"""
MANIFEST
    pack "$project" "$work/debs"
}

fixture() { one_of "$work/debs/greeter_$1-1_*.deb"; }

# A system that has 1.0.0, whose administrator has edited the conffile.
edited_system() {
    fresh_system
    dpkg_in --install "$(fixture 1.0.0)"
    echo 'greeting=moin' >"$root/etc/greeter/greeter.conf"
}

configuration() { cat "$root/etc/greeter/greeter.conf"; }

# --- the release's own package ---

test_the_package_installs_and_the_program_runs() {
    fresh_system
    dpkg_in --install "$deb"
    contains "$(state_of sealift)" "installed $version-1"
    is_own_version "$(inside sealift --version)"
    is_own_version "$(inside setpriv --reuid=65534 --regid=65534 --clear-groups sealift --version)"
}

test_the_manual_has_a_page_for_the_program_and_each_command() {
    fresh_system
    dpkg_in --install "$deb"
    local command count=0
    for command in '' $(inside sealift --help | sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z-]*\) .*/-\1/p'); do
        [ "$command" != -help ] || continue
        contains "$(gzip -dc "$root/usr/share/man/man1/sealift$command.1.gz")" '.TH sealift'
        count=$((count + 1))
    done
    # The list above must have been read.
    [ $count -gt 5 ]
}

test_completions_changelog_and_copyright_are_where_debian_has_them() {
    fresh_system
    dpkg_in --install "$deb"
    local share=$root/usr/share
    bash -n "$share/bash-completion/completions/sealift"
    contains "$(bash -c '. "$1"; complete -p sealift' - "$share/bash-completion/completions/sealift")" 'sealift'
    contains "$(head -n 1 "$share/zsh/vendor-completions/_sealift")" '#compdef sealift'
    contains "$(cat "$share/fish/vendor_completions.d/sealift.fish")" 'complete -c sealift'
    contains "$(cat "$share/doc/sealift/copyright")" 'License'
    contains "$(gzip -dc "$share/doc/sealift/changelog.Debian.gz")" "sealift ($version-1)"
}

test_dpkg_verifies_the_files_and_notices_a_changed_one() {
    fresh_system
    dpkg_in --install "$deb"
    equal '' "$(inside dpkg --verify sealift 2>&1)"
    echo x >>"$root/usr/share/doc/sealift/copyright"
    contains "$(inside dpkg --verify sealift)" '/usr/share/doc/sealift/copyright'
}

test_everything_installed_belongs_to_root() {
    fresh_system
    dpkg_in --install "$deb"
    local path
    while read -r path; do
        case $(stat -c '%u:%g %a %F' "$root$path") in
        '0:0 755 directory' | '0:0 755 regular file' | '0:0 644 regular file') ;;
        *) stat "$root$path" && return 1 ;;
        esac
    done < <(inside dpkg --listfiles sealift)
}

test_the_package_replaces_an_older_one() {
    fresh_system
    dpkg_in --install "$(one_of "$work/debs/sealift_0.0.1-1_*.deb")"
    contains "$(state_of sealift)" 'installed 0.0.1-1'
    [ -f "$root/usr/share/sealift/gone.txt" ]
    dpkg_in --install "$deb"
    contains "$(state_of sealift)" "installed $version-1"
    is_own_version "$(inside sealift --version)"
    [ ! -e "$root/usr/share/sealift" ]
    equal '' "$(inside dpkg --verify sealift 2>&1)"
    # dpkg would have said that it downgrades, and gone on.
    inside dpkg --compare-versions "$(state_of sealift | cut -d' ' -f2)" gt 0.0.1-1
}

test_purging_leaves_the_system_as_it_was() {
    fresh_system
    listing >before
    dpkg_in --install "$deb"
    listing >between
    fails 1 cmp --silent before between
    dpkg_in --purge sealift
    listing >after
    diff before after
}

test_lintian_has_no_complaint() {
    fails 0 complaints "$deb"
    # It would complain: this package has no copyright file.
    mkdir -p bad/DEBIAN bad/usr/bin
    printf 'Package: bad\nVersion: 1\nArchitecture: all\nMaintainer: A <a@example.org>\nDescription: bad\n' >bad/DEBIAN/control
    dpkg-deb --root-owner-group --build bad bad.deb
    fails 2 complaints bad.deb >said
    contains "$(cat said)" 'E: bad: no-copyright-file'
}

# lintian ends its whole process group when it is done, so it gets one of its own.
complaints() { setsid --wait lintian --fail-on error,warning "$1"; }

# --- conffiles and maintainer scripts, on the fixture ---

test_a_conffile_is_known_as_one() {
    fresh_system
    dpkg_in --install "$(fixture 1.0.0)"
    # shellcheck disable=SC2016 # dpkg-query expands it
    contains "$(inside dpkg-query --show --showformat '${Conffiles}' greeter)" '/etc/greeter/greeter.conf '
    equal 'greeter 1.0.0: greeting=hello' "$(inside greeter)"
}

test_an_untouched_conffile_follows_the_package() {
    fresh_system
    dpkg_in --install "$(fixture 1.0.0)"
    dpkg_in --install "$(fixture 2.0.0)"
    equal 'greeting=bonjour' "$(configuration)"
    [ ! -e "$root/usr/share/greeter/old.txt" ]
}

test_an_edited_conffile_survives_an_upgrade_that_keeps_the_old() {
    edited_system
    dpkg_in --force-confold --install "$(fixture 2.0.0)"
    contains "$(state_of greeter)" 'installed 2.0.0-1'
    equal 'greeting=moin' "$(configuration)"
    equal 'greeting=bonjour' "$(cat "$root/etc/greeter/greeter.conf.dpkg-dist")"
}

test_an_edited_conffile_is_set_aside_by_an_upgrade_that_takes_the_new() {
    edited_system
    dpkg_in --force-confnew --install "$(fixture 2.0.0)"
    equal 'greeting=bonjour' "$(configuration)"
    equal 'greeting=moin' "$(cat "$root/etc/greeter/greeter.conf.dpkg-old")"
}

test_an_upgrade_without_an_answer_stops_and_leaves_an_edited_conffile() {
    edited_system
    fails 1 dpkg_in --install "$(fixture 2.0.0)"
    equal 'greeting=moin' "$(configuration)"
}

test_an_edited_conffile_is_not_asked_about_when_the_package_has_the_same_as_before() {
    edited_system
    dpkg_in --install "$(fixture 1.1.0)"
    contains "$(state_of greeter)" 'installed 1.1.0-1'
    equal 'greeting=moin' "$(configuration)"
    equal 'greeter.conf' "$(ls "$root/etc/greeter")"
}

test_a_deleted_conffile_stays_deleted() {
    edited_system
    rm "$root/etc/greeter/greeter.conf"
    dpkg_in --install "$(fixture 1.1.0)"
    [ ! -e "$root/etc/greeter/greeter.conf" ]
}

test_a_prerelease_is_older_than_its_release() {
    fresh_system
    dpkg_in --install "$(fixture 2.0.0?rc.1)"
    local before
    before=$(state_of greeter | cut -d' ' -f2)
    dpkg_in --install "$(fixture 2.0.0)" 2>said
    equal '' "$(grep downgrad said || true)"
    inside dpkg --compare-versions "$before" lt "$(state_of greeter | cut -d' ' -f2)"
}

test_removal_keeps_the_conffile_and_nothing_else() {
    edited_system
    dpkg_in --remove greeter
    contains "$(state_of greeter)" 'config-files 1.0.0-1'
    equal 'greeting=moin' "$(configuration)"
    [ ! -e "$root/usr/bin/greeter" ]
    [ ! -e "$root/usr/share/greeter" ]
    [ ! -e "$root/usr/share/doc/greeter" ]
}

test_installing_again_after_removal_finds_the_edited_conffile() {
    edited_system
    dpkg_in --remove greeter
    dpkg_in --install "$(fixture 1.0.0)"
    equal 'greeter 1.0.0: greeting=moin' "$(inside greeter)"
}

test_purging_after_an_upgrade_leaves_the_system_as_it_was() {
    fresh_system
    listing >before
    dpkg_in --install "$(fixture 1.0.0)"
    echo 'greeting=moin' >"$root/etc/greeter/greeter.conf"
    dpkg_in --force-confold --install "$(fixture 2.0.0)"
    dpkg_in --remove greeter
    dpkg_in --purge greeter
    listing >after
    diff before after
}

test_maintainer_scripts_are_told_what_happens() {
    fresh_system
    dpkg_in --install "$(fixture 1.0.0)"
    dpkg_in --install "$(fixture 2.0.0)"
    dpkg_in --remove greeter
    equal 'postinst configure 
prerm upgrade 2.0.0-1
postinst configure 1.0.0-1
prerm remove' "$(cat "$root/var/log/greeter.log")"
}

main "$@"
