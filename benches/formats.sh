#!/bin/bash
# Prints time and size of each format beside the usual tool's, as ratios, on a tree of shared libraries.
#
# usage: benches/formats.sh [TREE-DIRECTORY]
#
# The tree: without an argument, this machine's shared libraries in the order of their paths until there are 40 MB, none
# above 8 MB; so it is the same on each run, and as compressible as programs are. Its size is printed.
# Each tool runs RUNS times (default 5) in turn with ours; medians are printed. Ours is the whole command
# `sealift package`, which also reads the tree, hashes everything and writes records.
# On a busy machine the time on the clock says little; the ratio of processor time is printed beside it.
# Environment: SEALIFT, the program (default target/release/sealift); RUNS; THREADS (default: all cores); FORMATS, which to
# compare (default "appimage archive dmg msi npm oci deb rpm snap tar-xz tar-zst zip all"; `all` is one run that writes an
# AppImage, an archive, an image, a deb and an rpm, beside the tools for each one after the other); APPIMAGE_RUNTIME, a
# file, where the program was built without one.
#
# Goals, as shares of the other tool's time and size: AppImage payload 0.5 of the time at 1.0 of the size (gzip), image 0.6
# of pigz's time, deb 1.05 of dpkg-deb's time, rpm 1.05 of rpmbuild's time with as many threads, npm packages 0.5 of npm
# pack's time at 1.0 of the size, msi 0.5 of wixl's time at 1.0 of its size, dmg 0.5 of the time of genisoimage and pigz -9
# at 1.0 of the size, tar-xz, tar-zst and zip 1.02 of the size that the usual tools reach (1.0 of zip), all of them in 0.75
# of the tools' time. What is missing is said, not installed. Exit status: 0 all that ran met its goal, 1 not, 2 no run.
set -euo pipefail
LC_ALL=C
export LC_ALL

root=$(cd "$(dirname "$0")/.." && pwd)
sealift=${SEALIFT:-$root/target/release/sealift}
runs=${RUNS:-5}
threads=${THREADS:-$(nproc)}
formats=${FORMATS:-appimage archive dmg msi npm oci deb rpm snap tar-xz tar-zst zip all}
runtime=()
[ -z "${APPIMAGE_RUNTIME:-}" ] || runtime=(--appimage-runtime "$APPIMAGE_RUNTIME")
[ -x "$sealift" ] || { echo "no program \`$sealift\`: run \`cargo build --release\`, or set SEALIFT" >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
missed=0

# The tree, and a project with a manifest for each format around it.
mkdir -p "$work/tree/lib"
if [ $# -gt 0 ]; then
    cp -R "$1/." "$work/tree/lib"
else
    total=0
    while IFS= read -r file; do
        size=$(stat -c %s "$file")
        [ "$size" -le 8000000 ] || continue
        # Libraries of the same name in different folders stay apart.
        cp "$file" "$work/tree/lib/${file//\//_}"
        total=$((total + size))
        [ "$total" -lt 40000000 ] || break
    done < <(find /usr/lib /lib -type f -name '*.so*' 2>/dev/null | sort -u)
fi
bytes=$(find "$work/tree/lib" -type f -printf '%s\n' | awk '{ n += $1 } END { print n + 0 }')
count=$(find "$work/tree/lib" -type f | wc -l)
[ "$bytes" -gt 0 ] || { echo "the tree is empty" >&2; exit 2; }

# Programs are copied as they are, so that their target is only a word here.
target_of() {
    case $1 in
        dmg) echo aarch64-apple-darwin ;;
        msi) echo x86_64-pc-windows-gnullvm ;;
        *) echo x86_64-unknown-linux-musl ;;
    esac
}

manifest() {
    mkdir -p "$work/$1"
    cat >"$work/$1/sealift.toml" <<EOF
targets = ["$(target_of "$1")"]
formats = ["$1"]

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
source = "bin/bench"
$2
EOF
}
mkdir "$work/tree/bin"
cp "$sealift" "$work/tree/bin/bench"
cp "$sealift" "$work/tree/bin/bench.exe"

# Prints the seconds of a command on the clock and on all processors; its output is shown when it fails.
seconds() {
    local TIMEFORMAT='%R %U %S'
    { time "$@" >"$work/log" 2>&1; } 2>"$work/times" || { cat "$work/log" >&2; return 1; }
    awk '{ printf "%.3f %.3f\n", $1, $2 + $3 }' "$work/times"
}

# The median of column $1.
median() { awk -v c="$1" '{ print $c }' | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

# shellcheck disable=SC2317  # This and the references are called by `seconds`.
ours() {
    rm -rf "$work/out"
    "$sealift" package --manifest "$work/$1/sealift.toml" --target "$(target_of "$1")" --tree "$work/tree" \
        --out "$work/out" --threads "$threads" --date 0 "${runtime[@]}"
}

artifact() { find "$work/out" -type f ! -name '*.json'; }

# Compares format $1, held to $2 of the time and $3 of the size, with the command $5… that writes $work/reference.
compare() {
    local format=$1 most_time=$2 most_size=$3 name=$4 run
    shift 4
    : >"$work/ours"
    : >"$work/theirs"
    for run in $(seq 0 "$runs"); do
        rm -f "$work/reference"
        # The first round only fills the caches.
        seconds ours "$format" >"$work/a" || { echo "$format: sealift failed"; missed=1; return; }
        seconds "$@" >"$work/b" || { echo "$format: $name failed"; missed=1; return; }
        [ "$run" -eq 0 ] || { cat "$work/a" >>"$work/ours"; cat "$work/b" >>"$work/theirs"; }
    done
    local a b p q x y
    if [ "$format" = all ]; then
        y=$(cat "$work/references")
        x=$(find "$work/out" -type f ! -name '*.json' -printf '%s\n' | awk '{ n += $1 } END { print n }')
        x=$((x - $(find "$work/out" -name '*.AppImage' -exec {} --appimage-offset \;)))
    else
        y=$(stat -c %s "$work/reference")
        x=$(($(stat -c %s "$(artifact)") - $(overhead "$format")))
    fi
    a=$(median 1 <"$work/ours") b=$(median 1 <"$work/theirs")
    p=$(median 2 <"$work/ours") q=$(median 2 <"$work/theirs")
    awk -v f="$format" -v n="$name" -v a="$a" -v b="$b" -v p="$p" -v q="$q" -v x="$x" -v y="$y" -v t="$most_time" -v s="$most_size" -v c="$threads" '
        BEGIN {
            met = (t == "-" || a / b <= t) && (s == "-" || x / y <= s)
            printf "%-9s %7.3f s %7.3f MB   %-15s %7.3f s %7.3f MB   time %.2f (goal %s)  cpu %.2f  busy %.0f %%  size %.3f (goal %s)  %s\n",
                f, a, x / 1e6, n, b, y / 1e6, a / b, t, p / q, 100 * p / a / c, x / y, s, met ? "met" : "MISSED"
            exit !met
        }' || missed=1
}

# What stands before the payload, for the one format where the reference writes only that.
overhead() {
    case $1 in
        appimage) "$(artifact)" --appimage-offset ;;
        *) echo 0 ;;
    esac
}

have() { command -v "$1" >/dev/null 2>&1 || { echo "$2: not compared, \`$1\` is missing"; return 1; }; }

# shellcheck disable=SC2317
reference_tar() {
    # The same files in the same places.
    tar --create --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 -C "$work/installed" . | "$@" >"$work/reference"
}
# shellcheck disable=SC2317
reference_zip() { (cd "$work/installed" && zip -q -9 -X -r "$work/reference.zip" .) && mv "$work/reference.zip" "$work/reference"; }
# shellcheck disable=SC2317
reference_7z() { (cd "$work/installed" && 7z a -tzip -mx=9 "-mmt=$threads" "$work/reference.zip" . ) && mv "$work/reference.zip" "$work/reference"; }
# No other program of Debian writes disk images: a volume that macOS reads, too, and a compressor with the same method.
# shellcheck disable=SC2317
reference_dmg() {
    genisoimage -quiet -r -o "$work/volume" "$work/installed" && pigz -9 -n -p "$threads" -c "$work/volume" >"$work/reference"
}
# shellcheck disable=SC2317
reference_npm() {
    (cd "$work/npm" && npm pack --silent --pack-destination "$work" >/dev/null) && mv "$work/bench-linux-x64-1.0.0.tgz" "$work/reference"
}
# shellcheck disable=SC2317
reference_deb() { dpkg-deb -Zxz --root-owner-group --build "$work/debian" "$work/reference"; }
# shellcheck disable=SC2317
reference_msi() { (cd "$work" && wixl -a x64 -o reference bench.wxs); }
# shellcheck disable=SC2317
reference_rpm() {
    rpmbuild -bb --quiet --define "_topdir $work/rpmbuild" --define "_binary_payload w6T$threads.xzdio" \
        --define '__os_install_post %{nil}' --define 'debug_package %{nil}' --define '_build_id_links none' "$work/bench.spec" &&
        mv "$work"/rpmbuild/RPMS/*/*.rpm "$work/reference"
}
# shellcheck disable=SC2317
reference_all() {
    local each sizes=0
    for each in reference_squashfs 'reference_tar pigz -9 -n -p' 'reference_tar pigz -6 -n -p' reference_deb reference_rpm; do
        rm -f "$work/reference"
        case $each in
            *-p) $each "$threads" ;;
            *) $each ;;
        esac || return
        sizes=$((sizes + $(stat -c %s "$work/reference")))
    done
    echo "$sizes" >"$work/references"
}
# shellcheck disable=SC2317
reference_squashfs() {
    mksquashfs "$work/installed" "$work/reference" -comp gzip -processors "$threads" -no-xattrs -all-root -no-progress
}

# As `snap pack` calls it.
# shellcheck disable=SC2317
reference_snap() {
    mksquashfs "$work/installed" "$work/reference" -noappend -comp xz -no-fragments -processors "$threads" -no-xattrs -all-root \
        -no-progress
}

mkdir -p "$work/installed/usr/lib/bench" "$work/installed/usr/bin" "$work/debian/DEBIAN"
cp -R "$work/tree/lib/." "$work/installed/usr/lib/bench"
cp "$sealift" "$work/installed/usr/bin/bench"
cp -R "$work/installed/." "$work/debian"
cp -R "$work/installed/usr" "$work/npm"
echo '{"name":"bench-linux-x64","version":"1.0.0"}' >"$work/npm/package.json"
printf 'Package: bench\nVersion: 1.0.0-1\nArchitecture: amd64\nMaintainer: Nobody <nobody@example.org>\nDescription: x\n' \
    >"$work/debian/DEBIAN/control"

cat >"$work/bench.spec" <<EOF
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
EOF

# One component for each file, as ours. wixl takes no absolute paths.
write_wxs() {
    local file number=0 references=
    printf '<Wix xmlns="http://schemas.microsoft.com/wix/2006/wi"><Product Name="bench" Id="*" Language="1033" Version="1.0.0" '
    printf 'UpgradeCode="E1930200-8C62-5A9C-ABDE-7D88ED1E844C" Manufacturer="Nobody">'
    printf '<Package InstallerVersion="200" Compressed="yes" InstallScope="perMachine"/><Media Id="1" Cabinet="a.cab" EmbedCab="yes"/>'
    printf '<Directory Id="TARGETDIR" Name="SourceDir"><Directory Id="ProgramFiles64Folder"><Directory Id="INSTALLDIR" Name="bench">'
    while IFS= read -r file; do
        number=$((number + 1))
        printf '<Component Id="c%s" Guid="*" Win64="yes"><File Id="f%s" KeyPath="yes" Source="%s"/></Component>' $number $number "$file"
        references+="<ComponentRef Id=\"c$number\"/>"
    done < <(cd "$work" && find installed -type f | sort)
    printf '</Directory></Directory></Directory><Feature Id="Program" Level="1">%s</Feature></Product></Wix>' "$references"
}

echo "tree: $count files, $bytes bytes; $threads threads, $runs runs; load $(cut -d' ' -f1-3 /proc/loadavg)"
desktop='
[[files]]
kind = "desktop"
source = "bench.desktop"

[[files]]
kind = "icon"
source = "bench.svg"

[appimage]
compression = "gzip"'
manifest appimage "$desktop"
manifest all "$desktop"
sed -i 's/^formats = .*/formats = ["appimage", "archive", "deb", "oci", "rpm"]/' "$work/all/sealift.toml"
printf '[Desktop Entry]\nType=Application\nName=bench\nExec=bench\nIcon=bench\nCategories=Utility;\nTerminal=true\n' >"$work/tree/bench.desktop"
printf '<svg xmlns="http://www.w3.org/2000/svg"/>\n' >"$work/tree/bench.svg"
manifest archive ''
manifest deb ''
manifest dmg ''
manifest msi ''
manifest npm ''
manifest oci ''
manifest rpm ''
manifest snap ''
manifest tar-xz ''
manifest tar-zst ''
manifest zip ''

for format in $formats; do
    case $format in
        appimage) have mksquashfs "$format" && compare appimage 0.5 1.0 "mksquashfs gzip" reference_squashfs ;;
        archive) have pigz "$format" && compare archive - 1.0 "tar | pigz -9" reference_tar pigz -9 -n -p "$threads" ;;
        npm) have npm "$format" && compare npm 0.5 1.0 "npm pack" reference_npm ;;
        oci) have pigz "$format" && compare oci 0.6 - "tar | pigz -6" reference_tar pigz -6 -n -p "$threads" ;;
        dmg) have genisoimage "$format" && have pigz "$format" && compare dmg 0.5 1.0 "genisoimage|pigz" reference_dmg ;;
        deb) have dpkg-deb "$format" && compare deb 1.05 - "dpkg-deb -Zxz" reference_deb ;;
        rpm) have rpmbuild "$format" && compare rpm 1.05 - "rpmbuild xz" reference_rpm ;;
        snap) have mksquashfs "$format" && compare snap 1.0 1.0 "mksquashfs xz" reference_snap ;;
        tar-xz) have xz "$format" && compare tar-xz - 1.02 "tar | xz -6" reference_tar xz -6 "-T$threads" -c ;;
        tar-zst) have zstd "$format" && compare tar-zst - 1.02 "tar | zstd -19" reference_tar zstd -q -19 "-T$threads" -c ;;
        msi)
            have wixl "$format" && write_wxs >"$work/bench.wxs" && compare msi 0.5 1.0 "wixl" reference_msi
            ;;
        zip)
            have zip "$format" && compare zip - 1.0 "zip -9" reference_zip
            have 7z "$format" && compare zip - 1.02 "7z -tzip -mx=9" reference_7z
            ;;
        all)
            have mksquashfs "$format" && have pigz "$format" && have dpkg-deb "$format" && have rpmbuild "$format" &&
                compare all 0.75 1.0 "one after another" reference_all
            ;;
        *) echo "unknown format \`$format\`" >&2; exit 2 ;;
    esac || true
done
exit "$missed"
