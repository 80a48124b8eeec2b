#!/usr/bin/env bash
# Packs trees that are larger than most, and measures memory: a file of 5 GB, 200,000 files, and 2 GB in 400 files.
#
#     checks/huge.sh SEALIFT [FORMAT...]
#
# SEALIFT is the program; without formats, all that it has. Each package is opened again by `sealift gate`. Prints a line
# for each tree and format: what became of it, seconds, the highest memory while packing and while reading, and the size.
# A format that cannot hold a tree has to say so, and to leave nothing behind. Exit status: 0 if each package was written in
# less than 300 MB (all formats at once: 500 MB) and read in less than 300 MB, or refused with a message and exit code 2; 1
# otherwise.
# Takes 8 GB of disk space. Needs GNU time.

set -uo pipefail
[ $# -ge 1 ] || { echo "usage: $0 SEALIFT [FORMAT...]" >&2; exit 2; }
sealift=$(realpath "$1")
shift
[ -x /usr/bin/time ] || { echo "$0: GNU time is needed (Debian's package \`time\`)" >&2; exit 2; }
[ $# -gt 0 ] || set -- appimage archive deb dmg msi npm oci pkg rpm setup snap tar-xz tar-zst wheel zip
# For a directory that is on a disk: the packages are not small.
work=$(mktemp -d -p "${TMPDIR:-/var/tmp}") || exit 2
trap 'rm -rf "$work"' EXIT
failed=0

target_of() {
    case $1 in
        dmg | pkg) echo aarch64-apple-darwin ;;
        msi | setup) echo x86_64-pc-windows-gnullvm ;;
        *) echo x86_64-unknown-linux-musl ;;
    esac
}

# Of lines that are all different and have much in common, as logs have.
text() { seq -f 'line %.0f of a file that is larger than most' "$1" "$2"; }

make_trees() {
    local each
    mkdir -p "$work"/{sparse,many,large}/tree/{bin,data} || return
    truncate -s 5000000000 "$work/sparse/tree/data/file"
    for each in $(seq 0 199); do mkdir "$work/many/tree/data/$each"; done
    (cd "$work/many/tree/data" && seq -f '%06.0f' 0 199999 | awk '{ file = ($1 % 200) "/" $1; print "content of " $1 >file; close(file) }')
    text 1 100000 >"$work/part"
    for each in $(seq 400); do { echo "$each"; cat "$work/part"; } >"$work/large/tree/data/$each"; done
    for each in sparse many large; do
        printf '#!/bin/sh\necho hello\n' >"$work/$each/tree/bin/hello"
        chmod 755 "$work/$each/tree/bin/hello"
        echo 'Permission is hereby granted.' >"$work/$each/tree/LICENSE"
    done
}

# manifest TREE TARGET FORMAT...
manifest() {
    local tree=$1 target=$2 program=hello
    shift 2
    case $target in
        *windows*)
            program=hello.exe
            cp "$work/$tree/tree/bin/hello" "$work/$tree/tree/bin/hello.exe"
            ;;
    esac
    cat >"$work/$tree/sealift.toml" <<MANIFEST
targets = ["$target"]
formats = [$(printf '"%s",' "$@")]

[package]
name = "hello"
version = "1.2.3"
summary = "greets everybody who asks"
license = "MIT"
maintainer = "A. Person <a@example.org>"

[[files]]
kind = "binary"
source = "bin/$program"

[[files]]
kind = "license"
source = "LICENSE"

[[files]]
kind = "data"
source = "data/"
destination = "usr/share/hello"
MANIFEST
}

# measured FILE COMMAND...: runs it; FILE gets seconds and KiB, FILE.said what it said.
measured() {
    local file=$1
    shift
    /usr/bin/time --format '%e %M' --output "$file" --quiet "$@" >"$file.said" 2>&1
}

# release_of RECORD...: the release of the packages that these records are beside.
release_of() {
    local record options=()
    : >"$work/gated.said"
    for record; do options+=(--artifact "${record%.artifact.json}"); done
    "$sealift" release "${options[@]}" --out "$work/release" >"$work/gated.said" 2>&1
}

# judge TREE LIMIT NAME FORMAT...: packs the tree in these formats, and opens them again.
judge() {
    local tree=$1 limit=$2 name=$3 target status seconds memory read=- size verdict=written
    shift 3
    target=$(target_of "$1")
    manifest "$tree" "$target" "$@"
    rm -rf "$work/out" "$work/release"
    (cd "$work/$tree" && measured "$work/packed" "$sealift" package --target "$target" --tree tree --out "$work/out" --date 1700000000)
    status=$?
    read -r seconds memory < <(tail -n 1 "$work/packed")
    size=$(find "$work/out" -type f ! -name '*.json' -printf '%s\n' 2>/dev/null | awk '{ n += $1 } END { print n + 0 }')
    case $status in
        0)
            # Other gates have reasons of their own to fail: the program is a script, and the downloads are large.
            release_of "$work"/out/*.artifact.json && { measured "$work/gated" "$sealift" gate "$work/release" || true; }
            grep -q '^pass *packages ' "$work/gated.said" || verdict="not read: $(tail -n 2 "$work/gated.said")"
            read=$(tail -n 1 "$work/gated" | cut -d' ' -f2)
            ;;
        2)
            verdict="refused: $(grep -m 1 '^error: ' "$work/packed.said" | sed "s|$work/||g")"
            [ "$size" = 0 ] || verdict="left something behind, $verdict"
            ;;
        *) verdict="exit code $status: $(tail -n 2 "$work/packed.said")" ;;
    esac
    printf '%-7s %-9s %7s s %6d MB %6s MB %12d  %s\n' "$tree" "$name" "$seconds" $((memory / 1024)) \
        "$([ "$read" = - ] && echo - || echo $((read / 1024)))" "$size" "$verdict"
    case $verdict in written | refused:\ error:*) ;; *) failed=1 ;; esac
    [ $((memory / 1024)) -le "$limit" ] || { echo "  more than $limit MB" && failed=1; }
    [ "$read" = - ] || [ $((read / 1024)) -le 300 ] || { echo '  more than 300 MB for reading' && failed=1; }
    rm -rf "$work/out" "$work/release"
}

make_trees || exit 2
printf '%-7s %-9s %9s %9s %9s %12s\n' tree format time packing reading size
for tree in ${TREES:-sparse many large}; do
    for format; do judge "$tree" 300 "$format" "$format"; done
done
linux=()
for format; do case $(target_of "$format") in *-linux-*) linux+=("$format") ;; esac; done
judge large 500 'all linux' "${linux[@]}"
exit $failed
