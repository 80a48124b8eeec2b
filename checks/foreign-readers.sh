#!/bin/sh
# Opens every package of a release with third-party programs, and compares the results with `contents` in
# release.json: paths, kinds, modes, sizes, SHA-256 sums and link targets.
#
# usage: foreign-readers.sh RELEASE-DIRECTORY [FORMAT...]
#
# With formats, packages of others are left out and counted.
#
# Needs dpkg-deb, rpm2cpio and cpio (or busybox, which has both), unsquashfs, umoci, msiextract, unzip, 7z, bsdtar, xz and zstd if the release has
# packages for them, and the POSIX commands with tar, gzip, sha256sum, stat and find of GNU or busybox. Also uses skopeo and
# python3 if they are installed.
# Exit status: 0 all packages match, 1 something differs or could not be opened, 2 there is nothing to compare.
set -eu
# Modes are compared, and sorting must not depend on the language.
umask 022
LC_ALL=C
export LC_ALL

say() { printf '%s\n' "$*"; }
cannot() { say "foreign-readers: $*" >&2; exit 2; }

[ $# -ge 1 ] || cannot "usage: foreign-readers.sh RELEASE-DIRECTORY [FORMAT...]"
release=$(cd "$1" && pwd) || cannot "no directory \`$1\`"
shift
wanted=" $* "
record=$release/release.json
[ -f "$record" ] || cannot "no file \`$record\`"
work=$(mktemp -d) || cannot "no temporary directory"
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT

need() { command -v "$1" >/dev/null 2>&1 || cannot "\`$1\` is needed for a package of format $2"; }

# Prints `format<TAB>file` of each artifact. The record has one key per line, indented by two spaces per level.
artifacts() {
    awk '
        /^  "artifacts": \[/ { inside = 1 }
        /^  \]/              { inside = 0 }
        !inside              { next }
        /^      "format": "/ { split($0, part, "\""); format = part[4] }
        /^      "file": "/   { split($0, part, "\""); print format "\t" part[4] }
    ' "$record"
}

# Prints the recorded contents of the artifact $1, a line for each: kind, mode, size, sum or target, path.
recorded() {
    awk -v wanted="$1" '
        function text(line) {
            if (line ~ /\\/) { print "an escaped character: " line >"/dev/stderr"; failed = 1; exit }
            sub(/^[^:]*: "/, "", line); sub(/",?$/, "", line); return line
        }
        function number(line) { sub(/^[^:]*: /, "", line); sub(/,$/, "", line); return line }
        function flush() {
            if (path != "") printf "%s\t%o\t%s\t%s\t%s\n", kind, mode, size, sum, path
            path = ""
        }
        /^      "file": "/            { inside = 0; current = text($0) }
        /^      "contents": \[$/      { inside = (current == wanted) }
        /^      \],?$/                { flush(); inside = 0 }
        !inside                       { next }
        /^          "path": /         { flush(); path = text($0) }
        /^          "mode": /         { mode = number($0) }
        /^          "content": "directory"/ { kind = "directory"; size = "-"; sum = "-" }
        /^ +"file": \{$/              { kind = "file" }
        /^ +"size": /                 { size = number($0) }
        /^ +"sha256": /               { sum = text($0) }
        /^ +"symlink": /              { kind = "link"; size = "-"; sum = text($0) }
        END                           { exit failed }
    ' "$record"
}

# Prints the contents of the directory $1 in the same form.
found() {
    (
        cd "$1"
        find . -mindepth 1 | while IFS= read -r name; do
            path=${name#./}
            if [ -L "$name" ]; then
                printf 'link\t777\t-\t%s\t%s\n' "$(readlink "$name")" "$path"
            elif [ -d "$name" ]; then
                printf 'directory\t%s\t-\t-\t%s\n' "$(stat -c %a "$name")" "$path"
            elif [ -f "$name" ]; then
                sum=$(sha256sum <"$name")
                printf 'file\t%s\t%s\t%s\n' "$(stat -c '%a	%s' "$name")" "${sum%% *}" "$path"
            else
                printf 'other\t-\t-\t-\t%s\n' "$path"
            fi
        done
    )
}

# One function per format: unpacks the package $1 into the directory $2.

unpack_tar() {
    tar -xpf "$work/own/archive.tar" -C "$2"
}

unpack_archive() {
    case $1 in
        *.zip) unpack_zip "$@" ;;
        *)
            gzip -dc "$1" >"$work/own/archive.tar"
            unpack_tar "$@"
            ;;
    esac
}

unpack_tar_xz() {
    need xz tar-xz
    xz -dc "$1" >"$work/own/archive.tar"
    unpack_tar "$@"
}

unpack_tar_zst() {
    need zstd tar-zst
    zstd -qdc "$1" >"$work/own/archive.tar"
    unpack_tar "$@"
}

unpack_zip() {
    need unzip zip
    # In the C locale it would rename what is not ASCII.
    LC_ALL=C.UTF-8 unzip -q "$1" -d "$2"
    if command -v python3 >/dev/null 2>&1; then
        python3 -c "import sys, zipfile; sys.exit(zipfile.ZipFile(sys.argv[1]).testzip())" "$1"
    fi
}

unpack_wheel() { unpack_zip "$@"; }

unpack_npm() {
    tar -xpf "$1" --strip-components=1 -C "$2"
}

unpack_deb() {
    need dpkg-deb deb
    dpkg-deb --fsys-tarfile "$1" >"$work/own/data.tar"
    dpkg-deb --ctrl-tarfile "$1" >"$work/own/control.tar"
    mkdir "$2/DEBIAN"
    tar -xpf "$work/own/data.tar" -C "$2"
    tar -xpf "$work/own/control.tar" -C "$2/DEBIAN"
    if [ -f "$2/DEBIAN/md5sums" ]; then
        (cd "$2" && md5sum -c DEBIAN/md5sums >/dev/null)
    fi
}

# number FILE OFFSET SIZE: the little-endian number of that many bytes.
number() (
    value=0 place=0
    for byte in $(dd if="$1" bs=1 skip="$2" count="$3" 2>/dev/null | od -An -tx1); do
        value=$((value + (0x$byte << place)))
        place=$((place + 8))
    done
    echo $value
)

# elf_end FILE: where the section headers of an ELF file end, which are its last part (System V gABI, chapter 4). The
# program itself could print it, but may be for another machine.
elf_end() {
    case $(number "$1" 4 1) in
        1) echo $(($(number "$1" 32 4) + $(number "$1" 46 2) * $(number "$1" 48 2))) ;;
        2) echo $(($(number "$1" 40 8) + $(number "$1" 58 2) * $(number "$1" 60 2))) ;;
        *) return 1 ;;
    esac
}

unpack_msi() {
    need msiextract msi
    mkdir "$work/own/msi"
    LC_ALL=C.UTF-8 msiextract -C "$work/own/msi" "$1" >/dev/null
    # The only thing there is the program's directory.
    cp -R "$work"/own/msi/*/. "$2"
    # Windows has no modes; the record says what counts as executable.
    find "$2" -type f -exec chmod 755 {} +
}

# Behind the program are the files as one frame of zstd, and their list; the end says how long both are.
unpack_setup() {
    need zstd setup
    number() { tail -c $((56 - 8 * $1)) "$2" | head -c 8 | od -An -t u8 | tr -d ' '; }
    start=$(number 0 "$1") data=$(number 1 "$1") list=$(number 2 "$1")
    tail -c "+$((start + 1))" "$1" | head -c "$data" | zstd -dc >"$work/own/data"
    tail -c "+$((start + data + 1))" "$1" | head -c "$list" | grep '^file' >"$work/own/list"
    at=1
    while IFS='	' read -r _ sum size _ path; do
        mkdir -p "$(dirname "$2/$path")"
        tail -c "+$at" "$work/own/data" | head -c "$size" >"$2/$path"
        printf '%s  %s\n' "$sum" "$2/$path" | sha256sum -c >/dev/null
        at=$((at + size))
    done <"$work/own/list"
    # Windows has no modes; the record says what counts as executable.
    find "$2" -type f -exec chmod 755 {} +
}

unpack_rpm() {
    rpm2cpio=rpm2cpio cpio=cpio
    if ! command -v rpm2cpio >/dev/null 2>&1 && command -v busybox >/dev/null 2>&1; then
        rpm2cpio='busybox rpm2cpio' cpio='busybox cpio'
    fi
    need ${rpm2cpio%% *} rpm
    need ${cpio%% *} rpm
    $rpm2cpio "$1" >"$work/own/content.cpio"
    (cd "$2" && $cpio -idm <"$work/own/content.cpio" 2>"$work/own/cpio.log")
}

unpack_appimage() {
    need unsquashfs appimage
    offset=$(elf_end "$1")
    # It creates its directory itself.
    rmdir "$2"
    unsquashfs -no-progress -offset "$offset" -dest "$2" "$1" >"$work/own/unsquashfs.log"
}

unpack_snap() {
    need unsquashfs snap
    rmdir "$2"
    unsquashfs -no-progress -dest "$2" "$1" >"$work/own/unsquashfs.log"
}

# The image has one volume, and 7z puts its files below its name. It changes links that lead out of it.
unpack_dmg() {
    need 7z dmg
    7z x -y "-o$work/own/volume" "$1" >"$work/own/7z.log"
    rmdir "$2"
    mv "$work"/own/volume/* "$2"
}

# The descriptions, the scripts, and the files where they are installed.
unpack_pkg() {
    need bsdtar pkg
    mkdir "$work/own/members" "$2/usr" "$2/usr/local"
    bsdtar -xf "$1" -C "$work/own/members"
    for component in "$work"/own/members/*.pkg; do
        bsdtar -xpf "$component/Payload" -C "$2/usr/local"
        rm "$component/Payload" "$component/Bom"
        [ ! -e "$component/Scripts" ] || {
            mv "$component/Scripts" "$work/own/scripts"
            mkdir "$component/Scripts"
            bsdtar -xpf "$work/own/scripts" -C "$component/Scripts"
        }
    done
    mv "$work"/own/members/* "$2"
}

# Unpacks each image of an index into the folder of its platform, as an image of its own.
unpack_index() {
    index=$(sed -n 's/.*"digest":"sha256:\([0-9a-f]*\)".*/\1/p' "$work/own/layout/index.json")
    grep -o '{"mediaType":"application/vnd.oci.image.manifest[^}]*}}' "$work/own/layout/blobs/sha256/$index" >"$work/own/images"
    while IFS= read -r image; do
        value() { printf %s "$image" | sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }
        variant=$(value variant)
        platform=$(value os)/$(value architecture)${variant:+/$variant}
        printf '{"schemaVersion":2,"manifests":[%s,"annotations":{"org.opencontainers.image.ref.name":"one"}}]}' \
            "${image%\}}" >"$work/own/layout/index.json"
        mkdir -p "$(dirname "$1/$platform")"
        umoci raw unpack --rootless --image "$work/own/layout:one" "$1/$platform"
    done <"$work/own/images"
}

unpack_oci() {
    need umoci oci
    mkdir "$work/own/layout"
    tar -xpf "$1" -C "$work/own/layout"
    name=$(sed -n 's/.*"org.opencontainers.image.ref.name":"\([^"]*\)".*/\1/p' "$work/own/layout/index.json")
    [ -n "$name" ] || cannot "index.json names no image"
    if grep -q 'image[.]index[.]v1[+]json","digest' "$work/own/layout/index.json"; then
        unpack_index "$2"
        return
    fi
    # It creates its directory itself. Not plain `unpack`, whose runtime configuration needs a resolv.conf.
    rmdir "$2"
    umoci raw unpack --rootless --image "$work/own/layout:$name" "$2"
    # The docker half of the file: each blob that it names must exist under its digest.
    grep -o 'blobs/sha256/[0-9a-f]*' "$work/own/layout/manifest.json" >"$work/own/blobs"
    [ "$(sort -u "$work/own/blobs" | wc -l)" -eq 2 ] || cannot "manifest.json does not name two blobs"
    while IFS= read -r blob; do
        sum=$(sha256sum <"$work/own/layout/$blob")
        [ "blobs/sha256/${sum%% *}" = "$blob" ] || { say "$blob has the sum ${sum%% *}"; return 1; }
    done <"$work/own/blobs"
    if command -v skopeo >/dev/null 2>&1; then
        skopeo inspect --config "oci-archive:$1" >"$work/own/as-oci"
        skopeo inspect --config "docker-archive:$1" >"$work/own/as-docker"
        cmp "$work/own/as-oci" "$work/own/as-docker"
    fi
}

# Removes the files of one package, regardless of their modes.
clear_work() {
    chmod -R u+w "$work/own"
    rm -rf "$work/own"
}

differing=0
checked=0
left=0
artifacts >"$work/artifacts"
while IFS='	' read -r format file; do
    case "$wanted" in
        '  ' | *" $format "*) ;;
        *) left=$((left + 1)) && continue ;;
    esac
    case $format in
        appimage | archive | deb | dmg | msi | npm | oci | pkg | rpm | setup | snap | tar-xz | tar-zst | wheel | zip) ;;
        *) cannot "no foreign reader is known for the format \`$format\` of $file" ;;
    esac
    mkdir "$work/own"
    target=$work/own/unpacked
    mkdir "$target"
    # In a separate shell, because `set -e` has no effect in a tested command.
    set +e
    (set -e && "unpack_$(printf %s "$format" | tr - _)" "$release/artifacts/$file" "$target") </dev/null
    status=$?
    set -e
    checked=$((checked + 1))
    if [ "$status" -ne 0 ]; then
        say "$file: could not be opened"
        differing=$((differing + 1))
        clear_work
        continue
    fi
    recorded "$file" >"$work/recorded.list" || cannot "cannot read \`$record\`"
    # The folder of the control files was created by this script.
    found "$target" | { grep -v "^directory	.*	DEBIAN\$" || true; } >"$work/found.list"
    case $format in
        npm | oci | pkg | rpm | wheel)
            # Those of the system, which an rpm or pkg does not own; npm packages and wheels have none, and neither have platforms of images.
            grep -v '^directory	' "$work/found.list" >"$work/files.list" || true
            grep '^directory	' "$work/found.list" | grep -Fxf "$work/recorded.list" >>"$work/files.list" || true
            mv "$work/files.list" "$work/found.list"
            ;;
    esac
    sort "$work/recorded.list" >"$work/recorded"
    sort "$work/found.list" >"$work/found"
    entries=$(wc -l <"$work/recorded")
    [ "$entries" -gt 0 ] || cannot "release.json has no contents for $file"
    if diff -u "$work/recorded" "$work/found" >"$work/differences"; then
        say "$file: $entries entries are equal"
    else
        say "$file: release.json (-) and what was found (+) differ:"
        cat "$work/differences"
        differing=$((differing + 1))
    fi
    clear_work
done <"$work/artifacts"

[ "$checked" -gt 0 ] || cannot "release.json has no artifacts"
[ "$differing" -eq 0 ] || { say "$differing of $checked packages differ"; exit 1; }
[ "$left" -eq 0 ] || say "$left packages of other formats were left out"
say "all $checked packages are equal"
