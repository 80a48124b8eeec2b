#!/bin/sh
# Prints where each format puts the files of an example, as docs/places.md shows it: what packages really hold.
#
# usage: places.sh PROGRAM [OPTION-OF-PACKAGE...]
#
# PROGRAM is sealift; the options are those that it needs to write an AppImage. Needs the POSIX commands of GNU or busybox.
set -eu
LC_ALL=C
export LC_ALL
[ $# -ge 1 ] || { echo "usage: places.sh PROGRAM [OPTION-OF-PACKAGE...]" >&2; exit 2; }
sealift=$(realpath "$1")
shift
options=$*
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# file KIND SOURCE DESTINATION: one that has no other's content.
file() {
    mkdir -p "$work/tree/$(dirname "$2")"
    [ -e "$work/tree/$2" ] || echo "content of $2" >"$work/tree/$2"
    printf '\n[[files]]\nkind = "%s"\nsource = "%s"\n%s' "$1" "$2" "${3:+destination = \"$3\"
}" >>"$work/files"
    printf '%s %s %s\n' "$(sha256sum <"$work/tree/$2" | cut -d ' ' -f 1)" "$1" "$2" >>"$work/kinds"
}

mkdir "$work/tree"
cat >"$work/tree/hello.desktop" <<'ENTRY'
[Desktop Entry]
Type=Application
Name=Hello
Exec=hello
Icon=hello
Categories=Utility;
ENTRY
cat >"$work/tree/org.example.hello.metainfo.xml" <<'METAINFO'
<?xml version="1.0" encoding="UTF-8"?>
<component type="desktop-application">
  <id>org.example.hello</id>
  <metadata_license>CC0-1.0</metadata_license>
  <project_license>MIT</project_license>
  <name>Hello</name>
  <summary>Greets everybody</summary>
  <description><p>It greets.</p></description>
  <launchable type="desktop-id">hello.desktop</launchable>
</component>
METAINFO
cat >"$work/tree/hello.svg" <<'PICTURE'
<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><rect width="64" height="64" fill="#2080c0"/></svg>
PICTURE
printf '[Unit]\nDescription=Hello\n\n[Service]\nExecStart=/usr/bin/hello\n\n[Install]\nWantedBy=multi-user.target\n' >"$work/tree/hello.service"
printf '# Changes\n\n## 1.2.3\n\n- It greets.\n' >"$work/tree/CHANGELOG.md"
file binary bin/hello
file config hello.toml etc/hello.toml
file doc README.md
file man hello.1
file completion hello.bash usr/share/bash-completion/completions/hello
file completion _hello
file license LICENSE
file changelog CHANGELOG.md
file desktop hello.desktop
file icon hello.svg usr/share/icons/hicolor/scalable/apps/hello.svg
file metainfo org.example.hello.metainfo.xml
file systemd-unit hello.service
file data words.txt usr/share/hello/words.txt

# places FORMAT TARGET
places() {
    {
        printf 'targets = ["%s"]\nformats = ["%s"]\n\n' "$2" "$1"
        printf '[package]\nname = "hello"\nversion = "1.2.3"\nsummary = "greets everybody"\nlicense = "MIT"\nmaintainer = "A. Person <a@example.org>"\n'
        case $2 in
            *windows*) sed 's|"bin/hello"|"bin/hello.exe"|' "$work/files" ;;
            *) cat "$work/files" ;;
        esac
    } >"$work/sealift.toml"
    rm -rf "$work/out"
    # shellcheck disable=SC2086 # options are words
    (cd "$work" && "$sealift" package --target "$2" --tree tree --out out --date 1700000000 $options) >/dev/null 2>"$work/said" ||
        { cat "$work/said" >&2; exit 2; }
    printf '\n%s for %s\n' "$1" "$2"
    awk '
        NR == FNR { kind[$1] = $2; next }
        function flush() { if (path != "" && is_file) printf "  %-13s %s\n", (sum in kind) ? kind[sum] : link != "" ? "link" : "", path (link != "" ? " -> " link : ""); path = "" }
        /"contents": \[/ { inside = 1 }
        !inside { next }
        /"path": / { flush(); split($0, part, "\""); path = part[4]; is_file = 0; link = ""; sum = "" }
        /"sha256": / { split($0, part, "\""); sum = part[4]; is_file = 1 }
        /"symlink": / { split($0, part, "\""); link = part[4]; is_file = 1 }
        /^ *\],?$/ { flush(); inside = 0 }
    ' "$work/kinds" "$work"/out/*.artifact.json
}

cp "$work/tree/bin/hello" "$work/tree/bin/hello.exe"
for format in appimage archive deb npm oci rpm snap wheel; do places "$format" x86_64-unknown-linux-musl; done
for format in archive msi; do places "$format" x86_64-pc-windows-gnullvm; done
for format in dmg pkg; do places "$format" aarch64-apple-darwin; done
