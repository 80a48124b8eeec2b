#!/usr/bin/env bash
# Opens disk images for macOS with the programs that there are for them on Linux.
#
#     checks/acceptance/dmg.sh RELEASE-DIRECTORY
#
# Needs root and Debian's mirrors, from which fsck.hfsplus comes: Apple's own program, which looks at every record. 7z and
# dmg2img read images without anything of Sealift's, and bundle.py judges applications. PyPI's ds_store and mac_alias read the
# description of a window. Prints `ok NAME` or `FAIL NAME` for
# each test, with the output of failed ones; exits with 1 if one failed.
#
# The release's program packs its macOS program: as one of the command line, as an application, and in trees of many
# layouts.

set -uo pipefail
# shellcheck source=SCRIPTDIR/lib.sh
. "$(dirname "$0")/lib.sh"
here=$(realpath "$(dirname "$0")")

main() {
    [ $# -eq 1 ] || die "usage: $0 RELEASE-DIRECTORY"
    need_root 'install fsck.hfsplus'
    need_tools jq:jq python3:python3 mmdebstrap:mmdebstrap 7z:p7zip-full dmg2img:dmg2img
    python3 -c 'import ensurepip' 2>/dev/null || need_tools ensurepip:python3-venv
    open_release "$1"
    judges '*.dmg'
    open_work
    export TMPDIR=$work
    tar -xzf "$(one_of "$release/artifacts/*-x86_64-unknown-linux-musl.tar.gz")" -C "$work"
    sealift=$(one_of "$work/sealift-*-x86_64-unknown-linux-musl/sealift")
    tar -xzf "$(one_of "$release/artifacts/*-universal2-apple-darwin.tar.gz")" -C "$work"
    program=$(one_of "$work/sealift-*-universal2-apple-darwin/sealift")
    get_fsck
    (set -e && make_application) >"$work/log" 2>&1
    status=$?
    [ $status = 0 ] || die "the application cannot be packed: $(cat "$work/log")"
    image=$(one_of "$work/application/out/*.dmg")
    run_tests
}

# fsck.hfsplus is not free by Debian's rules, so it is unpacked and not installed.
get_fsck() {
    apt-config dump | grep '^Acquire::' >"$work/apt.conf" || true
    sources | sed 's/ main$/ main contrib non-free/' |
        mmdebstrap --variant=extract --aptopt="$work/apt.conf" --quiet --include=hfsprogs $suite "$work/hfsprogs" - \
            >"$work/log" 2>&1 || die "fsck.hfsplus cannot be fetched: $(cat "$work/log")"
}

fsck() { LD_LIBRARY_PATH=$work/hfsprogs/usr/lib/x86_64-linux-gnu "$work/hfsprogs/sbin/fsck.hfsplus" -n -f -d "$1"; }

make_application() {
    local project=$work/application size
    mac_project dmg hello "$project"
    for size in 16 32 48 128 256 512; do
        picture $size "$project/tree/$size.png"
        cat >>"$project/sealift.toml" <<MANIFEST

[[files]]
kind = "icon"
source = "$size.png"
destination = "usr/share/icons/hicolor/${size}x$size/apps/hello.png"
targets = ["macos"]
MANIFEST
    done
    # It holds Sealift's own program twice.
    printf '\n[gates.size]\nartifact-limit-bytes = 50_000_000\n' >>"$project/sealift.toml"
    # A helper is known by its own signature, which stays as it is.
    cp "$program" "$project/tree/bin/helper"
    printf '\n[[files]]\nkind = "binary"\nsource = "bin/helper"\n' >>"$project/sealift.toml"
    printf '[Desktop Entry]\nType=Application\nName=Hello\nExec=hello %%U\nIcon=hello\nCategories=Utility;\n' >"$project/tree/org.example.Hello.desktop"
    printf '\n[[files]]\nkind = "desktop"\nsource = "org.example.Hello.desktop"\ntargets = ["macos"]\n' >>"$project/sealift.toml"
    mkdir -p "$project/tree/data/de.lproj" "$project/tree/data/Ünïcode"
    echo hallo >"$project/tree/data/de.lproj/x.strings"
    echo 日本 >"$project/tree/data/Ünïcode/ファイル"
    : >"$project/tree/data/empty"
    printf '\n[[files]]\nkind = "data"\nsource = "data/"\ndestination = "usr/share/hello"\n' >>"$project/sealift.toml"
    mac_package "$project" --out "$project/out"
}

# picture SIZE FILE: a PNG of one color.
picture() {
    python3 - "$1" >"$2" <<'PYTHON'
import struct, sys, zlib
size = int(sys.argv[1])
chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
rows = (b"\0" + b"\x20\x80\xc0\xff" * size) * size
sys.stdout.buffer.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0))
                        + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
PYTHON
}

# open_image IMAGE: the volume as `volume.img`, checked, and its files in `files`; both compared with the record beside the
# image.
open_image() {
    rm -rf volume.img files
    # dmg2img follows the list of chunks and knows nothing of sums; 7z compares these.
    dmg2img -s "$1" volume.img >dmg2img.log 2>&1 || { cat dmg2img.log; return 1; }
    7z t "$1" >7z.log 2>&1 || { cat 7z.log; return 1; }
    fsck volume.img >fsck.log 2>&1 || { cat fsck.log; return 1; }
    contains "$(cat fsck.log)" 'appears to be OK'
    7z l -slt volume.img >listing
    # It refuses links that lead out of the volume, and then its exit code says so; what is missing is found below.
    7z x -y -ofiles volume.img >7z.log 2>&1 || true
    mv files/* volume && rmdir files && mv volume files
    python3 "$here/volume.py" "$1.artifact.json" listing files
}

test_the_image_of_the_release_holds_what_its_record_says() {
    ln -s "${judged[0]}" own.dmg
    jq '.artifacts[] | select(.format == "dmg")' "$release/release.json" >own.dmg.artifact.json
    open_image own.dmg
    cmp "$program" files/sealift
}

test_a_program_of_the_command_line_is_there_as_in_an_archive() {
    mac_project dmg sealift project
    mac_package "$PWD/project" --out "$PWD/project/out"
    open_image "$(one_of 'project/out/*.dmg')"
    equal 'LICENSE sealift' "$(cd files && echo *)"
    cmp "$program" files/sealift
}

test_an_application_is_sound_and_beside_a_link_to_the_folder_of_applications() {
    open_image "$image"
    # The target of a link is its content in a volume.
    equal /Applications "$(7z x -so volume.img 'hello 1.2.3/Applications')"
    [ -s files/.VolumeIcon.icns ]
    cmp files/.VolumeIcon.icns files/Hello.app/Contents/Resources/hello.icns
    equal 日本 "$(cat "files/Hello.app/Contents/Resources/share/hello/$(printf 'U\u0308ni\u0308code/ファイル')")"
}

test_description_seal_and_signatures_of_an_application_are_valid() {
    open_image "$image"
    python3 "$here/bundle.py" files/Hello.app >said
    cat said
    jq -e '.identifier == "org.example.Hello" and .machines == 2 and .sealed >= 6' said
    jq -e '.icon == ["icp4", "icp5", "ic11", "ic12", "ic07", "ic08", "ic13", "ic09", "ic14"]' said
}

# The program's signature is another one than in the tree, and the gates know it nevertheless.
test_an_application_passes_the_gates() {
    mkdir packages
    cp "$image" "$image.artifact.json" packages/
    "$sealift" release --manifest "$work/application/sealift.toml" --artifact packages/*.dmg --out release
    "$sealift" gate release >said || { cat said; return 1; }
    contains "$(cat said)" 'pass   macos'
    contains "$(cat said)" 'pass   packages'
}

test_no_changed_missing_or_added_file_of_an_application_is_valid() {
    open_image "$image"
    local contents=files/Hello.app/Contents
    python3 "$here/bundle.py" files/Hello.app
    cp -a $contents kept
    judged_wrong() {
        fails 1 python3 "$here/bundle.py" files/Hello.app
        rm -rf $contents
        cp -a kept $contents
    }
    echo more >>$contents/Resources/share/licenses/hello/LICENSE
    judged_wrong
    echo more >$contents/Resources/another
    judged_wrong
    rm $contents/Resources/share/hello/empty
    judged_wrong
    # A translation may be missing.
    rm -r $contents/Resources/share/hello/de.lproj
    python3 "$here/bundle.py" files/Hello.app
    sed -i 's/1\.2\.3/1.2.4/' $contents/Info.plist
    judged_wrong
    printf x | dd of=$contents/MacOS/hello bs=1 seek=50000 conv=notrunc status=none
    judged_wrong
    printf x | dd of=$contents/MacOS/helper bs=1 seek=50000 conv=notrunc status=none
    judged_wrong
    python3 "$here/bundle.py" files/Hello.app
}

test_the_bytes_are_the_same_for_any_number_of_threads_and_each_machine_has_its_own_image() {
    local target
    mac_package "$work/application" --threads 1 --out "$PWD/one"
    mac_package "$work/application" --threads 5 --out "$PWD/five"
    cmp one/*.dmg five/*.dmg
    cmp one/*.dmg "$image"
    for target in x86_64 aarch64; do
        sed "s/universal2-apple-darwin/$target-apple-darwin/" "$work/application/sealift.toml" >"$work/application/$target.toml"
        "$sealift" package --target "$target-apple-darwin" --manifest "$work/application/$target.toml" --tree "$work/application/tree" --date 1700000000 \
            --out "$PWD/$target"
        open_image "$(one_of "$target/*.dmg")"
    done
}

# Both packages are of those who make disk images on a Mac: they read what the Finder writes.
test_the_finder_finds_the_background_and_the_places_of_the_icons() {
    cp -a "$work/application" project
    rm -rf project/out
    picture 640 project/background.png
    printf '\n[dmg]\nbackground = "background.png"\n' >>project/sealift.toml
    mac_package "$PWD/project" --out "$PWD/project/out"
    open_image "$(one_of 'project/out/*.dmg')"
    cmp project/background.png files/.background.png
    python3 -m venv env
    env/bin/pip install --quiet ds_store mac_alias
    env/bin/python "$here/window.py" files/.DS_Store >window
    cat window
    jq -e '.bounds == "{{200, 120}, {640, 668}}" and .type == 2 and .view == "icnv"' window
    jq -e '.places == {"Applications": [480, 320], "Hello.app": [160, 320]}' window
    jq -e '.volume == "hello 1.2.3" and .picture == ".background.png" and .path == "/.background.png"' window
    jq -e '.folder == 2 and .number > 16 and .date == "2023-11-14T22:13:20+00:00"' window
    echo GIF89a >project/background.png
    fails 2 mac_package "$PWD/project" --out "$PWD/other" 2>said
    contains "$(cat said)" 'background.png` is something else; expected a PNG picture'
}

# Thousands of names, so that the catalog has three levels; names of every alphabet; empty files, and sizes around blocks
# and chunks. The same seeds every time.
test_volumes_of_many_layouts_are_sound() {
    local seed
    for seed in $(seq 12); do
        rm -rf project
        mac_project dmg hello project
        printf '\n[[files]]\nkind = "data"\nsource = "data/"\ndestination = "usr/share/hello"\n' >>project/sealift.toml
        python3 "$here/layout.py" "$seed" project/tree/data
        mac_package "$PWD/project" --out "$PWD/project/out"
        open_image "$(one_of 'project/out/*.dmg')"
        # Names are apart from their marks in a volume, so that contents are compared in the order of both.
        equal "$(sums_of project/tree/data)" "$(sums_of files/share/hello)"
        echo "seed $seed: $(find files | wc -l) files and directories"
    done
}

sums_of() { (cd "$1" && find . -type f -exec sha256sum {} + | cut -d' ' -f1 | sort | sha256sum); }

test_a_file_of_five_gigabytes_takes_no_space_where_it_is_empty() {
    mac_project dmg hello project
    printf '\n[[files]]\nkind = "data"\nsource = "large"\ndestination = "usr/share/hello/large"\n' >>project/sealift.toml
    truncate -s 5G project/tree/large
    echo end >>project/tree/large
    mac_package "$PWD/project" --out "$PWD/project/out"
    [ "$(stat -c %s project/out/*.dmg)" -lt 25000000 ]
    # Through a pipe, so that the holes stay holes.
    mkfifo pipe
    cp --sparse=always pipe volume.img &
    dmg2img -s project/out/*.dmg pipe
    wait $!
    fsck volume.img
    7z l -slt volume.img >listing
    equal 5368709124 "$(awk '/^Path = .*\/large$/{ found = 1 } found && /^Size = /{ print $3; exit }' listing)"
}

# refused MESSAGE: what cannot be a disk image ends with 2, a message, and no file.
refused() {
    fails 2 mac_package "$PWD/project" --out "$PWD/out" 2>said
    cat said
    contains "$(cat said)" "$1"
    equal '' "$(find out -name '*.dmg' 2>/dev/null)"
}

# shellcheck disable=SC2016 # the messages' own backquotes
test_what_no_volume_can_hold_is_refused() {
    mac_project dmg hello project
    printf '\n[dmg]\nvolume-name = "a:b"\n' >>project/sealift.toml
    refused 'a volume cannot be called `a:b`: it has the character `:`'
    rm -rf project
    mac_project dmg hello project
    printf '\n[dmg]\nidentifier = "org/example"\n' >>project/sealift.toml
    refused 'sealift.toml:20:14: identifier `org/example` is not valid'
    rm -rf project
    mac_project dmg hello project
    printf '\n[[files]]\nkind = "data"\nsource = "large"\ndestination = "usr/share/hello/large"\n' >>project/sealift.toml
    truncate -s 70G project/tree/large
    refused 'expected at most 68719476736'
    rm -rf project
    mac_project dmg hello project
    echo GIF89a >project/tree/hello.png
    printf '\n[[files]]\nkind = "icon"\nsource = "hello.png"\ntargets = ["macos"]\n' >>project/sealift.toml
    refused 'hello.png: byte 0: no PNG picture, as the name says'
}

main "$@"
