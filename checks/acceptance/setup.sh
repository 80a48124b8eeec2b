#!/usr/bin/env bash
# Installs, upgrades and removes setups for Windows with wine.
#
#     checks/acceptance/setup.sh RELEASE-DIRECTORY SHIM
#
# The setups hold the release's own program for Windows; the one for Linux packs them. SHIM is the library of the check
# `wine-shim`, which wine 8 lacks. Needs root where something is to be installed. Prints `ok NAME` or `FAIL NAME` for each test,
# with the output of failed ones; exits with 1 if one failed.

set -uo pipefail
# shellcheck source=SCRIPTDIR/lib.sh
. "$(dirname "$0")/lib.sh"

main() {
    [ $# -eq 2 ] || die "usage: $0 RELEASE-DIRECTORY SHIM"
    need_tools jq:jq unzip:unzip wrestool:icoutils xvfb-run:xvfb xdotool:xdotool
    [ -x "$wine" ] || need_tools wine64-of-debian:wine64
    open_release "$1"
    judges '*-setup.exe'
    open_work
    tar -xzf "$(one_of "$release/artifacts/*-x86_64-unknown-linux-musl.tar.gz")" -C "$work"
    sealift=$(one_of "$work/sealift-*-x86_64-unknown-linux-musl/sealift")
    unzip -q "$(one_of "$release/artifacts/*-x86_64-pc-windows-gnullvm.zip")" -d "$work"
    (set -e && make_setups) >"$work/log" 2>&1
    status=$?
    [ $status = 0 ] || die "the setups cannot be made: $(cat "$work/log")"
    boot_wine "$(realpath "$2")"
    run_tests
}

before_close() { stop_wine; }

# $work/old, new and beta: three versions; $work/large: one that takes a while.
make_setups() {
    project 1.9.0 "$work/old"
    project 1.10.0 "$work/new"
    project 1.10.0-beta.1 "$work/beta"
    mkdir -p "$work/large/tree"
    truncate -s 300M "$work/large/tree/zeros"
    project 1.11.0 "$work/large" '
[[files]]
kind = "data"
source = "zeros"
destination = "share/hello/zeros"'
    rm "$work/large/tree/zeros"
}

# project VERSION DIRECTORY [MANIFEST]: its setup is $2.exe.
project() {
    windows_project setup "$1" "$2" 'Grüße $ %x%'
    base64 --decode >"$2/tree/icon.png" <<<'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
    cat >>"$2/sealift.toml" <<MANIFEST

[[files]]
kind = "icon"
source = "icon.png"
destination = "usr/share/icons/hello.png"
targets = ["windows"]
${3-}
MANIFEST
    windows_packages "$2"
    mv "$2/out/hello-$1-x64-setup.exe" "$2.exe"
}

# --- Windows ---

users_folder=drive_c/users/$(id -un)/AppData/Local/Programs/hello
readonly users_folder
readonly programs_folder='drive_c/Program Files/hello'
readonly uninstall='Software\Microsoft\Windows\CurrentVersion\Uninstall\hello'
readonly variables='System\CurrentControlSet\Control\Session Manager\Environment'

# Each test starts without the program.
before_test() {
    "$wine" reg delete "HKCU\\$uninstall" /f >/dev/null 2>&1 || true
    "$wine" reg delete "HKLM\\$uninstall" /f >/dev/null 2>&1 || true
    "$wine" reg delete 'HKCU\Environment' /v PATH /f >/dev/null 2>&1 || true
    "$wine" reg add "HKLM\\$variables" /v PATH /t REG_EXPAND_SZ /d '%SystemRoot%\system32;%SystemRoot%' /f >/dev/null
    rm -rf "${WINEPREFIX:?}/$users_folder" "${WINEPREFIX:?}/$programs_folder" "${WINEPREFIX:?}/drive_c/other"
    find "$WINEPREFIX/drive_c" -name 'Hello World*.lnk' -delete
    find "$WINEPREFIX"/drive_c/users/*/Desktop/ -maxdepth 1 -name 'Hello World*.lnk' -delete
    rm -f "$WINEPREFIX"/drive_c/users/*/Temp/uninstall-*.exe
    # Windows has it.
    mkdir -p "$WINEPREFIX/${users_folder%/*}"
    files >"$work/before"
}

# setup NAME OPTION...: without questions.
setup() {
    local name=$1
    shift
    "$wine" "$work/$name.exe" /S "$@"
}

# remove DIRECTORY OPTION...: what the list of programs starts, in a directory of the file system.
remove() {
    local directory=$1
    shift
    "$wine" "$WINEPREFIX/$directory/uninstall.exe" /S "$@" || return
    # Its own file goes after it.
    local _
    for _ in $(seq 100); do
        ! compgen -G "$WINEPREFIX/drive_c/users/*/Temp/uninstall-*.exe" >/dev/null && return
        sleep 0.1
    done
    echo 'the uninstaller is still there'
    return 1
}

# Everything that a setup could have left in the file system.
files() { (cd "$WINEPREFIX" && find drive_c -path 'drive_c/windows/*' -prune -o -print | sort); }

# The desktop of wine is a link to a directory of the machine.
shortcuts() {
    (
        cd "$WINEPREFIX/drive_c"
        find . -name 'Hello World*.lnk'
        find ./users/*/Desktop/ -maxdepth 1 -name 'Hello World*.lnk'
    ) | sort -u
}

registry() { in_wine reg query "$@"; }

# By its name, as a person would in a new window.
by_name() { in_wine cmd /c hello --version; }

test_it_is_installed_for_the_user_and_runs_by_its_name() {
    setup old
    is_own_version "$(by_name)"
    cmp "$work/old/tree/Grüße \$ %x%.txt" "$WINEPREFIX/$users_folder/share/hello/Grüße \$ %x%.txt"
    registry 'HKCU\Environment' /v PATH >said
    contains "$(cat said)" 'AppData\Local\Programs\hello'
    contains "$(cat said)" REG_EXPAND_SZ
    fails 1 grep -q hello <(registry "HKLM\\$variables" /v PATH)
    [ ! -e "$WINEPREFIX/$users_folder/.setup" ]
}

test_the_setup_of_the_release_installs_runs_and_leaves_nothing() {
    local folder=${users_folder%/*}/sealift
    cp "${judged[0]}" "$work/own.exe"
    setup own
    is_own_version "$(in_wine cmd /c sealift --version)"
    remove "$folder"
    [ ! -e "$WINEPREFIX/$folder" ]
    files | diff "$work/before" -
}

test_the_list_of_programs_tells_who_made_it_and_how_to_remove_it() {
    setup old
    registry "HKCU\\$uninstall" >said
    local line place
    place="C:\\users\\$(id -un)\\AppData\\Local\\Programs\\hello"
    for line in 'DisplayName    REG_SZ    hello' 'DisplayVersion    REG_SZ    1.9.0' 'Publisher    REG_SZ    A. Person' \
        'HelpLink    REG_SZ    https://example.org/hello' "InstallLocation    REG_SZ    $place" \
        'Comments    REG_SZ    greets everybody who asks' "DisplayIcon    REG_SZ    $place\\uninstall.exe" \
        "UninstallString    REG_SZ    \"$place\\uninstall.exe\"" "QuietUninstallString    REG_SZ    \"$place\\uninstall.exe\" /S" \
        'NoModify    REG_DWORD    0x1' 'NoRepair    REG_DWORD    0x1'; do
        contains "$(cat said)" "$line"
    done
    local size
    size=$(find "$WINEPREFIX/$users_folder" -type f ! -name 'uninstall.*' -printf '%s\n' | awk '{ sum += $1 } END { print sum }')
    contains "$(cat said)" "$(printf 'EstimatedSize    REG_DWORD    0x%x' $(((size + 1023) / 1024)))"
}

test_the_start_menu_and_the_desktop_have_a_shortcut() {
    setup old
    equal 2 "$(shortcuts | wc -l)"
    contains "$(shortcuts)" 'Start Menu/Programs/Hello World.lnk'
    contains "$(shortcuts)" 'Desktop/Hello World.lnk'
    # It is started as Windows would.
    find "$WINEPREFIX"/drive_c/users/*/Desktop/ -maxdepth 1 -name 'Hello World.lnk' -exec strings --encoding=l {} + >said
    contains "$(cat said)" 'hello.exe'
    contains "$(cat said)" '--help'
    contains "$(cat said)" 'uninstall.exe'
    setup new /NODESKTOP
    equal 1 "$(shortcuts | wc -l)"
}

test_an_upgrade_leaves_the_files_of_the_new_version_and_keeps_what_was_edited() {
    setup old
    echo edited >>"$WINEPREFIX/$users_folder/etc/hello.toml"
    setup new
    equal "$(printf 'greeting = "1.9.0"\nedited')" "$(cat "$WINEPREFIX/$users_folder/etc/hello.toml")"
    equal 'text of 1.10.0' "$(cat "$WINEPREFIX/$users_folder/share/hello/Grüße \$ %x%.txt")"
    [ ! -e "$WINEPREFIX/$users_folder/share/only/only-1.9.0.txt" ]
    [ -e "$WINEPREFIX/$users_folder/share/only/only-1.10.0.txt" ]
    is_own_version "$(by_name)"
    registry "HKCU\\$uninstall" >said
    contains "$(cat said)" 'DisplayVersion    REG_SZ    1.10.0'
    equal 1 "$(registry 'HKCU\Environment' /v PATH | grep -o 'Programs.hello' | wc -l)"
    # It stays in the next version, too, and when the program is removed.
    setup new
    remove "$users_folder"
    equal "$(printf 'greeting = "1.9.0"\nedited')" "$(cat "$WINEPREFIX/$users_folder/etc/hello.toml")"
    equal 'etc etc/hello.toml' "$(cd "$WINEPREFIX/$users_folder" && find . -mindepth 1 -printf '%P\n' | sort | xargs)"
}

test_what_was_not_edited_is_replaced() {
    setup old
    setup new
    equal 'greeting = "1.10.0"' "$(cat "$WINEPREFIX/$users_folder/etc/hello.toml")"
}

test_a_program_that_runs_is_replaced_but_not_removed() {
    setup old
    # A program that waits for input.
    cp "$WINEPREFIX/drive_c/windows/system32/cmd.exe" "$WINEPREFIX/$users_folder/hello.exe"
    mkfifo input
    "$wine" "$WINEPREFIX/$users_folder/hello.exe" <input >/dev/null 2>&1 &
    exec 3>input
    sleep 2
    local status=0
    "$wine" "$WINEPREFIX/$users_folder/uninstall.exe" /S 2>said || status=$?
    kill -0 $!
    equal 6 $status
    contains "$(cat said)" 'is running'
    [ -e "$WINEPREFIX/$users_folder/hello.exe" ]
    setup new
    equal 'text of 1.10.0' "$(cat "$WINEPREFIX/$users_folder/share/hello/Grüße \$ %x%.txt")"
    kill $!
    exec 3>&-
    wait $! || true
}

test_an_older_version_is_refused_unless_it_is_asked_for() {
    setup new
    fails 4 setup old 2>said
    contains "$(cat said)" 'Version 1.10.0 is installed already, which is newer than 1.9.0.'
    fails 4 setup beta
    equal 'text of 1.10.0' "$(cat "$WINEPREFIX/$users_folder/share/hello/Grüße \$ %x%.txt")"
    setup old /DOWNGRADE
    equal 'text of 1.9.0' "$(cat "$WINEPREFIX/$users_folder/share/hello/Grüße \$ %x%.txt")"
    [ ! -e "$WINEPREFIX/$users_folder/share/only/only-1.10.0.txt" ]
}

test_it_can_go_into_a_directory_of_any_name() {
    local name
    for name in 'Größe und mehr' 'cost $5' '100%' 'a & b (c) ^d'; do
        setup old "/D=C:\\other\\$name"
        is_own_version "$(in_wine "$WINEPREFIX/drive_c/other/$name/hello.exe" --version)"
        is_own_version "$(by_name)"
        # An upgrade finds it.
        setup new
        equal 'text of 1.10.0' "$(cat "$WINEPREFIX/drive_c/other/$name/share/hello/Grüße \$ %x%.txt")"
        fails 7 setup new '/D=C:\other\elsewhere' 2>said
        contains "$(cat said)" 'Remove it first'
        remove "drive_c/other/$name"
        [ ! -e "$WINEPREFIX/drive_c/other/$name" ]
    done
    fails 7 setup old '/D=C:\other\%TEMP%' 2>said
    contains "$(cat said)" 'PATH cannot hold'
    fails 7 setup old '/D=relative'
    [ ! -e "$WINEPREFIX/drive_c/other/%TEMP%" ]
    setup old /NOPATH '/D=C:\other\%TEMP%'
    [ -e "$WINEPREFIX/drive_c/other/%TEMP%/hello.exe" ]
    fails 1 registry 'HKCU\Environment' /v PATH
}

test_it_is_installed_for_everybody() {
    setup old /ALLUSERS
    [ -f "$WINEPREFIX/$programs_folder/hello.exe" ] && [ ! -e "$WINEPREFIX/$users_folder" ]
    contains "$(registry "HKLM\\$variables" /v PATH)" 'C:\Program Files\hello'
    contains "$(registry "HKLM\\$uninstall")" 'DisplayName    REG_SZ    hello'
    fails 1 registry "HKCU\\$uninstall"
    is_own_version "$(by_name)"
    remove "$programs_folder"
    [ ! -e "$WINEPREFIX/$programs_folder" ]
    fails 1 grep hello <(registry "HKLM\\$variables" /v PATH)
    fails 1 registry "HKLM\\$uninstall"
}

test_PATH_keeps_its_type_and_its_other_entries() {
    "$wine" reg add 'HKCU\Environment' /v PATH /t REG_SZ /d 'C:\first;C:\%x%;' /f >/dev/null
    setup old
    registry 'HKCU\Environment' /v PATH >said
    contains "$(cat said)" 'REG_SZ    C:\first;C:\%x%;C:\users'
    remove "$users_folder"
    contains "$(registry 'HKCU\Environment' /v PATH)" 'REG_SZ    C:\first;C:\%x%'
}

test_files_of_others_are_neither_replaced_nor_removed() {
    mkdir -p "$WINEPREFIX/$users_folder/share/hello"
    echo foreign >"$WINEPREFIX/$users_folder/LICENSE"
    fails 7 setup old 2>said
    contains "$(cat said)" 'was not installed by this setup'
    equal foreign "$(cat "$WINEPREFIX/$users_folder/LICENSE")"
    rm "$WINEPREFIX/$users_folder/LICENSE"
    setup old
    echo foreign >"$WINEPREFIX/$users_folder/share/hello/foreign"
    remove "$users_folder"
    equal 'share share/hello share/hello/foreign' "$(cd "$WINEPREFIX/$users_folder" && find . -mindepth 1 -printf '%P\n' | sort | xargs)"
}

test_a_damaged_setup_is_refused_and_writes_nothing() {
    local size place
    size=$(stat -c %s "$work/old.exe")
    for place in $((size / 2)) $((size - 100)) $((size - 10)); do
        cp "$work/old.exe" damaged.exe
        printf '\xaa\x55' | dd of=damaged.exe bs=1 seek="$place" conv=notrunc status=none
        fails 3 "$wine" damaged.exe /S 2>said
        contains "$(cat said)" 'This setup is damaged'
    done
    head -c $((size - 4096)) "$work/old.exe" >short.exe
    fails 3 "$wine" short.exe /S
    diff "$work/before" <(files)
    fails 1 registry "HKCU\\$uninstall"
}

test_what_was_interrupted_is_repeated() {
    setup old
    local _ times=0
    for _ in 1 2 3; do
        "$wine" "$work/large.exe" /S &
        while kill -0 $! 2>/dev/null && [ ! -e "$WINEPREFIX/$users_folder/.setup/4" ]; do
            sleep 0.02
        done
        # Its name is that of the program, and no other's.
        kill -KILL $! 2>/dev/null && times=$((times + 1))
        wait $! 2>/dev/null || true
        # The old version is whole.
        is_own_version "$(by_name)"
    done
    [ $times -gt 0 ]
    setup large
    equal $((300 << 20)) "$(stat -c %s "$WINEPREFIX/$users_folder/share/hello/zeros")"
    equal 'text of 1.11.0' "$(cat "$WINEPREFIX/$users_folder/share/hello/Grüße \$ %x%.txt")"
    [ ! -e "$WINEPREFIX/$users_folder/.setup" ]
    remove "$users_folder"
    [ ! -e "$WINEPREFIX/$users_folder" ]
}

test_removing_it_leaves_nothing() {
    setup old
    fails 1 cmp --silent "$work/before" <(files)
    remove "$users_folder"
    diff "$work/before" <(files)
    fails 1 registry 'HKCU\Environment' /v PATH
    fails 1 registry "HKCU\\$uninstall"
    equal '' "$(shortcuts)"
}

test_edited_configuration_is_removed_on_demand() {
    setup old
    echo edited >>"$WINEPREFIX/$users_folder/etc/hello.toml"
    remove "$users_folder" /PURGE
    [ ! -e "$WINEPREFIX/$users_folder" ]
}

test_wrong_options_are_named_and_help_shows_the_right_ones() {
    fails 7 setup old /X 2>said
    contains "$(cat said)" 'there is no option `/X`'
    in_wine "$work/old.exe" /HELP >said
    contains "$(cat said)" /ALLUSERS
    [ ! -e "$WINEPREFIX/$users_folder" ]
}

# in_screen COMMAND: with a screen of its own, on which `window NAME` waits for a window.
in_screen() {
    # What wine has started without a screen would show its windows nowhere.
    stop_wine
    xvfb-run --auto-servernum --server-args='-screen 0 1024x768x24' bash -c "$1"
}

test_a_window_asks_before_anything_is_installed() {
    export wine work
    cat >driver <<'DRIVER'
window() {
    for _ in $(seq 150); do
        found=$(xdotool search --name "$1" 2>/dev/null | tail -n 1)
        [ -z "$found" ] || return 0
        sleep 0.2
    done
    echo "no window \`$1\`"
    return 1
}
"$wine" "$work/old.exe" &
window 'hello 1.9.0 Setup' || exit 1
sleep 1
xdotool windowfocus "$found" key --window "$found" $1
if [ "$1" = Return ]; then
    window '^hello$' || exit 1
    sleep 1
    xdotool windowfocus "$found" key --window "$found" Return
fi
wait $!
DRIVER
    fails 1 in_screen 'bash driver Escape'
    [ ! -e "$WINEPREFIX/$users_folder" ]
    in_screen 'bash driver Return'
    is_own_version "$(by_name)"
    equal 2 "$(shortcuts | wc -l)"
}

test_Windows_shows_version_and_icon_of_the_setup() {
    wrestool --list "$work/old.exe" >said
    contains "$(cat said)" '--type=14 --name=1'
    contains "$(cat said)" '--type=16 --name=1'
    contains "$(cat said)" '--type=24 --name=1'
    wrestool --raw --extract --type=16 "$work/old.exe" | strings --encoding=l >said
    contains "$(cat said)" 'hello-1.9.0-x64-setup.exe'
}

main "$@"
