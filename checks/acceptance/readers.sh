#!/usr/bin/env bash
# Opens every package of a release with another tool, and compares what is in it with the release's record.
#
#     checks/acceptance/readers.sh RELEASE-DIRECTORY
#
# Needs root where something is to be installed. Prints `ok NAME` or `FAIL NAME` for each test; exits with 1 when one
# failed.

# shellcheck disable=SC2154 # lib.sh assigns work and release
set -uo pipefail
# shellcheck source=SCRIPTDIR/lib.sh
. "$(dirname "$0")/lib.sh"
readers=$(realpath "$(dirname "$0")/../foreign-readers.sh")

main() {
    [ $# -eq 1 ] || die "usage: $0 RELEASE-DIRECTORY"
    need_tools jq:jq dpkg-deb:dpkg rpm2cpio:rpm2cpio cpio:cpio unsquashfs:squashfs-tools umoci:umoci skopeo:skopeo \
        msiextract:msitools 7z:p7zip-full unzip:unzip xz:xz-utils zstd:zstd python3:python3
    open_release "$1"
    mapfile -t formats < <(recorded '[.artifacts[].format] | unique[]')
    judges '*'
    open_work
    run_tests
}

test_all_packages_hold_what_the_record_says() {
    sh "$readers" "$release" | tee said
    equal "all $(recorded '.artifacts | length') packages are equal" "$(tail -n 1 said)"
}

# copied FORMAT: a release of that format's first package alone, whose record can be changed.
copied() {
    mkdir -p copy/artifacts
    jq --arg format "$1" '.artifacts |= [first(.[] | select(.format == $format))]' "$release/release.json" >copy/release.json
    cp "$release/artifacts/$(jq -er '.artifacts[0].file' copy/release.json)" copy/artifacts/
}

# finds_a_difference FORMAT: whether another sum and another name of the last file are noticed.
finds_a_difference() {
    local change
    copied "$1"
    sh "$readers" copy
    mv copy/release.json good.json
    for change in '.content.file.sha256 |= (if .[:1] == "0" then "1" else "0" end) + .[1:]' '.path += "x"'; do
        jq "(.artifacts[0].contents | map(.content | type == \"object\" and has(\"file\")) | rindex(true)) as \$last |
            .artifacts[0].contents[\$last] |= ($change)" good.json >copy/release.json
        fails 1 sh "$readers" copy
    done
    rm -rf copy
}

test_a_record_that_differs_is_noticed_for_every_format() {
    local format
    for format in "${formats[@]}"; do finds_a_difference "$format"; done
}

main "$@"
