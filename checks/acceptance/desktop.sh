#!/usr/bin/env bash
# Holds what packages have for desktops against the validators of freedesktop.org.
#
#     checks/acceptance/desktop.sh RELEASE-DIRECTORY
#
# Needs root and Debian's mirrors, from which desktop-file-validate and appstreamcli come. Prints `ok NAME` or `FAIL NAME` for each
# test, with the output of failed ones; exits with 1 if one failed.
#
# The release's program packs a project with a desktop entry and an SVG, and without an AppStream file.

set -uo pipefail
# shellcheck source=SCRIPTDIR/lib.sh
. "$(dirname "$0")/lib.sh"

main() {
    [ $# -eq 1 ] || die "usage: $0 RELEASE-DIRECTORY"
    need_tools jq:jq file:file desktop-file-validate:desktop-file-utils appstreamcli:appstream rpm2cpio:rpm2cpio cpio:cpio \
        unsquashfs:squashfs-tools
    open_release "$1"
    open_work
    tar -xzf "$(one_of "$release/artifacts/*-x86_64-unknown-linux-musl.tar.gz")" -C "$work"
    sealift=$(one_of "$work/sealift-*-x86_64-unknown-linux-musl/sealift")
    application "$work/hello"
    pack "$work/hello" "$work/packages" >"$work/log" 2>&1 || die "the project cannot be packed: $(cat "$work/log")"
    run_tests
}

# application DIRECTORY: a project of a program that opens windows.
application() {
    manifest deb hello 1.2.3 "$1"
    sed -i 's/^formats = .*/formats = ["appimage", "archive", "deb", "rpm"]/; s/^license = .*/&\nhomepage = "https:\/\/example.org"/' \
        "$1/sealift.toml"
    cp "$sealift" "$1/tree/bin/hello"
    add_file desktop hello.desktop '[Desktop Entry]
Type=Application
Name=Hello & Co
Name[de]=Hallo & Co
Comment=Greets people
Exec=hello "--title=it'\''s me" %U
Icon=hello
Categories=Utility;
Actions=new;

[Desktop Action new]
Name=New
Exec=hello --new' "$1"
    add_file icon hello.svg '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">
<linearGradient id="a"><stop stop-color="#f80"/><stop offset="1" stop-color="#08f"/></linearGradient>
<rect width="64" height="64" rx="12" fill="url(#a)"/><circle cx="32" cy="32" r="17.5" fill="#fff" opacity=".7"/>
</svg>' "$1"
    add_file changelog CHANGELOG.md '# Changes

## 1.2.3 - 2026-01-02

- Louder.

## 1.2.2 - 2025-11-12

- Loud.' "$1"
}

# unpacked FORMAT: a package of the project, in the directory `files`, with the path that `usr/share` has there in $share.
unpacked() {
    local package
    rm -rf files
    mkdir files
    share=files/usr/share
    case $1 in
    appimage)
        package=$(one_of "$work/packages/*.AppImage")
        (cd files && "$package" --appimage-extract >/dev/null)
        share=files/squashfs-root/usr/share
        ;;
    archive)
        tar -xzf "$(one_of "$work/packages/*.tar.gz")" -C files --strip-components=1
        share=files/share
        ;;
    deb) dpkg-deb -x "$(one_of "$work/packages/*.deb")" files ;;
    rpm)
        package=$(one_of "$work/packages/*.rpm")
        rpm2cpio "$package" | (cd files && cpio -idm --quiet)
        ;;
    esac
}

test_desktop_entries_and_AppStream_files_of_all_packages_are_valid() {
    local format
    for format in appimage archive deb rpm; do
        unpacked $format
        desktop-file-validate $share/applications/hello.desktop
        appstreamcli validate --no-net $share/metainfo/org.example.hello.metainfo.xml
        sha256sum <$share/metainfo/org.example.hello.metainfo.xml
    done >said
    cat said
    # The same file in all formats.
    equal 1 "$(grep -c -- '  -$' <(grep -- '  -$' said | sort -u))"
}

test_a_terminal_program_has_a_valid_file_too() {
    application "$PWD/project"
    sed -i 's/^Categories=.*/&\nTerminal=true/' project/tree/hello.desktop
    sed -i 's/^formats = .*/formats = ["deb"]/' project/sealift.toml
    pack "$PWD/project" "$PWD/out"
    dpkg-deb -x out/*.deb files
    grep 'component type="console-application"' files/usr/share/metainfo/org.example.hello.metainfo.xml
    appstreamcli validate --no-net files/usr/share/metainfo/org.example.hello.metainfo.xml
}

test_software_centers_read_the_program_and_its_releases() {
    unpacked deb
    appstreamcli convert $share/metainfo/org.example.hello.metainfo.xml component.yml
    cat component.yml
    contains "$(cat component.yml)" 'ID: org.example.hello'
    contains "$(cat component.yml)" 'C: Hello & Co'
    contains "$(cat component.yml)" '- hello.desktop'
    equal '1.2.3 1.2.2' "$(awk '/^Releases:/ { inside = 1 } inside && /version:/ { print $NF }' component.yml | paste -sd' ')"
}

test_icons_are_there_in_sizes() {
    local format size
    for format in appimage archive deb rpm; do
        unpacked $format
        for size in 16 32 48 64 128 256 512; do
            file -b $share/icons/hicolor/${size}x$size/apps/hello.png
        done | sed 's|PNG image data, \(.*\), 8-bit/color RGBA, non-interlaced|\1|' >said
        equal '16 x 16,32 x 32,48 x 48,64 x 64,128 x 128,256 x 256,512 x 512' "$(paste -sd, said)"
        cmp "$work/hello/tree/hello.svg" $share/icons/hicolor/scalable/apps/hello.svg
    done
    # That at the root of an AppImage is a picture of the size that desktops show.
    unpacked appimage
    contains "$(file -b files/squashfs-root/hello.png)" '256 x 256'
}

test_the_bytes_are_the_same_every_time() {
    pack "$work/hello" "$PWD/again"
    cmp again/*.deb "$work"/packages/*.deb
    cmp again/*.rpm "$work"/packages/*.rpm
}

# refused FILE CONTENT MESSAGE: the file of the project with that content ends with 2 and the message.
refused() {
    rm -rf project
    application "$PWD/project"
    printf %b "$2" >"project/tree/$1"
    fails 2 pack "$PWD/project" "$PWD/out" 2>said
    cat said
    contains "$(cat said)" "$3"
    equal '' "$(ls out)"
}

# shellcheck disable=SC2016 # the messages' own backquotes
test_what_is_not_what_its_kind_says_is_refused_with_its_place() {
    refused hello.desktop '[Desktop Entry]\nType=Application\nExec=hello\n' 'hello.desktop:1:1: the entry has no `Name`'
    refused hello.desktop 'Name=Hello\n[Desktop Entry]\n' 'hello.desktop:1:1: the key `Name` is before the first group'
    fails 1 desktop-file-validate project/tree/hello.desktop
    refused hello.svg '<svg xmlns="http://www.w3.org/2000/svg">\n<g>\n</svg>' 'hello.svg:3:1: not a valid SVG picture'
    refused hello.svg '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text y="9">H</text></svg>' 'has text or a picture'
    rm -rf project
    application "$PWD/project"
    add_file metainfo org.example.Hello.metainfo.xml '<component type="desktop-application">
<id>org.example.Hello</id><name>Hello</name>
</component>' "$PWD/project"
    fails 2 pack "$PWD/project" "$PWD/out" 2>said
    contains "$(cat said)" 'org.example.Hello.metainfo.xml:1:1: the component has no `<summary>`'
}

main "$@"
