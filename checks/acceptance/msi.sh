#!/usr/bin/env bash
# Installs, upgrades, repairs and removes packages for Windows Installer with wine, silently and with windows, reads them with msitools, and compares their
# tables with those that wixl writes.
#
#     checks/acceptance/msi.sh RELEASE-DIRECTORY SHIM
#
# The packages hold the release's own program for Windows; the one for Linux packs them. SHIM is the library of the check
# `wine-shim`, which wine 8 lacks. Needs root where something is to be installed. Prints `ok NAME` or `FAIL NAME` for each test,
# with the output of failed ones; exits with 1 if one failed.

set -uo pipefail
# shellcheck source=SCRIPTDIR/lib.sh
. "$(dirname "$0")/lib.sh"

main() {
    [ $# -eq 2 ] || die "usage: $0 RELEASE-DIRECTORY SHIM"
    need_tools jq:jq unzip:unzip msiinfo:msitools wixl:wixl xvfb-run:xvfb xdotool:xdotool
    [ -x "$wine" ] || need_tools wine64-of-debian:wine64
    open_release "$1"
    judges '*.msi'
    open_work
    tar -xzf "$(one_of "$release/artifacts/*-x86_64-unknown-linux-musl.tar.gz")" -C "$work"
    sealift=$(one_of "$work/sealift-*-x86_64-unknown-linux-musl/sealift")
    unzip -q "$(one_of "$release/artifacts/*-x86_64-pc-windows-gnullvm.zip")" -d "$work"
    (set -e && make_packages) >"$work/log" 2>&1
    status=$?
    [ $status = 0 ] || die "the packages cannot be made: $(cat "$work/log")"
    boot_wine "$(realpath "$2")"
    run_tests
}

before_close() { stop_wine; }

# $work/old and new: two versions for the machine; $work/user: one for the user.
make_packages() {
    project 1.0.0 "$work/old" 'path = true'
    project 1.1.0 "$work/new" 'path = true'
    project 1.0.0 "$work/user" 'scope = "per-user"'
    mv "$work"/old/out/*.msi "$work/old.msi"
    mv "$work"/new/out/*.msi "$work/new.msi"
    mv "$work"/user/out/*.msi "$work/user.msi"
}

# project VERSION DIRECTORY KEYS
project() {
    windows_project msi "$1" "$2" Grüße
    printf '\n[msi]\n%s\n' "$3" >>"$2/sealift.toml"
    windows_packages "$2"
}

# --- Windows ---

readonly programs_folder='drive_c/Program Files/hello'
users_folder=drive_c/users/$(id -un)/AppData/Local/Programs/hello
readonly users_folder
readonly uninstall='Software\Microsoft\Windows\CurrentVersion\Uninstall'
readonly environment='System\CurrentControlSet\Control\Session Manager\Environment'

# Each test starts without the package.
before_test() {
    local package
    for package in old new user; do
        "$wine" msiexec /x "$(windows_path "$package")" /qn >/dev/null 2>&1 || true
    done
    # wine leaves an empty entry, at which its search for programs ends.
    "$wine" reg add "HKLM\\$environment" /v PATH /t REG_EXPAND_SZ /d '%SystemRoot%\system32;%SystemRoot%' /f >/dev/null
    rm -rf "${WINEPREFIX:?}/$programs_folder" "${WINEPREFIX:?}/$users_folder"
    files >"$work/before"
}

windows_path() { printf 'Z:%s' "$work/$1.msi" | sed 's|/|\\|g'; }

# msi OPTION PACKAGE ARGUMENT...: what an administrator types, without the questions.
msi() {
    local option=$1 package=$2
    shift 2
    "$wine" msiexec "$option" "$(windows_path "$package")" "$@" /qn
}

# Everything that a package could have left in the file system.
files() {
    (cd "$WINEPREFIX" && find drive_c -path drive_c/windows/Installer -prune -o -path 'drive_c/users/*/Temp' -prune -o -print | sort)
}

shortcuts() { find "$WINEPREFIX/drive_c" -name 'Hello World*.lnk'; }

registry() { in_wine reg query "$@"; }

# By its name, as a person would in a new window.
by_name() { in_wine cmd /c hello --version; }

test_it_is_installed_for_everybody_and_runs_by_its_name() {
    msi /i old
    is_own_version "$(by_name)"
    cmp "$work/old/tree/Grüße.txt" "$WINEPREFIX/$programs_folder/share/hello/Grüße.txt"
    contains "$(registry "HKLM\\$environment" /v PATH)" 'C:\Program Files\hello'
}

test_the_package_of_the_release_installs_runs_and_leaves_nothing() {
    cp "${judged[0]}" "$work/own.msi"
    msi /i own
    is_own_version "$(in_wine cmd /c sealift --version)"
    msi /x own
    [ ! -e "$WINEPREFIX/drive_c/Program Files/sealift" ]
}

test_the_list_of_programs_tells_who_made_it() {
    msi /i old
    registry "HKLM\\$uninstall" /s >said
    local line
    for line in 'DisplayName    REG_SZ    hello' 'DisplayVersion    REG_SZ    1.0.0' 'Publisher    REG_SZ    A. Person' \
        'HelpLink    REG_SZ    https://example.org/hello' 'InstallLocation    REG_SZ    C:\Program Files\hello' \
        'Comments    REG_SZ    greets everybody who asks'; do
        contains "$(cat said)" "$line"
    done
}

test_the_start_menu_has_a_shortcut() {
    msi /i old
    # wine takes the user's menu for everybody's.
    contains "$(shortcuts)" 'Start Menu/Programs/Hello World.lnk'
    msi /x old
    equal '' "$(shortcuts)"
}

test_an_upgrade_replaces_the_old_version_and_keeps_what_was_configured() {
    msi /i old
    echo edited >>"$WINEPREFIX/$programs_folder/etc/hello.toml"
    msi /i new
    equal "$(printf 'greeting = "1.0.0"\nedited')" "$(cat "$WINEPREFIX/$programs_folder/etc/hello.toml")"
    equal 'text of 1.1.0' "$(cat "$WINEPREFIX/$programs_folder/share/hello/Grüße.txt")"
    [ ! -e "$WINEPREFIX/$programs_folder/share/only/only-1.0.0.txt" ]
    [ -e "$WINEPREFIX/$programs_folder/share/only/only-1.1.0.txt" ]
    is_own_version "$(by_name)"
    registry "HKLM\\$uninstall" /s >said
    equal 1 "$(grep -c 'DisplayName    REG_SZ    hello' said)"
    contains "$(cat said)" 'DisplayVersion    REG_SZ    1.1.0'
    equal 1 "$(registry "HKLM\\$environment" /v PATH | grep -o 'Program Files.hello' | wc -l)"
}

# Of the upgrade code wine forgets all versions when it removes one, so this is a first installation.
test_an_older_version_is_refused_with_a_message() {
    msi /i new
    # 1603, of which Unix has the last eight bits.
    fails 67 msi /i old
    is_own_version "$(by_name)"
    equal 'text of 1.1.0' "$(cat "$WINEPREFIX/$programs_folder/share/hello/Grüße.txt")"
    contains "$(msiinfo export "$work/old.msi" LaunchCondition)" 'A newer version of [ProductName] is installed already.'
}

# wine's `msiexec /f` takes no file, so the properties are given that it stands for.
test_a_repair_brings_back_what_is_missing_or_damaged() {
    msi /i new
    rm "$WINEPREFIX/$programs_folder/hello.exe"
    echo damaged >"$WINEPREFIX/$programs_folder/LICENSE"
    msi /i new REINSTALL=ALL REINSTALLMODE=amus
    cmp "$work/new/tree/bin/hello.exe" "$WINEPREFIX/$programs_folder/hello.exe"
    cmp "$work/new/tree/LICENSE" "$WINEPREFIX/$programs_folder/LICENSE"
}

test_it_is_installed_for_one_user() {
    msi /i user
    is_own_version "$(by_name)"
    [ -f "$WINEPREFIX/$users_folder/hello.exe" ] && [ ! -e "$WINEPREFIX/$programs_folder" ]
    contains "$(registry 'HKCU\Environment' /v PATH)" 'AppData\Local\Programs\hello'
    fails 1 grep -q hello <(registry "HKLM\\$environment" /v PATH)
    msi /x user
    [ ! -e "$WINEPREFIX/$users_folder" ]
    fails 1 registry 'HKCU\Environment' /v PATH
}

test_it_can_go_into_another_directory() {
    msi /i old 'INSTALLDIR=C:\Other place'
    [ -f "$WINEPREFIX/drive_c/Other place/hello.exe" ]
    is_own_version "$(by_name)"
    # wine does not look where the components are.
    msi /x old 'INSTALLDIR=C:\Other place'
    [ ! -e "$WINEPREFIX/drive_c/Other place" ]
}

test_removing_it_leaves_nothing() {
    msi /i old
    fails 1 cmp --silent "$work/before" <(files)
    msi /x old
    diff "$work/before" <(files)
    fails 1 grep -i hello <(registry "HKLM\\$environment" /v PATH)
    fails 1 grep 'DisplayName    REG_SZ    hello' <(registry "HKLM\\$uninstall" /s)
}

# --- msitools ---

test_msitools_reads_the_tables_and_the_files() {
    contains "$(msiinfo suminfo "$work/old.msi")" 'Template: x64;1033'
    contains "$(msiinfo suminfo "$work/old.msi")" 'Subject: hello'
    contains "$(msiinfo export "$work/old.msi" Environment)" '=-*PATH'
    msiextract -C out "$work/old.msi" >/dev/null
    cmp "$work/old/tree/bin/hello.exe" out/hello/hello.exe
    cmp "$work/old/tree/hello.toml" out/hello/etc/hello.toml
    cmp "$work/old/tree/Grüße.txt" "out/hello/share/hello/Grüße.txt"
    equal 5 "$(find out -type f | wc -l)"
}

# The same in wixl's language, as far as it knows it: it has no `Environment`, and takes no file of other letters than ASCII.
write_wxs() {
    cat <<WXS
<Wix xmlns="http://schemas.microsoft.com/wix/2006/wi">
  <Product Name="hello" Id="*" UpgradeCode="$1" Language="1033" Version="1.0.0" Manufacturer="A. Person">
    <Package InstallerVersion="200" Compressed="yes" InstallScope="perMachine" Comments="greets everybody who asks"/>
    <Media Id="1" Cabinet="files.cab" EmbedCab="yes"/>
    <MajorUpgrade DowngradeErrorMessage="newer"/>
    <Directory Id="TARGETDIR" Name="SourceDir">
      <Directory Id="ProgramFiles64Folder">
        <Directory Id="INSTALLDIR" Name="hello">
          <Component Id="c0" Guid="*" Win64="yes"><File Id="f0" KeyPath="yes" Source="tree/LICENSE"/></Component>
          <Component Id="c1" Guid="*" Win64="yes">
            <File Id="f1" KeyPath="yes" Source="tree/bin/hello.exe"/>
            <Shortcut Id="s0" Name="Hello World" Directory="ProgramMenuFolder" WorkingDirectory="INSTALLDIR" Target="[#f1]"/>
          </Component>
        </Directory>
      </Directory>
      <Directory Id="ProgramMenuFolder"/>
    </Directory>
    <Feature Id="Program" Level="1" Title="hello"><ComponentRef Id="c0"/><ComponentRef Id="c1"/></Feature>
  </Product>
</Wix>
WXS
}

# columns PACKAGE TABLE: the names and types of its columns, and its keys.
columns() { msiinfo export "$1" "$2" | tr -d '\r' | head -n 3; }

rows() { msiinfo export "$1" "$2" | tr -d '\r' | tail -n +4 | LC_ALL=C sort; }

test_tables_are_those_of_wixl() {
    # It has no dialogs.
    project 1.0.0 same 'license = false'
    mv same/out/*.msi own.msi
    local code table
    code=$(rows own.msi Property | sed -n 's/^UpgradeCode\t{\(.*\)}$/\1/p')
    (cd same && write_wxs "$code" >../own.wxs && wixl -a x64 -o ../other.msi ../own.wxs)
    msiinfo tables own.msi | grep -v '^_' | sort >own-tables
    msiinfo tables other.msi | grep -v '^_' | sort >other-tables
    # It has more, all without rows, and does not know this one.
    equal Environment "$(comm -23 own-tables other-tables | xargs)"
    for table in $(comm -12 own-tables other-tables); do
        case $table in
        # Its numbers of files have 32 bits, as Microsoft says for more than 32,767 files, which are refused here.
        File | Media) diff <(columns own.msi "$table") <(columns other.msi "$table" | sed '2s/i4$/i2/; 2s/^i2\ti4/i2\ti2/') ;;
        # Columns of later versions, which may be missing.
        CustomAction | Shortcut) contains "$(columns other.msi "$table" | head -n 1)" "$(columns own.msi "$table" | head -n 1)" ;;
        *) diff <(columns own.msi "$table") <(columns other.msi "$table") ;;
        esac
    done
    # The order of the actions is the same, except that the old version is removed last, so that what was configured stays, and that
    # the list of programs is told the place, and PATH is set.
    for table in AdminExecuteSequence AdminUISequence AdvtExecuteSequence InstallUISequence InstallExecuteSequence; do
        diff <(rows own.msi "$table" | grep -vE '^(SetInstallLocation|InstallExecute|RemoveExistingProducts|.*EnvironmentStrings)\s') \
            <(rows other.msi "$table" | grep -v '^RemoveExistingProducts')
    done
    # One version may replace itself (512): builds of one version differ in what the installer does not compare.
    diff <(rows own.msi Upgrade | cut -f1-4,6 | sort) <(rows other.msi Upgrade | cut -f1-4,6 | sort)
    # Files have their sizes and MD5 sums; keys differ.
    sums() { join -t "$(printf '\t')" <(rows "$1" File | cut -f1,4) <(rows "$1" MsiFileHash) | cut -f2- | sort; }
    local sum
    sums other.msi | while read -r sum; do contains "$(sums own.msi)" "$sum"; done
    for table in Manufacturer ProductLanguage ProductName ProductVersion UpgradeCode ALLUSERS; do
        equal "$(rows other.msi Property | grep "^$table	")" "$(rows own.msi Property | grep "^$table	")"
    done
    diff <(msiinfo suminfo own.msi | grep -vE '^(Revision|Created|Last saved|Application|Comments)') \
        <(msiinfo suminfo other.msi | grep -vE '^(Revision|Created|Last saved|Application|Comments)')
}

# Each dialog and each part that is named is there, and the order of the tab key is a ring.
test_the_dialogs_fit_together() {
    for table in Dialog Control ControlEvent EventMapping InstallUISequence TextStyle Property; do
        rows "$work/old.msi" $table >$table
    done
    awk -F '\t' '
        function need(what, key) { if (!((what, key) in there)) { print FILENAME ": no " what " `" key "`"; bad = 1 } }
        FILENAME == "Dialog" { there["dialog", $1]; first[$1] = $8; named[$1] = $8 "/" $9 "/" $10 }
        FILENAME == "Control" { there["part", $1 "/" $2]; if ($11 != "") { next_of[$1 "/" $2] = $11; count[$1]++ } }
        FILENAME == "ControlEvent" {
            need("part", $1 "/" $2)
            if ($3 ~ /^(SpawnDialog|NewDialog)$/) need("dialog", $4)
            events[$1 "/" $2]
        }
        FILENAME == "EventMapping" { need("part", $1 "/" $2) }
        FILENAME == "InstallUISequence" && $1 ~ /Dlg$/ { need("dialog", $1); ends[$3] }
        FILENAME == "TextStyle" { there["style", $1] }
        FILENAME == "Property" && $1 == "DefaultUIFont" { need("style", $2); font = 1 }
        FILENAME == "Property" && $1 == "ErrorDialog" { need("dialog", $2); errors = 1 }
        END {
            for (dialog in named) {
                split(named[dialog], names, "/")
                for (i in names) need("part", dialog "/" names[i])
                at = first[dialog]
                for (i = 0; i < count[dialog]; i++) at = next_of[dialog "/" at]
                if (at != first[dialog]) { print "the tab order of " dialog " is no ring"; bad = 1 }
            }
            for (end = -3; end < 0; end++) if (!(end in ends)) { print "no dialog for the end " end; bad = 1 }
            if (!font || !errors || length(named) < 8) { print "something is missing"; bad = 1 }
            exit bad
        }' Dialog Control ControlEvent EventMapping TextStyle Property InstallUISequence
    contains "$(msiinfo export "$work/old.msi" Control)" 'Permission is hereby granted'
}

# wine has the installer's windows, too.
test_a_window_shows_the_license_and_asks() {
    export wine
    WINDOWS_PATH=$(windows_path old)
    export WINDOWS_PATH INSTALLED=$WINEPREFIX/$programs_folder/hello.exe
    cat >driver <<'DRIVER'
windows() { xdotool search --name '^hello Setup$' 2>/dev/null | sort | tr '\n' ' '; }
# Each dialog is a window, so they are those that somebody can answer when they stay the same.
settled() {
    local before=- now same=0
    for _ in $(seq 300); do
        now=$(windows)
        [ "$now" = "$before" ] && [ -n "$now" ] && same=$((same + 1)) || same=0
        [ $same -lt 15 ] || return 0
        before=$now
        sleep 0.2
    done
    echo 'there is no window'
    exit 1
}
# A key that came too early is pressed again.
press() {
    local before
    settled
    before=$(windows)
    for _ in $(seq 6); do
        found=$(xdotool search --name '^hello Setup$' | tail -n 1)
        xdotool windowfocus "$found" key --window "$found" "$1"
        for _ in $(seq 50); do
            [ "$(windows)" = "$before" ] || return 0
            sleep 0.2
        done
    done
    echo "nothing answers to $1"
    exit 1
}
"$wine" msiexec /i "$WINDOWS_PATH" &
for key; do
    case $key in
        installed) for _ in $(seq 300); do [ ! -e "$INSTALLED" ] && sleep 0.2 || break; done; sleep 3 ;;
        *) press "$key" ;;
    esac
done
wait $!
DRIVER
    # Escape is Cancel, which asks once more.
    in_screen 'bash driver Escape alt+y Return' || true
    [ ! -e "$WINEPREFIX/$programs_folder/hello.exe" ]
    in_screen 'bash driver Return installed Return'
    is_own_version "$(by_name)"
}

in_screen() {
    # What wine has started without a screen would show its windows nowhere.
    stop_wine
    xvfb-run --auto-servernum --server-args='-screen 0 1024x768x24' bash -c "$1"
}

test_a_version_without_its_order_is_refused() {
    project 1.0.0 beta 'path = true'
    sed -i 's/^version = "1.0.0"/version = "1.0.0-beta.1"/' beta/sealift.toml
    fails 2 "$sealift" plan --manifest beta/sealift.toml >said 2>&1
    contains "$(cat said)" 'Windows Installer has no version'
    sed -i 's/^path = true/version = "1.0.1"/' beta/sealift.toml
    "$sealift" plan --manifest beta/sealift.toml
}

main "$@"
