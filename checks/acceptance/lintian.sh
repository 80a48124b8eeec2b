#!/usr/bin/env bash
# Lets lintian judge the Debian packages of other people's programs.
#
#     checks/acceptance/lintian.sh DIRECTORY...
#
# Each directory holds the packages of one project. Wants root, to install lintian. Prints `ok NAME` or `FAIL NAME` for
# each package, and what lintian said of a failed one; exits with 1 when one failed.

# shellcheck disable=SC2154 # lib.sh assigns work
set -uo pipefail
# shellcheck source=SCRIPTDIR/lib.sh
. "$(dirname "$0")/lib.sh"

main() {
    [ $# -gt 0 ] || die "usage: $0 DIRECTORY..."
    need_tools lintian:lintian dpkg-deb:dpkg
    open_work
    local directory package failed=0
    for directory; do
        [ -n "$(find "$directory/" -maxdepth 1 -name '*.deb')" ] || die "no Debian package is in $directory"
        for package in "$directory"/*.deb; do
            judge "$package" || failed=1
        done
    done
    lintian_can_complain || failed=1
    exit $failed
}

judge() {
    local name
    name=lintian_has_no_complaint_about_$(basename "$1" .deb)
    if complaints "$1" >"$work/said" 2>&1; then
        echo "ok $name"
    else
        echo "FAIL $name"
        sed 's/^/    /' "$work/said"
        return 1
    fi
}

# Silence counts only if lintian speaks of a package that deserves it: this one has no copyright file.
lintian_can_complain() {
    mkdir -p "$work/bad/DEBIAN" "$work/bad/usr/bin"
    printf 'Package: bad\nVersion: 1\nArchitecture: all\nMaintainer: A <a@example.org>\nDescription: bad\n' >"$work/bad/DEBIAN/control"
    dpkg-deb --root-owner-group --build "$work/bad" "$work/bad.deb" >/dev/null || die 'a package cannot be made'
    if complaints "$work/bad.deb" >"$work/said" 2>&1 || ! grep -q no-copyright-file "$work/said"; then
        echo 'FAIL lintian_complains_about_a_bad_package'
        sed 's/^/    /' "$work/said"
        return 1
    fi
    echo 'ok lintian_complains_about_a_bad_package'
}

# lintian ends its whole process group when it is done, so it gets one of its own. Without --allow-root it warns of root.
complaints() { setsid --wait lintian --allow-root --fail-on error,warning "$1"; }

main "$@"
