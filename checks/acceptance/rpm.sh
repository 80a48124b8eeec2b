#!/usr/bin/env bash
# Installs, upgrades and removes rpms with rpm and dnf in fresh systems.
#
#     checks/acceptance/rpm.sh RELEASE-DIRECTORY
#
# Needs root and Debian's mirrors. Prints `ok NAME` or `FAIL NAME` for each test, with the output of failed ones; exits
# with 1 if one failed.
#
# The systems are Debian's, with an rpm database of their own: what an rpm requires of a system is therefore not there, and
# is compared as text. Besides the release's own package, the tests use fixtures with a configuration file, scripts and
# relations, which the program of the release packs. docs/nfpm.md names the tests that correspond to those of nfpm.

set -uo pipefail
# shellcheck source=SCRIPTDIR/lib.sh
. "$(dirname "$0")/lib.sh"

main() {
    [ $# -eq 1 ] || die "usage: $0 RELEASE-DIRECTORY"
    need_root 'enter another system'
    need_tools jq:jq mmdebstrap:mmdebstrap rpm:rpm rpm2cpio:rpm2cpio cpio:cpio rpmlint:rpmlint \
        createrepo_c:createrepo-c dnf:dnf
    open_release "$1"
    judges '*.x86_64.rpm'
    package=$(one_of "$release/artifacts/*.x86_64.rpm")
    open_work
    mount -t tmpfs -o mode=755,size=2g tmpfs "$work" || die 'nothing can be mounted here'
    export TMPDIR=$work
    mkdir "$work/package"
    (cd "$work/package" && rpm2cpio "$package" | cpio --quiet -idm) || die "$package cannot be unpacked"
    sealift=$work/package/usr/bin/sealift
    make_debian "$work/base.tar"
    # In a shell of its own, which ends at the first mistake; never as a condition, where bash would go on.
    (set -e && make_fixtures) >"$work/log" 2>&1
    status=$?
    [ $status = 0 ] || die "the fixtures cannot be packed: $(cat "$work/log")"
    run_tests
}

# --- systems ---

# fresh_system: a system of the test's own in `root`.
fresh_system() {
    root=$PWD/root
    mkdir "$root"
    tar -xpf "$work/base.tar" -C "$root" --numeric-owner
    # The package `filesystem` of RPM distributions has them, and Debian's base has not.
    mkdir -p "$root/usr/share/fish/vendor_completions.d" "$root/usr/share/licenses" "$root/usr/share/zsh/site-functions"
    rpm_in --initdb
}

rpm_in() { unshare --net --mount --ipc --pid --fork --kill-child -- rpm --root "$root" "$@"; }

# install RPM: what it requires of a distribution is not there.
install() { rpm_in --install --nodeps "$1"; }

upgrade() { rpm_in --upgrade --nodeps "$@"; }

inside() {
    unshare --net --mount --ipc --pid --fork --kill-child -- chroot "$root" /usr/bin/env -i \
        PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 "$@"
}

listing() {
    (
        cd "$root" || exit
        find . -xdev -path ./proc -prune -o -path ./var/lib/rpm -prune -o -path ./root/.rpmdb -prune -o -printf '%p\t%y\t%m\t%u:%g\t%l\n' | sort
        find . -xdev -path ./proc -prune -o -path ./var/lib/rpm -prune -o -path ./root/.rpmdb -prune -o -type f -print0 | sort -z | xargs -0 sha256sum
    )
}

# --- fixtures ---

# Packages of one program `greeter` in $work/rpms: 1.0.0, 1.1.0 with the same configuration, 2.0.0-rc.1 and 2.0.0 with
# another one; 1.0.0 with each compression; and `older`, the release's package in an older version that had one file more.
make_fixtures() {
    greeter 1.0.0 'greeting=hello' old.txt
    greeter 1.1.0 'greeting=hello'
    greeter 2.0.0-rc.1 'greeting=bonjour'
    greeter 2.0.0 'greeting=bonjour'
    witness rpm 1.0.0 "$work/rpms" pretrans pre post preun postun posttrans
    witness rpm 2.0.0 "$work/rpms" pretrans pre post preun postun posttrans
    # The systems have a shell that no rpm knows of.
    plain rpm shell 1.0.0 "$work/rpms" 'provides = ["/bin/sh"]'
    plain rpm odd 1.0.0-0.1.b1+git.abcdefgh "$work/rpms"
    plain rpm dummy 1.0.0 "$work/rpms"
    plain rpm companion 1.0.0 "$work/rpms" 'requires = ["odd"]'
    # It has a release, an epoch, and relations of every kind.
    related rpm "$work/rpms" <<'MANIFEST'
[rpm]
release = "4"
epoch = 1
requires = ["dummy >= 1.0"]
suggests = ["zsh"]
conflicts = ["odd"]
obsoletes = ["ancient < 2.0"]
provides = ["relative = 3"]
MANIFEST
    local compression project=$work/older
    for compression in gzip xz zstd; do
        manifest rpm "$compression" 1.0.0 "$work/$compression"
        echo content >"$work/$compression/tree/bin/$compression"
        printf '\n[rpm]\ncompression = "%s"\n' $compression >>"$work/$compression/sealift.toml"
        pack "$work/$compression" "$work/rpms"
    done
    manifest rpm sealift 0.0.1 "$project"
    cp "$sealift" "$project/tree/bin/sealift"
    add_file data gone.txt 'of the older version' "$project"
    pack "$project" "$work/rpms"
}

# greeter VERSION CONFIGURATION [DATA-FILE]
greeter() {
    local project=$work/greeter-$1
    manifest rpm greeter "$1" "$project"
    # shellcheck disable=SC2016 # the program expands it
    printf '#!/bin/sh\necho "greeter %s: $(cat /etc/greeter/greeter.conf)"\n' "$1" >"$project/tree/bin/greeter"
    add_file config greeter.conf "$2" "$project"
    [ $# -lt 3 ] || add_file data "$3" "of version $1" "$project"
    cat >>"$project/sealift.toml" <<'MANIFEST'

[rpm]
recommends = ["(git or mercurial)"]
conflicts = ["greeter-legacy < 2.0"]

[rpm.scripts]
pre = """
#!/bin/sh
echo "pre $*" >>/var/log/greeter.log
"""
post = """
#!/bin/sh -e
echo "post $*" >>/var/log/greeter.log
"""
preun = """
#!/bin/sh
echo "preun $*" >>/var/log/greeter.log
"""
postun = """
#!/bin/sh
echo "postun $*" >>/var/log/greeter.log
"""
MANIFEST
    pack "$project" "$work/rpms"
}

# fixture_of NAME VERSION-RELEASE
fixture_of() { one_of "$work/rpms/$1-$2.x86_64.rpm"; }

fixture() { one_of "$work/rpms/greeter-$1-1.x86_64.rpm"; }

# A system that has 1.0.0, whose administrator has edited the configuration.
edited_system() {
    fresh_system
    install "$(fixture 1.0.0)"
    echo 'greeting=moin' >"$root/etc/greeter/greeter.conf"
}

configuration() { cat "$root/etc/greeter/greeter.conf"; }

# --- the release's own package ---

test_the_digests_are_those_that_new_versions_of_rpm_demand() {
    rpm --checksig --verbose "$package" | tee said
    grep -q 'Header SHA256 digest: OK' said
    grep -q 'Payload SHA256 digest: OK' said
    cp "$package" damaged.rpm
    printf x | dd of=damaged.rpm bs=1 seek=$(($(stat -c %s damaged.rpm) - 1000)) conv=notrunc status=none
    fails 1 rpm --checksig damaged.rpm
}

test_rpm2cpio_unpacks_it_without_an_error() {
    rpm2cpio "$package" >content.cpio
    cpio --quiet -it <content.cpio >names
    grep -qx './usr/bin/sealift' names
    # It is the size that the header says.
    equal "$(stat -c %s content.cpio)" "$(rpm -qp --queryformat '%{ARCHIVESIZE}' "$package")"
}

test_a_static_program_requires_nothing_of_the_system() {
    rpm -qp --requires "$package" >requires
    grep -v '^rpmlib(' requires >others || true
    equal '' "$(cat others)"
    contains "$(rpm -qp --provides "$package")" "sealift(x86-64) = $version-1"
}

test_the_package_installs_and_the_program_runs() {
    fresh_system
    rpm_in --install "$package"
    equal "sealift-$version-1.x86_64" "$(rpm_in -q sealift)"
    is_own_version "$(inside sealift --version)"
    is_own_version "$(inside setpriv --reuid=65534 --regid=65534 --clear-groups sealift --version)"
}

test_documentation_and_license_are_known_as_such() {
    contains "$(rpm -qp --docfiles "$package")" /usr/share/doc/sealift/README.md
    contains "$(rpm -qp --docfiles "$package")" /usr/share/man/man1/sealift.1.gz
    contains "$(rpm -qp --licensefiles "$package")" /usr/share/licenses/sealift/LICENSE-MIT
    contains "$(rpm -qp --changelog "$package")" "$version-1"
    contains "$(rpm -qpl "$package")" /usr/share/zsh/site-functions/_sealift
}

test_rpm_verifies_the_files_and_notices_a_changed_one() {
    fresh_system
    rpm_in --install "$package"
    equal '' "$(rpm_in --verify sealift)"
    echo x >>"$root/usr/share/licenses/sealift/LICENSE-MIT"
    contains "$(rpm_in --verify sealift || true)" 'S.5....T.  l /usr/share/licenses/sealift/LICENSE-MIT'
}

test_no_directory_of_the_system_belongs_to_the_package() {
    rpm -qp --queryformat '[%{FILEMODES:perms} %{FILENAMES}\n]' "$package" | sed -n 's/^d[^ ]* //p' >directories
    equal '/usr/share/doc/sealift
/usr/share/licenses/sealift' "$(cat directories)"
}

test_the_package_replaces_an_older_one() {
    fresh_system
    rpm_in --install "$(one_of "$work/rpms/sealift-0.0.1-1.*.rpm")"
    [ -f "$root/usr/share/sealift/gone.txt" ]
    rpm_in --upgrade "$package"
    equal "sealift-$version-1.x86_64" "$(rpm_in -q sealift)"
    [ ! -e "$root/usr/share/sealift" ]
    equal '' "$(rpm_in --verify sealift)"
}

test_removal_leaves_the_system_as_it_was() {
    fresh_system
    listing >before
    rpm_in --install "$package"
    listing >between
    fails 1 cmp --silent before between
    rpm_in --erase sealift
    listing >after
    diff before after
}

test_dnf_installs_it_from_a_repository() {
    fresh_system
    mkdir repository
    cp "$package" "$work"/rpms/sealift-0.0.1-1.*.rpm repository/
    createrepo_c --quiet repository
    dnf_in install sealift-0.0.1
    dnf_in upgrade sealift
    equal "sealift-$version-1.x86_64" "$(rpm_in -q sealift)"
    is_own_version "$(inside sealift --version)"
    dnf_in remove sealift
    [ ! -e "$root/usr/bin/sealift" ]
}

dnf_in() {
    dnf --installroot="$root" --releasever=1 --setopt=reposdir=/dev/null --setopt=cachedir="$PWD/cache" \
        --setopt=logdir="$PWD" --setopt=module_platform_id=platform:none --repofrompath="here,file://$PWD/repository" \
        --repo=here --nogpgcheck --assumeyes --quiet "$@"
}

test_rpmlint_finds_no_error() {
    # Packages are signed by whoever publishes them, and static programs are the point.
    printf 'addFilter("no-signature")\naddFilter("statically-linked-binary")\n' >rpmlintrc
    rpmlint --rpmlintrc rpmlintrc "$package" | tee said
    grep -q ' 0 errors' said
    # It would find one: this package has neither documentation nor a change.
    fails 64 rpmlint "$(fixture 1.0.0)"
}

# --- on the fixture ---

test_each_compression_is_read() {
    local compression
    fresh_system
    for compression in gzip xz zstd; do
        equal $compression "$(rpm -qp --queryformat '%{PAYLOADCOMPRESSOR}' "$work/rpms/$compression-1.0.0-1.x86_64.rpm")"
        install "$work/rpms/$compression-1.0.0-1.x86_64.rpm"
        equal content "$(cat "$root/usr/bin/$compression")"
    done
}

test_an_untouched_configuration_follows_the_package() {
    fresh_system
    install "$(fixture 1.0.0)"
    equal /etc/greeter/greeter.conf "$(rpm_in -q --configfiles greeter)"
    equal 'greeter 1.0.0: greeting=hello' "$(inside greeter)"
    upgrade "$(fixture 2.0.0)"
    equal 'greeting=bonjour' "$(configuration)"
    [ ! -e "$root/usr/share/greeter/old.txt" ]
}

test_an_edited_configuration_survives_an_upgrade() {
    edited_system
    upgrade "$(fixture 2.0.0)"
    equal 'greeting=moin' "$(configuration)"
    equal 'greeting=bonjour' "$(cat "$root/etc/greeter/greeter.conf.rpmnew")"
}

test_an_edited_configuration_has_no_copy_beside_it_when_the_package_has_the_same_as_before() {
    edited_system
    upgrade "$(fixture 1.1.0)"
    equal 'greeting=moin' "$(configuration)"
    equal 'greeter.conf' "$(ls "$root/etc/greeter")"
}

test_an_edited_configuration_is_set_aside_by_removal() {
    edited_system
    rpm_in --erase greeter
    equal 'greeter.conf.rpmsave' "$(ls "$root/etc/greeter")"
    [ ! -e "$root/usr/bin/greeter" ]
    [ ! -e "$root/usr/share/greeter" ]
}

test_a_prerelease_is_older_than_its_release() {
    fresh_system
    install "$(fixture 2.0.0?rc.1)"
    equal 'greeter-2.0.0~rc.1-1.x86_64' "$(rpm_in -q greeter)"
    upgrade "$(fixture 2.0.0)"
    equal 'greeter-2.0.0-1.x86_64' "$(rpm_in -q greeter)"
    fails 2 upgrade "$(fixture 2.0.0?rc.1)"
}

test_scripts_are_told_what_happens() {
    fresh_system
    install "$(fixture 1.0.0)"
    upgrade "$(fixture 2.0.0)"
    rpm_in --erase greeter
    equal 'pre 1
post 1
pre 2
post 2
preun 1
postun 1
preun 0
postun 0' "$(cat "$root/var/log/greeter.log")"
    contains "$(rpm -qp --scripts "$(fixture 1.0.0)")" 'postinstall scriptlet (using /bin/sh -e)'
}

# --- what scripts are told: how many versions there will be, as Fedora's packaging guidelines have it ---

# told EXPECTED-LINES: compares what the scripts have written down since the last time.
told() {
    equal "$1" "$(cat "$root/var/log/witness.log")"
    : >"$root/var/log/witness.log"
}

readonly upgraded='2.0.0 pretrans 2
2.0.0 pre 2
2.0.0 post 2
1.0.0 preun 1
1.0.0 postun 1
2.0.0 posttrans 2'
readonly downgraded='1.0.0 pretrans 2
1.0.0 pre 2
1.0.0 post 2
2.0.0 preun 1
2.0.0 postun 1
1.0.0 posttrans 2'

test_scripts_are_told_the_counts_of_fedora_s_table() {
    fresh_system
    install "$(fixture_of witness 1.0.0-1)"
    told '1.0.0 pretrans 1
1.0.0 pre 1
1.0.0 post 1
1.0.0 posttrans 1'
    upgrade "$(fixture_of witness 2.0.0-1)"
    told "$upgraded"
    fails 2 upgrade "$(fixture_of witness 1.0.0-1)"
    upgrade "$(fixture_of witness 1.0.0-1)" --oldpackage
    told "$downgraded"
    rpm_in --erase witness
    told '1.0.0 preun 0
1.0.0 postun 0'
    fails 1 rpm_in -q witness
}

test_scripts_that_fail_before_the_files_stop_the_installation_and_the_removal() {
    fresh_system
    touch "$root/etc/fail-1.0.0-pre" "$root/etc/fail-1.0.0-preun"
    fails 1 install "$(fixture_of witness 1.0.0-1)"
    [ ! -e "$root/usr/bin/witness" ]
    rm "$root/etc/fail-1.0.0-pre"
    install "$(fixture_of witness 1.0.0-1)"
    fails 1 rpm_in --erase witness
    equal 'witness 1.0.0' "$(inside witness)"
    rm "$root/etc/fail-1.0.0-preun"
    rpm_in --erase witness
    [ ! -e "$root/usr/bin/witness" ]
}

test_dnf_tells_scripts_the_same() {
    fresh_system
    make_repository
    dnf_in install shell
    dnf_in install witness-1.0.0
    dnf_in upgrade witness
    dnf_in downgrade witness
    dnf_in remove witness
    told "1.0.0 pretrans 1
1.0.0 pre 1
1.0.0 post 1
1.0.0 posttrans 1
$upgraded
$downgraded
1.0.0 preun 0
1.0.0 postun 0"
}

make_repository() {
    mkdir repository
    cp "$work"/rpms/*.rpm repository/
    createrepo_c --quiet repository
}

# --- relations, versions and folders ---

test_dnf_installs_what_a_package_requires() {
    fresh_system
    make_repository
    # `companion` requires `odd`, and `related` conflicts with that.
    dnf_in install companion
    equal 'odd 1.0.0-0.1.b1+git.abcdefgh' "$(inside odd)"
    fails 1 dnf_in install related
    dnf_in remove odd
    [ ! -e "$root/usr/bin/companion" ]
    dnf_in install related
    equal 'related-1.0.0-4.x86_64 dummy-1.0.0-1.x86_64' "$(rpm_in -q related dummy | xargs)"
}

test_a_release_an_epoch_and_relations_are_as_written() {
    local related
    related=$(fixture_of related 1.0.0-4)
    equal '1:1.0.0-4' "$(rpm -qp --queryformat '%{EPOCH}:%{VERSION}-%{RELEASE}' "$related")"
    contains "$(rpm -qp --requires "$related")" 'dummy >= 1.0'
    equal zsh "$(rpm -qp --suggests "$related")"
    equal odd "$(rpm -qp --conflicts "$related")"
    equal 'ancient < 2.0' "$(rpm -qp --obsoletes "$related")"
    contains "$(rpm -qp --provides "$related")" 'relative = 3'
}

test_a_folder_is_installed_with_its_subfolders_and_links_and_belongs_to_the_package() {
    fresh_system
    install "$(fixture_of related 1.0.0-4)"
    equal one "$(cat "$root/usr/share/related/one")"
    equal two "$(cat "$root/usr/share/related/deep/deeper/two")"
    equal deep/deeper/two "$(readlink "$root/usr/share/related/link")"
    rpm_in --erase related
    [ ! -e "$root/usr/share/related" ]
}

test_a_version_with_a_pre_release_and_build_metadata_is_rpm_s() {
    fresh_system
    install "$(one_of "$work/rpms/odd-*.rpm")"
    equal 'odd-1.0.0~0.1.b1+git.abcdefgh-1.x86_64' "$(rpm_in -q odd)"
}

test_relations_are_as_written() {
    local rpm
    rpm=$(fixture 1.0.0)
    contains "$(rpm -qp --recommends "$rpm")" '(git or mercurial)'
    contains "$(rpm -qp --conflicts "$rpm")" 'greeter-legacy < 2.0'
    contains "$(rpm -qp --requires "$rpm")" 'rpmlib(RichDependencies) <= 4.12.0-1'
    contains "$(rpm -qp --requires "$rpm")" '/bin/sh'
    contains "$(rpm -qp --requires "$rpm")" 'config(greeter) = 1.0.0-1'
}

main "$@"
