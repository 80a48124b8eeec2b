#!/usr/bin/env bash
# Opens installer packages for macOS with the programs that there are for them on Linux.
#
#     checks/acceptance/pkg.sh RELEASE-DIRECTORY
#
# Needs root, because the files of a package belong to it. 7z and bsdtar read the archive, cpio and bsdtar the files in it,
# xmllint the descriptions, and bom.py the bill of materials, which it compares with cksum's sums of the files; so does the
# crate `stuckliste-cli` where there is a cargo to build it. Prints `ok NAME` or `FAIL NAME` for each test, with the output of
# failed ones; exits with 1 if one failed.
#
# The release's program packs its macOS program: with files of every kind, and in trees of many layouts.

set -uo pipefail
# shellcheck source=SCRIPTDIR/lib.sh
. "$(dirname "$0")/lib.sh"
here=$(realpath "$(dirname "$0")")

main() {
    [ $# -eq 1 ] || die "usage: $0 RELEASE-DIRECTORY"
    need_root 'unpack files of root'
    need_tools jq:jq python3:python3 7z:p7zip-full bsdtar:libarchive-tools cpio:cpio xmllint:libxml2-utils
    open_release "$1"
    judges '*.pkg'
    open_work
    export TMPDIR=$work
    tar -xzf "$(one_of "$release/artifacts/*-x86_64-unknown-linux-musl.tar.gz")" -C "$work"
    sealift=$(one_of "$work/sealift-*-x86_64-unknown-linux-musl/sealift")
    tar -xzf "$(one_of "$release/artifacts/*-universal2-apple-darwin.tar.gz")" -C "$work"
    program=$(one_of "$work/sealift-*-universal2-apple-darwin/sealift")
    (set -e && make_package) >"$work/log" 2>&1
    status=$?
    [ $status = 0 ] || die "the package cannot be made: $(cat "$work/log")"
    package=$(one_of "$work/project/out/*.pkg")
    run_tests
}

make_package() {
    local project=$work/project
    mac_project pkg hello "$project"
    add_file config hello.toml 'greeting = "hello"' "$project"
    add_file doc README.md '# hello' "$project"
    add_file license COPYING 'Copyright © Jo {Doe}' "$project"
    add_file man hello.1 '.TH HELLO 1' "$project"
    mkdir -p "$project/tree/data/Ünïcode"
    echo 日本 >"$project/tree/data/Ünïcode/ファイル"
    : >"$project/tree/data/empty"
    ln -s Ünïcode/ファイル "$project/tree/data/link"
    cat >>"$project/sealift.toml" <<'MANIFEST'

[[files]]
kind = "data"
source = "data/"
destination = "usr/share/hello"

[pkg]
identifier = "org.example.hello"

[pkg.scripts]
preinstall = """
#!/bin/sh
echo "preinstall $*" >>"$3/log"
"""
postinstall = """
#!/bin/sh
[ -e "$3/usr/local/etc/hello/hello.toml" ]
echo "postinstall $*" >>"$3/log"
"""
MANIFEST
    mac_package "$project" --out "$project/out"
}

# open_package PACKAGE: its members in `members`, and its files in `files`; everything compared with everything.
open_package() {
    local component
    rm -rf members seven files other
    7z t "$1" >7z.log 2>&1 || { cat 7z.log; return 1; }
    7z x -y -oseven "$1" >7z.log 2>&1 || { cat 7z.log; return 1; }
    # 7z shows the table of contents, too.
    rm -f 'seven/[TOC].xml'
    mkdir members files other
    bsdtar -xf "$1" -C members
    diff -r members seven
    component=$(one_of 'members/*.pkg')
    xmllint --noout members/Distribution "$component/PackageInfo"
    gzip -dc "$component/Payload" >payload.cpio
    (cd files && cpio -idm --quiet) <payload.cpio
    (cd other && bsdtar -xpf - --numeric-owner) <"$component/Payload"
    same_trees files other
    (cd files && find . -type f -exec cksum {} +) >sums
    python3 "$here/bom.py" "$component/Bom" files sums >bom
    attribute() { xmllint --xpath "string(//$1/@$2)" "$3"; }
    equal "$(wc -l <bom)" "$(attribute payload numberOfFiles "$component/PackageInfo")"
    equal "$(kilobytes_of files)" "$(attribute payload installKBytes "$component/PackageInfo")"
    equal "$(kilobytes_of files)" "$(attribute pkg-ref installKBytes members/Distribution)"
    recorded_files "$1" >recorded-files
    (cd files && find . -type f -printf '%P\0' | sort -z | xargs -0r sha256sum | sed 's/^\\//') >found-files
    diff recorded-files found-files
}

# same_trees DIRECTORY DIRECTORY: contents, modes, owners and dates.
same_trees() {
    local each
    for each in "$@"; do
        # cpio does not keep the dates of directories and links.
        (cd "$each" && find . \( -type f -printf '%P %y %m %U:%G %Ts\n' \) -o -printf '%P %y %m %U:%G %l\n' | sort) >"$each.list"
    done
    diff "$1.list" "$2.list"
    diff -r --no-dereference "$1" "$2"
}

kilobytes_of() { find "$1" -type f -printf '%s\n' | awk '{ sum += $1 } END { print int((sum + 1023) / 1024) }'; }

# recorded_files PACKAGE: the installed files of its record, as sha256sum prints them.
recorded_files() {
    jq -r '.contents[] | select(.path | startswith("usr/local/")) | select(.content | type == "object" and has("file"))
        | "\(.content.file.sha256)  \(.path | ltrimstr("usr/local/"))"' "$1.artifact.json" | LC_ALL=C sort -k 2
}

test_the_package_of_the_release_holds_what_its_record_says() {
    ln -s "${judged[0]}" own.pkg
    jq '.artifacts[] | select(.format == "pkg")' "$release/release.json" >own.pkg.artifact.json
    open_package own.pkg
    cmp "$program" files/bin/sealift
}

test_files_are_where_macos_looks_for_them() {
    open_package "$package"
    local expected='bin/hello
etc/hello/hello.toml.default
share/doc/hello/COPYING
share/doc/hello/LICENSE
share/doc/hello/README.md
share/hello/empty
share/hello/link
share/hello/Ünïcode/ファイル
share/man/man1/hello.1'
    equal "$expected" "$(cd files && find . ! -type d -printf '%P\n' | LC_ALL=C sort)"
    cmp "$program" files/bin/hello
    equal 日本 "$(cat files/share/hello/link)"
    equal 'drwxr-xr-x 0:0' "$(find files ! -type f ! -type l -printf '%M %U:%G\n' | sort -u)"
}

test_the_installer_is_told_what_it_needs() {
    open_package "$package"
    local info=members/hello.pkg/PackageInfo distribution=members/Distribution
    value() { xmllint --xpath "string($1)" "$2"; }
    equal /usr/local "$(value /pkg-info/@install-location $info)"
    equal org.example.hello "$(value /pkg-info/@identifier $info)"
    equal 1.2.3 "$(value /pkg-info/@version $info)"
    # Directories such as /usr/local/bin keep their owner.
    equal false "$(value /pkg-info/@overwrite-permissions $info)"
    equal false "$(value /pkg-info/@relocatable $info)"
    equal root "$(value /pkg-info/@auth $info)"
    equal ./preinstall "$(value //preinstall/@file $info)"
    equal ./postinstall "$(value //postinstall/@file $info)"
    equal 'hello 1.2.3' "$(value //title $distribution)"
    equal arm64,x86_64 "$(value //options/@hostArchitectures $distribution)"
    equal no "$(value //options/@allow-external-scripts $distribution)"
    equal true "$(value //options/@rootVolumeOnly $distribution)"
    equal 11.0 "$(value //os-version/@min $distribution)"
    equal '#hello.pkg' "$(value '//pkg-ref[@version]' $distribution)"
    equal License.rtf "$(value //license/@file $distribution)"
    contains "$(cat members/Resources/License.rtf)" 'Copyright \u169? Jo \{Doe\}\par'
    contains "$(cat members/Resources/License.rtf)" 'free of charge, to anybody'
}

# As the Installer does it: the arguments are the package, where it installs, the volume and the running system.
test_scripts_run_and_configuration_survives_an_upgrade() {
    open_package "$package"
    mkdir scripts
    (cd scripts && gzip -dc ../members/hello.pkg/Scripts | cpio -idm --quiet)
    install_on() {
        scripts/preinstall "$package" /usr/local "$1" /
        mkdir -p "$1/usr/local"
        cp -a files/. "$1/usr/local/"
        scripts/postinstall "$package" /usr/local "$1" /
    }
    mkdir volume
    install_on "$PWD/volume"
    cmp volume/usr/local/etc/hello/hello.toml.default volume/usr/local/etc/hello/hello.toml
    equal "preinstall $package /usr/local $PWD/volume /
postinstall $package /usr/local $PWD/volume /" "$(cat volume/log)"
    echo edited >volume/usr/local/etc/hello/hello.toml
    install_on "$PWD/volume"
    equal edited "$(cat volume/usr/local/etc/hello/hello.toml)"
    # The script's own failure is that of the installation.
    rm volume/usr/local/etc/hello/hello.toml.default volume/usr/local/etc/hello/hello.toml
    fails 1 scripts/postinstall "$package" /usr/local "$PWD/volume" /
}

test_a_package_passes_the_gates_and_a_damaged_one_does_not() {
    mkdir packages
    cp "$package" "$package.artifact.json" packages/
    "$sealift" release --manifest "$work/project/sealift.toml" --artifact packages/*.pkg --out release
    "$sealift" gate release >said || { cat said; return 1; }
    contains "$(cat said)" 'pass   macos'
    contains "$(cat said)" 'pass   packages'
    local size place
    size=$(stat -c %s "$package")
    for place in 10 60 $((size / 3)) $((size - 10)); do
        cp "$package" damaged.pkg
        printf '\xa5\x5a' | dd of=damaged.pkg bs=1 seek="$place" conv=notrunc status=none
        fails 2 7z t damaged.pkg >7z.log 2>&1
        cp damaged.pkg release/artifacts/*.pkg
        fails 1 "$sealift" gate release >said
    done
}

test_the_bytes_are_the_same_for_any_number_of_threads_and_each_machine_has_its_own_package() {
    local target machine
    mac_package "$work/project" --threads 1 --out "$PWD/one"
    mac_package "$work/project" --threads 5 --out "$PWD/five"
    cmp one/*.pkg five/*.pkg
    cmp one/*.pkg "$package"
    for target in x86_64:x86_64 aarch64:arm64; do
        machine=${target#*:} target=${target%:*}
        sed "s/universal2-apple-darwin/$target-apple-darwin/" "$work/project/sealift.toml" >"$work/project/$target.toml"
        "$sealift" package --target "$target-apple-darwin" --manifest "$work/project/$target.toml" --tree "$work/project/tree" \
            --date 1700000000 --out "$PWD/$target"
        open_package "$(one_of "$target/*.pkg")"
        equal "$machine" "$(xmllint --xpath 'string(//options/@hostArchitectures)' members/Distribution)"
    done
}

# Names of every alphabet, deep directories, empty files, and sizes around blocks. The same seeds every time.
test_packages_of_many_layouts_are_sound() {
    local seed
    for seed in $(seq 20); do
        data_project
        python3 "$here/layout.py" "$seed" project/tree/data
        mac_package "$PWD/project" --out "$PWD/project/out"
        open_package "$(one_of 'project/out/*.pkg')"
        diff -r project/tree/data files/share/hello
        echo "seed $seed: $(find files | wc -l) files and directories"
    done
}

data_project() {
    rm -rf project
    mac_project pkg hello project
    printf '\n[[files]]\nkind = "data"\nsource = "data/"\ndestination = "usr/share/hello"\n' >>project/sealift.toml
}

# A bill of materials has 256 paths in a node, and 65,536 in a tree of two levels.
test_thousands_of_files_are_listed() {
    data_project
    many 5000
    mac_package "$PWD/project" --out "$PWD/project/out"
    open_package "$(one_of 'project/out/*.pkg')"
    equal 5000 "$(find files/share/hello -type f | wc -l)"
    data_project
    mkdir project/tree/data
    mount -t tmpfs none project/tree/data
    many 70000
    mac_package "$PWD/project" --out "$PWD/project/out"
    bsdtar -xf project/out/*.pkg -C members
    bsdtar -tf members/hello.pkg/Payload | sed 's|/$||' | LC_ALL=C sort >packed
    python3 "$here/bom.py" members/hello.pkg/Bom | cut -f1 | LC_ALL=C sort >listed
    diff packed listed
    [ "$(wc -l <listed)" -gt 70000 ]
}

# many COUNT: so many empty files.
many() {
    seq "$1" | awk '{ print "project/tree/data/" $1 % 97 "/" $1 }' >names
    sed 's|/[^/]*$||' names | sort -u | xargs mkdir -p
    xargs touch <names
}

test_another_reader_lists_the_same_bill_of_materials() {
    type -P cargo >/dev/null || not_applicable 'no cargo builds the crate stuckliste-cli'
    # Built for debugging, it asserts what it knows of the layout.
    CARGO_TARGET_DIR=$PWD/target cargo install --quiet --debug --locked --root "$PWD/crate" stuckliste-cli@0.4.3 ||
        not_applicable 'the crate stuckliste-cli cannot be built'
    local seed
    for seed in 2 3 5; do
        data_project
        python3 "$here/layout.py" $seed project/tree/data
        ln -s "$(cd project/tree/data && find . -type f | sort | head -n 1)" project/tree/data/link
        mac_package "$PWD/project" --out "$PWD/project/out"
        open_package "$(one_of 'project/out/*.pkg')"
        crate/bin/lsbom members/hello.pkg/Bom >listed
        diff <(LC_ALL=C sort bom) <(LC_ALL=C sort listed)
    done
}

# refused MESSAGE: what cannot be a package ends with 2, a message, and no file.
refused() {
    fails 2 mac_package "$PWD/project" --out "$PWD/out" 2>said
    cat said
    contains "$(cat said)" "$1"
    equal '' "$(find out -name '*.pkg' 2>/dev/null)"
}

# shellcheck disable=SC2016 # the messages' own backquotes
test_what_no_package_can_hold_is_refused() {
    data_project
    mkdir project/tree/data
    truncate -s 4G project/tree/data/large
    refused 'a pkg cannot hold `share/hello/large`: 4294967296 bytes; expected less than 4 GiB'
    rm project/tree/data/large
    : >project/tree/data/a
    : >project/tree/data/A
    refused '`/usr/share/hello/A` and `/usr/share/hello/a` are one file on'
    data_project
    printf '\n[pkg]\nidentifier = "org/example"\n' >>project/sealift.toml
    refused 'identifier `org/example` is not valid'
    data_project
    printf '\n[pkg.scripts]\npreinstall = "echo hello"\n' >>project/sealift.toml
    refused 'expected `#!` and an interpreter first'
}

main "$@"
