#!/usr/bin/env bash
# Installs, upgrades, removes and purges debs in fresh Debian systems.
#
#     checks/acceptance/deb.sh RELEASE-DIRECTORY
#
# Needs root and Debian's mirrors. Prints `ok NAME` or `FAIL NAME` for each test, with the output of failed ones;
# exits with 1 if one failed.
#
# Besides the release's own package, the tests use fixtures with a conffile, maintainer scripts and relations, which the
# program of the release packs. docs/nfpm.md names the tests that correspond to those of nfpm.

set -uo pipefail
# shellcheck source=SCRIPTDIR/lib.sh
. "$(dirname "$0")/lib.sh"

main() {
    [ $# -eq 1 ] || die "usage: $0 RELEASE-DIRECTORY"
    need_root 'enter another system'
    need_tools jq:jq mmdebstrap:mmdebstrap lintian:lintian dpkg-deb:dpkg ar:binutils
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
# another one; those of the functions below; and `older`, the release's package in an older version that had one file more.
make_fixtures() {
    witness deb 1.0.0 "$work/debs" preinst postinst prerm postrm
    witness deb 2.0.0 "$work/debs" preinst postinst prerm postrm
    compressed gzip
    compressed none
    compressed xz
    compressed zstd
    plain deb dummy 1.0.0 "$work/debs"
    plain deb odd 1.0.0-0.1.b1+git.abcdefgh "$work/debs"
    plain deb companion 1.0.0 "$work/debs" 'depends = ["greeter (>= 1.1)"]'
    # It has relations of every kind.
    related deb "$work/debs" <<'MANIFEST'
[deb]
revision = "4"
section = "net"
pre-depends = ["dpkg (>= 1.19)"]
depends = ["base-files", "missing | bash (>= 4)"]
recommends = ["fish"]
suggests = ["zsh"]
enhances = ["vim"]
breaks = ["dummy (<< 2.0)"]
replaces = ["dummy"]
provides = ["relative"]
MANIFEST
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

compressed() { plain deb "$1" 1.0.0 "$work/debs" "compression = \"$1\""; }

# fixture_of NAME VERSION
fixture_of() { one_of "$work/debs/$1_$2_*.deb"; }

fixture() { fixture_of greeter "$1-1"; }

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

# --- what maintainer scripts are told, as in Debian Policy 6.5 ---

witness_deb() { fixture_of witness "$1-1"; }

# told EXPECTED-LINES: compares what the scripts have written down since the last time.
told() {
    equal "$1" "$(sed 's/ *$//' "$root/var/log/witness.log")"
    : >"$root/var/log/witness.log"
}

test_scripts_are_told_what_policy_says_from_installation_to_purge() {
    fresh_system
    dpkg_in --install "$(witness_deb 1.0.0)"
    told '1.0.0 preinst install
1.0.0 postinst configure'
    dpkg_in --install "$(witness_deb 2.0.0)"
    told '1.0.0 prerm upgrade 2.0.0-1
2.0.0 preinst upgrade 1.0.0-1 2.0.0-1
1.0.0 postrm upgrade 2.0.0-1
2.0.0 postinst configure 1.0.0-1'
    dpkg_in --install "$(witness_deb 1.0.0)"
    told '2.0.0 prerm upgrade 1.0.0-1
1.0.0 preinst upgrade 2.0.0-1 1.0.0-1
2.0.0 postrm upgrade 1.0.0-1
1.0.0 postinst configure 2.0.0-1'
    dpkg_in --remove witness
    told '1.0.0 prerm remove
1.0.0 postrm remove'
    dpkg_in --install "$(witness_deb 2.0.0)"
    told '2.0.0 preinst install 1.0.0-1 2.0.0-1
2.0.0 postinst configure 1.0.0-1'
    dpkg_in --purge witness
    told '2.0.0 prerm remove
2.0.0 postrm remove
2.0.0 postrm purge'
    fails 1 state_of witness
}

test_scripts_that_fail_leave_the_state_that_policy_says() {
    fresh_system
    touch "$root/etc/fail-1.0.0-preinst"
    fails 1 dpkg_in --install "$(witness_deb 1.0.0)"
    told '1.0.0 preinst install
1.0.0 postrm abort-install'
    rm "$root/etc/fail-1.0.0-preinst"
    touch "$root/etc/fail-1.0.0-postinst"
    fails 1 dpkg_in --install "$(witness_deb 1.0.0)"
    contains "$(state_of witness)" 'half-configured 1.0.0-1'
    rm "$root/etc/fail-1.0.0-postinst"
    inside dpkg --configure witness
    contains "$(state_of witness)" 'installed 1.0.0-1'
    told '1.0.0 preinst install
1.0.0 postinst configure
1.0.0 postinst configure'
    # The new version's own script is tried in place of the old one.
    touch "$root/etc/fail-1.0.0-prerm" "$root/etc/fail-2.0.0-preinst"
    fails 1 dpkg_in --install "$(witness_deb 2.0.0)"
    told '1.0.0 prerm upgrade 2.0.0-1
2.0.0 prerm failed-upgrade 1.0.0-1 2.0.0-1
2.0.0 preinst upgrade 1.0.0-1 2.0.0-1
2.0.0 postrm abort-upgrade 1.0.0-1 2.0.0-1
1.0.0 postinst abort-upgrade 2.0.0-1'
    contains "$(state_of witness)" 'installed 1.0.0-1'
    equal 'witness 1.0.0' "$(inside witness)"
    fails 1 dpkg_in --remove witness
    told '1.0.0 prerm remove
1.0.0 postinst abort-remove'
    contains "$(state_of witness)" 'installed 1.0.0-1'
}

# --- apt ---

# A repository of the fixtures inside the system, the only one that apt knows.
with_repository() {
    local each place=$root/opt/repository
    mkdir "$place"
    cp "$work"/debs/*.deb "$place/"
    for each in "$place"/*.deb; do
        dpkg-deb --field "$each"
        printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n\n' "${each##*/}" "$(stat -c %s "$each")" \
            "$(sha256sum "$each" | cut -d' ' -f1)"
    done >"$place/Packages"
    rm -rf "$root"/etc/apt/sources.list.d/*
    echo 'deb [trusted=yes] file:/opt/repository ./' >"$root/etc/apt/sources.list"
    apt_in update
}

apt_in() { inside apt-get --quiet --yes -o APT::Sandbox::User=root -o Dpkg::Use-Pty=0 "$@"; }

test_apt_installs_what_a_package_depends_on() {
    fresh_system
    with_repository
    apt_in install companion
    contains "$(state_of companion)" 'installed 1.0.0-1'
    contains "$(state_of greeter)" 'installed 2.0.0-1'
    # A pre-release is not newer.
    equal 'greeter 2.0.0: greeting=bonjour' "$(inside greeter)"
    apt_in remove greeter
    fails 0 test ! -e "$root/usr/bin/companion"
}

test_apt_upgrades_downgrades_and_purges_and_scripts_are_told_so() {
    fresh_system
    with_repository
    apt_in install witness=1.0.0-1
    apt_in upgrade
    apt_in --allow-downgrades install witness=1.0.0-1
    apt_in purge witness
    told '1.0.0 preinst install
1.0.0 postinst configure
1.0.0 prerm upgrade 2.0.0-1
2.0.0 preinst upgrade 1.0.0-1 2.0.0-1
1.0.0 postrm upgrade 2.0.0-1
2.0.0 postinst configure 1.0.0-1
2.0.0 prerm upgrade 1.0.0-1
1.0.0 preinst upgrade 2.0.0-1 1.0.0-1
2.0.0 postrm upgrade 1.0.0-1
1.0.0 postinst configure 2.0.0-1
1.0.0 prerm remove
1.0.0 postrm remove
1.0.0 postrm purge'
}

# --- relations, versions, compression and folders ---

test_relations_revision_and_section_are_as_written() {
    local name value
    while IFS=: read -r name value; do
        equal "$value" "$(dpkg-deb --field "$(fixture_of related 1.0.0-4)" "$name")"
    done <<'FIELDS'
Version:1.0.0-4
Section:net
Pre-Depends:dpkg (>= 1.19)
Depends:base-files, missing | bash (>= 4)
Recommends:fish
Suggests:zsh
Enhances:vim
Breaks:dummy (<< 2.0)
Replaces:dummy
Provides:relative
FIELDS
}

test_dpkg_refuses_a_package_beside_one_that_it_breaks() {
    fresh_system
    dpkg_in --install "$(fixture_of dummy 1.0.0-1)"
    fails 1 dpkg_in --install "$(fixture_of related 1.0.0-4)" 2>said
    contains "$(cat said)" 'related breaks dummy'
    dpkg_in --remove dummy
    dpkg_in --install "$(fixture_of related 1.0.0-4)"
    contains "$(state_of related)" 'installed 1.0.0-4'
}

test_a_folder_is_installed_with_its_subfolders_and_links() {
    fresh_system
    dpkg_in --install "$(fixture_of related 1.0.0-4)"
    equal one "$(cat "$root/usr/share/related/one")"
    equal two "$(cat "$root/usr/share/related/deep/deeper/two")"
    equal deep/deeper/two "$(readlink "$root/usr/share/related/link")"
    dpkg_in --remove related
    [ ! -e "$root/usr/share/related" ]
}

test_each_compression_is_read() {
    local compression deb member
    fresh_system
    for compression in gzip none xz zstd; do
        deb=$(fixture_of $compression 1.0.0-1)
        case $compression in gzip) member=data.tar.gz ;; none) member=data.tar ;; xz) member=data.tar.xz ;; zstd) member=data.tar.zst ;; esac
        equal $member "$(ar t "$deb" | tail -n 1)"
        dpkg_in --install "$deb"
        equal "$compression 1.0.0" "$(inside $compression)"
    done
}

test_a_version_with_a_pre_release_and_build_metadata_is_debian_s() {
    fresh_system
    dpkg_in --install "$(one_of "$work/debs/odd_*.deb")"
    contains "$(state_of odd)" 'installed 1.0.0~0.1.b1+git.abcdefgh-1'
    inside dpkg --compare-versions '1.0.0~0.1.b1+git.abcdefgh-1' lt 1.0.0-1
}

main "$@"
