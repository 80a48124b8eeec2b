# Shell functions shared by the acceptance scripts; sourced, never run.
#
# A script defines functions named `test_…` and ends with `run_tests`. Each test runs in its own shell, in which any
# failing command ends it, and in its own directory below $work. `ok NAME` or `FAIL NAME` is printed for each, with the
# output of a failed test; `not applicable: NAME`, with the reason, if the machine cannot run it. All files of a script
# are below $work, which is unmounted and removed at the end.
#
# With SEALIFT_RECORD, a file is written that says what was tested with what, and with which results (checks/README.md).
# shellcheck shell=bash

# shellcheck source=SCRIPTDIR/projects.sh
. "$(dirname "${BASH_SOURCE[0]}")/projects.sh"

die() {
    echo "$0: $1" >&2
    exit 2
}

SEALIFT_TEST=${SEALIFT_TEST-}

# The exit code of a test that this machine cannot run; it does not count.
readonly skipped=77

# not_applicable REASON: ends the test, which is then neither passed nor failed.
not_applicable() {
    echo "$1"
    exit $skipped
}

need_root() { [ "$(id -u)" = 0 ] || die "this needs root, to $1"; }

# open_work: makes $work, which everyone may enter.
open_work() {
    work=$(mktemp -d) || die 'no temporary directory can be made'
    trap close_work EXIT
    # Signals must also reach the trap above.
    trap 'exit 130' INT TERM HUP
    chmod 755 "$work"
}

# A script that has to stop processes redefines `before_close`.
before_close() { :; }

close_work() {
    before_close
    cd /
    unmount_below "$work"
    # A mount that the script itself has made on it.
    ! mountpoint --quiet "$work" || umount --lazy "$work"
    rm -rf "$work"
}

unmount_below() {
    local mounted
    while read -r mounted; do
        umount --lazy "$mounted"
    done < <(awk -v dir="$1/" 'index($2, dir) == 1 { print $2 }' /proc/mounts | tac)
}

# need_tools COMMAND:PACKAGE...: installs the packages whose commands are missing.
need_tools() {
    local each missing=()
    consumers+=("${@#*:}")
    for each in "$@"; do
        type -P "${each%%:*}" >/dev/null || missing+=("${each#*:}")
    done
    [ ${#missing[@]} = 0 ] && return
    need_root "install ${missing[*]}"
    echo "installing ${missing[*]}" >&2
    {
        apt-get update -qq && without_starting_services env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -qq --no-install-recommends --no-remove "${missing[@]}"
    } </dev/null >&2 || die "cannot install ${missing[*]}"
}

# A package such as docker.io would start its service, which is not wanted here.
without_starting_services() {
    local policy=/usr/sbin/policy-rc.d status=0
    if [ -e $policy ]; then
        "$@"
        return
    fi
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod 755 $policy
    "$@" || status=$?
    rm -f $policy
    return $status
}

readonly suite=bookworm

# make_debian FILE-OR-DIRECTORY OPTION...: a smallest Debian, from the mirrors that this machine is configured for, by
# mmdebstrap with these options.
make_debian() {
    local target=$1
    shift
    apt-config dump | grep '^Acquire::' >"$work/apt.conf" || true
    sources | mmdebstrap --variant=minbase --aptopt="$work/apt.conf" --quiet "$@" $suite "$target" - \
        >"$work/log" 2>&1 || die "no Debian system can be made: $(cat "$work/log")"
}

# make_suite SUITE DIRECTORY OPTION...: a Debian of another release, by mmdebstrap with these options.
make_suite() {
    local release_name=$1 target=$2 mirror
    shift 2
    mirror=$(mirrors | grep -v -- '-security$' | head -n 1)
    apt-config dump | grep '^Acquire::' >"$work/apt.conf" || true
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $release_name main" |
        mmdebstrap --aptopt="$work/apt.conf" --quiet "$@" "$release_name" "$target" - >"$work/log" 2>&1 ||
        die "no system of $release_name can be made: $(cat "$work/log")"
}

# Lines of sources.list(5).
sources() {
    local address suites each
    while read -r address; do
        case $address in
        */debian-security) suites="$suite-security" ;;
        *) suites="$suite $suite-updates" ;;
        esac
        for each in $suites; do
            echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $address $each main"
        done
    done < <(mirrors)
}

# Addresses of Debian's archives. Others call their folders `debian`, too, but have no component `main`.
mirrors() {
    {
        cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null | grep -E '^deb .* main( |$)'
        cat /etc/apt/sources.list.d/*.sources 2>/dev/null | awk -v RS= '
            /(^|\n)Components:[^\n]* main/ && !/(^|\n)Enabled: *no/
        ' | grep '^URIs:'
    } | grep -oE '[a-z+]+:/[^] ]*/debian(-security)?/?( |$)' | sed 's|/* *$||' | sort -u
}

# --- the record of a run ---

# Debian packages that the tests use, and artifacts of the release that they install or open.
consumers=()
judged=()

# judges PATTERN...: the tests install or open these artifacts of the release.
judges() {
    local pattern files
    for pattern in "$@"; do
        mapfile -t files < <(compgen -G "$release/artifacts/$pattern")
        [ ${#files[@]} -gt 0 ] || die "the release has no artifact \`$pattern\`"
        judged+=("${files[@]}")
    done
}

# A line of JSON for each: { file, sha256, size, fixture }. Fixtures are those whose records the tests have left.
judged_files() {
    local file record
    for file in "${judged[@]}"; do
        jq -nc --arg file "${file##*/}" --arg sha256 "$(sha256sum <"$file" | cut -d' ' -f1)" \
            --argjson size "$(stat -Lc %s "$file")" '{$file, $sha256, $size, fixture: false}'
    done
    find "$work" -xdev -name '*.artifact.json' -print0 | sort -z | while IFS= read -r -d '' record; do
        jq -c '{file, sha256, size, fixture: true}' "$record"
    done
}

# A line of JSON for each: { name, version }.
used_consumers() {
    [ ${#consumers[@]} = 0 ] || dpkg-query -W -f '{"name":"${Package}","version":"${Version}"}\n' "${consumers[@]}" 2>/dev/null | sort -u
}

# record_result NAME RESULT SECONDS LOG
record_result() {
    [ -z "${SEALIFT_RECORD-}" ] || jq -nc --arg name "$1" --arg result "$2" --argjson seconds "$3" --rawfile log "$4" \
        '{$name, $result, $seconds} + if $result == "passed" then {} else {said: $log} end' >>"$work/results"
}

# Beside the final place and renamed, so that a record is whole.
write_record() {
    [ -n "${SEALIFT_RECORD-}" ] || return 0
    judged_files >"$work/judged"
    used_consumers >"$work/consumers" || true
    jq -n --arg script "$(basename "$0" .sh)" --arg script_sha256 "$(cat "$0" "$(dirname "$0")"/{lib,projects}.sh | sha256sum | cut -d' ' -f1)" \
        --arg system "$(. /etc/os-release && echo "$ID $VERSION_ID") $(uname -m)" --arg date "$(date -u +%FT%TZ)" \
        --slurpfile artifacts "$work/judged" --slurpfile consumers "$work/consumers" --slurpfile tests "$work/results" \
        '{$script, $script_sha256, $system, $date, $consumers, $artifacts, $tests}' >"$SEALIFT_RECORD.new" &&
        mv "$SEALIFT_RECORD.new" "$SEALIFT_RECORD"
}

# run_tests: runs all tests in the order of the script's lines, or those whose names contain SEALIFT_TEST; fails
# if one failed.
run_tests() {
    local each failed=0 last=
    for each in $(declare_order); do
        [[ $each == *"${SEALIFT_TEST//-/_}"* ]] || continue
        # Never as a condition: bash would ignore `set -e` in everything called from one.
        run_test "$each"
        [ "$last" != FAIL ] || failed=1
    done
    [ -n "$last" ] || die "no test is called \`$SEALIFT_TEST\`"
    write_record || die 'the record cannot be written'
    return $failed
}

declare_order() {
    shopt -s extdebug
    local each
    for each in $(compgen -A function test_); do declare -F "$each"; done | sort -k2n | cut -d' ' -f1
    shopt -u extdebug
}

run_test() {
    local title=${1#test_} log=$work/log status result=failed started=$SECONDS
    title=${title//_/-}
    mkdir "$work/$1"
    (in_test "$1") >"$log" 2>&1 </dev/null
    status=$?
    case $status in
    0) last=ok result=passed ;;
    "$skipped") last='not applicable:' result='not applicable' ;;
    *) last=FAIL ;;
    esac
    echo "$last $title"
    [ $status = 0 ] || sed 's/^/    /' "$log"
    record_result "$title" "$result" $((SECONDS - started)) "$log"
    unmount_below "$work/$1"
    rm -rf "${work:?}/$1"
}

in_test() {
    trap - EXIT INT TERM HUP
    set -eE
    trap name_the_end ERR
    cd "$work/$1"
    before_test
    "$1"
    after_test
}

# A script whose tests have a common start or end redefines these.
before_test() { :; }
after_test() { :; }

# Prints the failed command of the test, unless a comparison has already printed a message.
name_the_end() {
    case ${FUNCNAME[1]}:$BASH_SUBSHELL:$BASH_COMMAND in
    test_*:1:'return 1') ;;
    test_*:1:*) echo "ended by: $BASH_COMMAND" ;;
    esac
}

# eventually COMMAND...: waits up to ten seconds for it to succeed.
eventually() {
    local _
    for _ in $(seq 100); do
        "$@" && return 0
        sleep 0.1
    done
    return 1
}

# equal EXPECTED FOUND
equal() {
    [ "$1" = "$2" ] && return 0
    printf 'expected: %s\nfound:    %s\n' "$1" "$2"
    return 1
}

# contains TEXT PART
contains() {
    case $1 in *"$2"*) return 0 ;; esac
    printf 'expected to find: %s\nin: %s\n' "$2" "$1"
    return 1
}

# fails CODE COMMAND...
fails() {
    local code=$1 found=0
    shift
    "$@" || found=$?
    equal "exit code $code" "exit code $found"
}

# one_of PATTERN: the one file that matches.
one_of() {
    local found
    mapfile -t found < <(compgen -G "$1")
    [ ${#found[@]} = 1 ] || die "expected one file \`$1\`, found ${#found[@]}"
    realpath "${found[0]}"
}

# recorded FILTER: values from the release's record, by a jq filter.
recorded() { jq -er "$1" "$release/release.json"; }

# open_release DIRECTORY: sets `release`, and the expected version output of its program.
open_release() {
    [ -f "$1/release.json" ] || die "\`$1\` is no release directory: it has no release.json"
    release=$(realpath "$1")
    version=$(recorded .version)
    # If no commit is known, the program prints words instead.
    commit=$(jq -r '.commit // "no commit"' "$release/release.json")
}

# is_own_version TEXT: whether it is the line of `--version`.
is_own_version() {
    contains "$1" "sealift $version ("
    contains "$1" "$commit"
}

# --- Windows ---

# Debian puts no command of that name on PATH.
readonly wine=/usr/lib/wine/wine64

# boot_wine SHIM: a Windows in $work, with the one library that Rust's programs need and that this wine does not have.
boot_wine() {
    # In the C locale it would take no other letters than those of ASCII.
    export WINEPREFIX=$work/wine WINEDEBUG=-all HOME=$work LC_ALL=C.UTF-8
    "$wine" wineboot -i >"$work/log" 2>&1 || die "wine does not start: $(cat "$work/log")"
    "${wine%64}server64" -w 2>/dev/null || true
    cp "$1" "$WINEPREFIX/drive_c/windows/system32/bcryptprimitives.dll"
}

stop_wine() { "${wine%/*}/wineserver64" -k 2>/dev/null || true; }

# Lines as wine writes them, without the carriage returns.
in_wine() {
    local status=0
    "$wine" "$@" >"$work/said" || status=$?
    tr -d '\r' <"$work/said"
    return $status
}
