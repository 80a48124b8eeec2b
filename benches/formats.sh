#!/usr/bin/env bash
# Prints time and size of each format beside those of the tool that people use otherwise, as shares of them.
#
#     benches/formats.sh [TREE...]
#
# Trees (default: all of them):
#   libraries   this machine's shared libraries in the order of their paths until there are 40 MB, none above 8 MB; so it is
#               the same on each run, and as compressible as programs are
#   program     one program of 5 MB: the start of the largest library that has as much
#   files       the content of `libraries`, cut into 20,000 small files, a hundred in each folder
# The first and the last also have a program, of two lines.
#
# Each tool runs RUNS times (default 5) in turn with ours, after a first round that fills the caches; medians are printed. Ours
# is the whole command `sealift package`, which also reads the tree, hashes everything and writes records.
# On a busy machine the time on the clock says little; the share of processor time is printed beside it.
# Environment: SEALIFT, the program (default target/release/sealift); RUNS; THREADS (default: all cores); FORMATS, which to
# compare (default: all below; `all` is one run that writes an AppImage, an archive, an image, a deb and an rpm, beside the tools
# for each one after the other); APPIMAGE_RUNTIME, a file, where the program was built without one; SETUP_STUB likewise.
#
# The goals are in the table below: shares of the other tool's time and size, `-` for none. What is missing is said, not
# installed. Exit status: 0 all that ran met its goal, 1 not, 2 no run.
set -euo pipefail
export LC_ALL=C

root=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=SCRIPTDIR/timing.sh
. "$root/benches/timing.sh"
sealift=${SEALIFT:-$root/target/release/sealift}
runs=${RUNS:-5}
threads=${THREADS:-$(nproc)}
options=()
[ -z "${APPIMAGE_RUNTIME:-}" ] || options+=(--appimage-runtime "$APPIMAGE_RUNTIME")
[ -z "${SETUP_STUB:-}" ] || options+=(--setup-stub "$SETUP_STUB")
[ -x "$sealift" ] || { echo "no program \`$sealift\`: run \`cargo build --release\`, or set SEALIFT" >&2; exit 2; }
missed=0

# name | format and keys of its table | what the reference needs | name of the reference | its function | goals: time, size
readonly comparisons='
appimage      | appimage compression="gzip" | mksquashfs        | mksquashfs gzip 9 | squashfs gzip                      | 0.28 | 0.99
appimage-zstd | appimage compression="zstd" | mksquashfs        | mksquashfs zstd 15| squashfs zstd -Xcompression-level 15 | 0.90 | 1.00
archive       | archive                     | pigz              | tar, pigz -9      | tar_to pigz -9 -n -p THREADS       | -    | 1.00
deb           | deb compression="xz"        | dpkg-deb          | dpkg-deb -Zxz     | deb -Zxz                           | 1.00 | 1.00
deb-zstd      | deb compression="zstd"      | dpkg-deb          | dpkg-deb -Zzstd   | deb -Zzstd -z19                    | 1.00 | 1.00
dmg           | dmg                         | genisoimage pigz  | genisoimage, pigz | dmg                                | 0.50 | 1.00
msi           | msi                         | wixl              | wixl              | msi                                | 0.50 | 1.00
npm           | npm                         | npm               | npm pack          | npm                                | 0.50 | 1.00
oci           | oci                         | pigz              | tar, pigz -6      | tar_to pigz -6 -n -p THREADS       | 0.40 | 1.00
pkg           | pkg                         | cpio pigz         | cpio, pigz -9     | cpio_to pigz -9 -n -p THREADS      | 0.50 | 1.00
rpm           | rpm compression="xz"        | rpmbuild          | rpmbuild xz 6     | rpm w6TTHREADS.xzdio               | 1.05 | 1.00
rpm-gzip      | rpm compression="gzip"      | rpmbuild          | rpmbuild gzip 9   | rpm w9.gzdio                       | 0.45 | 1.00
rpm-zstd      | rpm compression="zstd"      | rpmbuild          | rpmbuild zstd 19  | rpm w19TTHREADS.zstdio             | 1.00 | 1.00
setup         | setup                       | makensis          | makensis lzma     | nsis                               | -    | -   
snap          | snap                        | mksquashfs        | mksquashfs xz     | squashfs xz -no-fragments          | 1.00 | 1.01
tar-xz        | tar-xz                      | xz                | tar, xz -6        | tar_to xz -6 -TTHREADS -c          | -    | 1.02
tar-zst       | tar-zst                     | zstd              | tar, zstd -19     | tar_to zstd -q -19 -TTHREADS -c    | -    | 1.02
wheel         | wheel                       | zip               | zip -9            | zip                                | 0.50 | 1.00
zip           | zip                         | zip               | zip -9            | zip                                | 0.50 | 1.00
zip-7z        | zip                         | 7z                | 7z -tzip -mx=9    | seven_zip                          | -    | 1.02
all           | all                         | mksquashfs pigz dpkg-deb rpmbuild | one by one | one_by_one             | 0.75 | 1.00'

main() {
    local tree name keys needs title reference most_time most_size
    [ $# -gt 0 ] || set -- libraries program files
    for tree in "$@"; do
        work=$(mktemp -d -p "${TMPDIR:-/var/tmp}")
        trap 'rm -rf "$work"' EXIT
        mkdir -p "$work/tree/lib" "$work/tree/bin"
        printf '#!/bin/sh\necho bench\n' >"$work/tree/bin/bench"
        chmod 755 "$work/tree/bin/bench"
        case $tree in
            libraries) take_libraries "$work/tree/lib" ;;
            program) take_program "$work/tree/bin/bench" && echo bench >"$work/tree/lib/name" ;;
            files) take_files "$work/tree/lib" ;;
            *) echo "unknown tree \`$tree\`; expected \`libraries\`, \`program\` or \`files\`" >&2 && exit 2 ;;
        esac
        make_inputs
        printf '%s: %s files, %s bytes; %s threads, %s runs; load %s\n' "$tree" "$(find "$work/installed" -type f | wc -l)" \
            "$(find "$work/installed" -type f -printf '%s\n' | awk '{ n += $1 } END { print n }')" "$threads" "$runs" \
            "$(cut -d' ' -f1-3 /proc/loadavg)"
        while IFS='|' read -r name keys needs title reference most_time most_size; do
            read -r name <<<"$name"
            [ -n "$name" ] || continue
            [[ -z ${FORMATS:-} || " $FORMATS " == *" $name "* ]] || continue
            # shellcheck disable=SC2086 # words
            have "$name" $needs || continue
            # shellcheck disable=SC2086
            compare "$name" "$keys" ${most_time} ${most_size} "$(xargs <<<"$title")" ${reference//THREADS/$threads} </dev/null
        done <<<"$comparisons"
        rm -rf "$work"
    done
    exit $missed
}

have() {
    local name=$1 each
    shift
    for each in "$@"; do
        command -v "$each" >/dev/null 2>&1 || { echo "$name: not compared, \`$each\` is missing"; return 1; }
    done
}

# --- trees ---

libraries() { find /usr/lib /lib -type f -name '*.so*' 2>/dev/null | sort -u; }

take_libraries() {
    local file size total=0
    while IFS= read -r file; do
        size=$(stat -c %s "$file")
        [ "$size" -le 8000000 ] || continue
        # Libraries of the same name in different folders stay apart.
        cp "$file" "$1/${file//\//_}"
        total=$((total + size))
        [ "$total" -lt 40000000 ] || break
    done < <(libraries)
    [ "$total" -gt 0 ] || { echo 'this machine has no libraries' >&2; exit 2; }
}

take_program() {
    local largest
    largest=$(libraries | tr '\n' '\0' | xargs -0 stat -Lc '%s %n' | sort -n | tail -n 1 | cut -d' ' -f2-)
    head -c 5000000 "$largest" >"$1"
}

take_files() {
    take_libraries "$1"
    mkdir "$1.small"
    find "$1" -type f -print0 | sort -z | xargs -0 cat | (cd "$1.small" && split -b 2000 -a 5 -d - file-)
    rm -r "$1"
    mkdir "$1"
    local first names=("$1.small"/file-*)
    for ((first = 0; first < ${#names[@]}; first += 100)); do
        mkdir "$1/$first"
        mv -t "$1/$first" "${names[@]:first:100}"
    done
    rm -r "$1.small"
}

# --- inputs of ours and of the other tools ---

# Programs are copied as they are, so that their target is only a word here.
target_of() {
    case $1 in
        dmg | pkg) echo aarch64-apple-darwin ;;
        msi | setup) echo x86_64-pc-windows-gnullvm ;;
        *) echo x86_64-unknown-linux-musl ;;
    esac
}

# manifest NAME FORMAT KEY: a project of this name, around the tree.
manifest() {
    local formats="\"$2\"" program=bench
    [ "$2" != all ] || formats='"appimage", "archive", "deb", "oci", "rpm"'
    case $2 in msi | setup) program=bench.exe ;; esac
    mkdir -p "$work/$1"
    cat >"$work/$1/sealift.toml" <<END
targets = ["$(target_of "$2")"]
formats = [$formats]

[package]
name = "bench"
version = "1.0.0"
license = "MIT"
maintainer = "Nobody <nobody@example.org>"
summary = "measures packages"

[[files]]
kind = "data"
source = "lib/"
destination = "usr/lib/bench"

[[files]]
kind = "binary"
source = "bin/$program"
END
    case $2 in
        appimage | all)
            printf '\n[[files]]\nkind = "desktop"\nsource = "bench.desktop"\n\n[[files]]\nkind = "icon"\nsource = "bench.svg"\n' >>"$work/$1/sealift.toml"
            [ "$2" != all ] || printf '\n[appimage]\ncompression = "gzip"\n' >>"$work/$1/sealift.toml"
            ;;
    esac
    [ -z "$3" ] || printf '\n[%s]\n%s\n' "$2" "$3" >>"$work/$1/sealift.toml"
}

make_inputs() {
    mkdir -p "$work/installed/usr/lib/bench" "$work/installed/usr/bin" "$work/debian/DEBIAN"
    cp "$work/tree/bin/bench" "$work/tree/bin/bench.exe"
    printf '[Desktop Entry]\nType=Application\nName=bench\nExec=bench\nIcon=bench\nCategories=Utility;\nTerminal=true\n' >"$work/tree/bench.desktop"
    printf '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"/>\n' >"$work/tree/bench.svg"
    cp -R "$work/tree/lib/." "$work/installed/usr/lib/bench"
    cp "$work/tree/bin/bench" "$work/installed/usr/bin/bench"
    cp -R "$work/installed/." "$work/debian"
    cp -R "$work/installed/usr" "$work/npm"
    echo '{"name":"bench-linux-x64","version":"1.0.0"}' >"$work/npm/package.json"
    printf 'Package: bench\nVersion: 1.0.0-1\nArchitecture: amd64\nMaintainer: Nobody <nobody@example.org>\nDescription: x\n' \
        >"$work/debian/DEBIAN/control"
    cat >"$work/bench.spec" <<END
Name: bench
Version: 1.0.0
Release: 1
Summary: measures packages
License: MIT
AutoReqProv: no
%description
Measures packages.
%install
mkdir -p %{buildroot}
cp -R $work/installed/. %{buildroot}
%files
/usr/lib/bench
/usr/bin/bench
END
    printf 'OutFile "%s"\nSetCompressor /SOLID lzma\nInstallDir "$PROGRAMFILES\\bench"\nSection\nSetOutPath $INSTDIR\nFile /r "%s/*"\nSectionEnd\n' \
        "$work/reference" "$work/installed" >"$work/bench.nsi"
    write_wxs >"$work/bench.wxs"
}

# One component for each file, as ours. wixl takes no absolute paths.
write_wxs() {
    local file number=0 components='' references=''
    while IFS= read -r file; do
        number=$((number + 1))
        printf '<Component Id="c%s" Guid="*" Win64="yes"><File Id="f%s" KeyPath="yes" Source="%s"/></Component>\n' $number $number "$file"
    done < <(cd "$work" && find installed -type f | sort) >"$work/components"
    components=$(<"$work/components")
    references=$(sed 's|<Component Id="\(c[0-9]*\)".*|<ComponentRef Id="\1"/>|' "$work/components")
    cat <<END
<Wix xmlns="http://schemas.microsoft.com/wix/2006/wi"><Product Name="bench" Id="*" Language="1033" Version="1.0.0"
 UpgradeCode="E1930200-8C62-5A9C-ABDE-7D88ED1E844C" Manufacturer="Nobody">
<Package InstallerVersion="200" Compressed="yes" InstallScope="perMachine"/><Media Id="1" Cabinet="a.cab" EmbedCab="yes"/>
<Directory Id="TARGETDIR" Name="SourceDir"><Directory Id="ProgramFiles64Folder"><Directory Id="INSTALLDIR" Name="bench">
$components
</Directory></Directory></Directory><Feature Id="Program" Level="1">$references</Feature></Product></Wix>
END
}

# --- comparing ---

# ours NAME TARGET
# shellcheck disable=SC2317 # this and the references are called by `seconds`
ours() {
    rm -rf "$work/out"
    "$sealift" package --manifest "$work/$1/sealift.toml" --target "$2" --tree "$work/tree" \
        --out "$work/out" --threads "$threads" --date 0 "${options[@]}"
}

# The bytes of all artifacts, without the runtime before an AppImage's payload: the reference writes only that.
size_of_ours() {
    local total image
    total=$(find "$work/out" -type f ! -name '*.json' -printf '%s\n' | awk '{ n += $1 } END { print n }')
    image=$(find "$work/out" -name '*.AppImage')
    [ -z "$image" ] || total=$((total - $("$image" --appimage-offset)))
    echo "$total"
}

# compare NAME FORMAT-AND-KEYS TIME SIZE TITLE REFERENCE...: the reference writes $work/reference.
compare() {
    local name=$1 format key most_time=$3 most_size=$4 title=$5 run a b p q x y
    read -r format key <<<"$2"
    shift 5
    manifest "$name" "$format" "$key"
    : >"$work/ours"
    : >"$work/theirs"
    for run in $(seq 0 "$runs"); do
        rm -f "$work/reference"
        seconds ours "$name" "$(target_of "$format")" >"$work/a" || { echo "$name: sealift failed"; missed=1; return 0; }
        seconds "by_$1" "${@:2}" >"$work/b" || { echo "$name: $title failed"; missed=1; return 0; }
        [ "$run" -eq 0 ] || { cat "$work/a" >>"$work/ours"; cat "$work/b" >>"$work/theirs"; }
    done
    y=$(stat -c %s "$work/reference")
    [ "$format" != all ] || y=$(<"$work/references")
    x=$(size_of_ours)
    a=$(median 1 <"$work/ours") b=$(median 1 <"$work/theirs")
    p=$(median 2 <"$work/ours") q=$(median 2 <"$work/theirs")
    awk -v f="$name" -v n="$title" -v a="$a" -v b="$b" -v p="$p" -v q="$q" -v x="$x" -v y="$y" -v t="$most_time" -v s="$most_size" -v c="$threads" '
        BEGIN {
            # As they are printed.
            met = (t == "-" || sprintf("%.2f", a / b) + 0 <= t + 0) && (s == "-" || sprintf("%.3f", x / y) + 0 <= s + 0)
            printf "%-13s %7.3f s %7.3f MB   %-18s %7.3f s %7.3f MB   time %.2f (goal %s)  cpu %.2f  busy %.0f %%  size %.3f (goal %s)  %s\n",
                f, a, x / 1e6, n, b, y / 1e6, a / b, t, p / q, 100 * p / a / c, x / y, s, met ? "met" : "MISSED"
            exit !met
        }' || missed=1
}

# --- the other tools; the same files in the same places ---
# shellcheck disable=SC2317

by_tar_to() {
    tar --create --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 -C "$work/installed" . | "$@" >"$work/reference"
}

by_cpio_to() {
    (cd "$work/installed" && find . | LC_ALL=C sort | cpio --quiet -o -H odc) | "$@" >"$work/reference"
}

by_zip() { (cd "$work/installed" && zip -q -9 -X -r "$work/reference.zip" .) && mv "$work/reference.zip" "$work/reference"; }

by_seven_zip() {
    (cd "$work/installed" && 7z a -tzip -mx=9 "-mmt=$threads" "$work/reference.zip" .) && mv "$work/reference.zip" "$work/reference"
}

# No other program of Debian writes disk images: a volume that macOS reads, too, and a compressor with the same method.
by_dmg() {
    genisoimage -quiet -r -o "$work/volume" "$work/installed" && pigz -9 -n -p "$threads" -c "$work/volume" >"$work/reference"
}

by_npm() {
    (cd "$work/npm" && npm pack --silent --pack-destination "$work" >/dev/null) && mv "$work/bench-linux-x64-1.0.0.tgz" "$work/reference"
}

by_deb() { dpkg-deb "$@" --root-owner-group --build "$work/debian" "$work/reference"; }

by_msi() { (cd "$work" && wixl -a x64 -o reference bench.wxs); }

by_nsis() { makensis -V1 "$work/bench.nsi"; }

by_rpm() {
    rpmbuild -bb --quiet --define "_topdir $work/rpmbuild" --define "_binary_payload $1" \
        --define '__os_install_post %{nil}' --define 'debug_package %{nil}' --define '_build_id_links none' "$work/bench.spec" &&
        mv "$work"/rpmbuild/RPMS/*/*.rpm "$work/reference"
}

# by_squashfs COMPRESSION OPTION...
by_squashfs() {
    mksquashfs "$work/installed" "$work/reference" -noappend -comp "$@" -processors "$threads" -no-xattrs -all-root -no-progress
}

by_one_by_one() {
    local each sizes=0
    for each in 'squashfs gzip' "tar_to pigz -9 -n -p $threads" "tar_to pigz -6 -n -p $threads" 'deb -Zxz' "rpm w6T$threads.xzdio"; do
        rm -f "$work/reference"
        # shellcheck disable=SC2086 # words
        by_$each || return
        sizes=$((sizes + $(stat -c %s "$work/reference")))
    done
    echo "$sizes" >"$work/references"
}

main "$@"
