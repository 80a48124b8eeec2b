#!/usr/bin/env bash
# Opens the pages of reports in Chromium, as a reader without a mouse does.
#
#     checks/acceptance/report.sh RELEASE-DIRECTORY
#
# Needs root and Debian's mirrors, from which Chromium comes. Prints `ok NAME` or `FAIL NAME` for each test, with the output
# of failed ones; exits with 1 if one failed. Pictures of the pages are left in target/report/.
#
# The release's program judges a release and makes the pages.

set -uo pipefail
# shellcheck source=SCRIPTDIR/lib.sh
. "$(dirname "$0")/lib.sh"

here=$(dirname "$(realpath "$0")")
pictures=$here/../../target/report

main() {
    [ $# -eq 1 ] || die "usage: $0 RELEASE-DIRECTORY"
    need_tools jq:jq python3:python3 chromium:chromium
    open_release "$1"
    open_work
    tar -xzf "$(one_of "$release/artifacts/*-x86_64-unknown-linux-musl.tar.gz")" -C "$work"
    sealift=$(one_of "$work/sealift-*-x86_64-unknown-linux-musl/sealift")
    mkdir -p "$pictures"
    python3 "$here/reports.py" "$work/reports" || die 'the reports cannot be written'
    run_tests
}

# opened PAGE...: what Chromium finds in pages, a line of JSON for each.
opened() { python3 "$here/chromium.py" "$(type -P chromium)" "$pictures" "$@"; }

# A release that is gated here, and has a page beside its report.
gated() {
    manifest archive hello 1.2.3 "$PWD/project"
    printf '#!/bin/sh\necho hello\n' >project/tree/bin/hello
    printf '\n[gates.size]\ntotal-limit-bytes = 100\n' >>project/sealift.toml
    pack "$PWD/project" "$PWD/packages"
    "$sealift" release --manifest project/sealift.toml --out gated --artifact packages/*.tar.gz
    fails 1 "$sealift" gate gated >said
}

test_the_page_of_a_release_says_what_the_terminal_says() {
    gated
    opened gated/report.html | tee found
    equal 'hello 1.2.3: FAIL' "$(jq -r .title found)"
    equal "FAIL $(tail -n 1 said)" "$(jq -r .verdict found)"
    # The page does not make the release another one.
    fails 1 "$sealift" gate gated >again
    cmp said again
    grep -q '^pass   packages' again
}

test_everything_opens_with_the_keyboard_and_nothing_leaves_the_page() {
    "$sealift" report "$work/reports/refused.json" --out "$PWD/refused.html" >said
    opened refused.html | tee found
    # What tries to become a script has not changed the title.
    equal 'hello 2.4.0: FAIL' "$(jq -r .title found)"
    equal '["Sizes of downloads","What is in the program","Memory over a day","Start of hello","Start of hello serve"]' "$(jq -c .drawings found)"
    [ "$(jq .opened found)" -ge 7 ]
}

test_releases_are_compared_on_a_page() {
    "$sealift" report "$work"/reports/older/*.json --out "$PWD/releases.html" >said
    [ "$(wc -L <said)" -le 80 ]
    opened releases.html | tee found
    equal 'hello: 5 releases' "$(jq -r .title found)"
    contains "$(jq -c .drawings found)" 'Size of all artifacts'
}

test_what_a_page_must_not_do_is_noticed() {
    local each
    printf '<!DOCTYPE html><title>t</title><p class="verdict">v</p>' >good.html
    opened good.html
    for each in '<img src="http://127.0.0.1:1/x.png">' '<script>console.log(1)</script>' '<script>throw 1</script>' \
        '<div style="width:2000px">wide</div>' '<details><summary tabindex="-1">closed</summary>x</details>' \
        '<svg role="img" width="9" height="9"><rect width="9" height="9"/></svg>'; do
        { cat good.html && printf %s "$each"; } >bad.html
        fails 1 opened bad.html
    done
}

main "$@"
