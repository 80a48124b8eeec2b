#!/usr/bin/env bash
# Opens snaps with snapd's own tool, with squashfs-tools and with the kernel, and compares them with those of `snap pack`.
#
#     checks/acceptance/snap.sh RELEASE-DIRECTORY
#
# Needs root, to mount, and Debian's mirrors, from which snapd comes; its daemon is not started. Prints `ok NAME` or `FAIL NAME` for
# each test, with the output of failed ones; exits with 1 if one failed.
#
# The release's program packs itself with a service, a desktop entry and completions, and trees of many layouts.

set -uo pipefail
# shellcheck source=SCRIPTDIR/lib.sh
. "$(dirname "$0")/lib.sh"
here=$(realpath "$(dirname "$0")")

main() {
    [ $# -eq 1 ] || die "usage: $0 RELEASE-DIRECTORY"
    need_root 'mount snaps'
    need_tools jq:jq python3:python3 snap:snapd unsquashfs:squashfs-tools
    open_release "$1"
    open_work
    tar -xzf "$(one_of "$release/artifacts/*-x86_64-unknown-linux-musl.tar.gz")" -C "$work"
    sealift=$(one_of "$work/sealift-*-x86_64-unknown-linux-musl/sealift")
    application "$work/hello"
    pack "$work/hello" "$work/packages" >"$work/log" 2>&1 || die "the snap cannot be packed: $(cat "$work/log")"
    snap=$(one_of "$work/packages/hello_1.2.3_amd64.snap")
    run_tests
}

# application DIRECTORY: a project with all that becomes something of its own in a snap.
application() {
    manifest snap hello 1.2.3 "$1"
    cp "$sealift" "$1/tree/bin/hello"
    add_file systemd-unit greeter.service '[Service]
ExecStart=/usr/bin/hello targets
Restart=on-failure

[Install]
WantedBy=multi-user.target' "$1"
    add_file desktop hello.desktop '[Desktop Entry]
Type=Application
Name=Hello
Exec=hello %U
Icon=hello' "$1"
    add_file icon hello.svg '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="9" height="9"/></svg>' "$1"
    add_file completion hello.bash 'complete -W "--help" hello' "$1"
    add_file config hello.toml 'greeting = "hello"' "$1"
    printf '\n[snap]\nplugs = ["home", "network"]\n' >>"$1/sealift.toml"
}

# open_snap FILE: mounts it at `mounted`.
open_snap() {
    ! mountpoint --quiet mounted || umount mounted
    mkdir -p mounted
    mount -t squashfs -o loop,ro "$1" mounted
}

test_the_kernel_mounts_a_snap_and_its_program_runs_without_any_base() {
    open_snap "$snap"
    equal 'base: bare' "$(grep ^base: mounted/meta/snap.yaml)"
    # Nothing else is there: no library, no shell.
    is_own_version "$(chroot mounted /bin/hello --version)"
}

test_snapd_finds_nothing_wrong() {
    unsquashfs -no-progress -d files "$snap" >/dev/null
    snap pack --check-skeleton files
    equal '' "$(snap pack --check-skeleton files 2>&1)"
}

# shellcheck disable=SC2016 # snapd expands it
test_snapd_reads_what_was_meant() {
    unsquashfs -no-progress -d files "$snap" >/dev/null
    python3 - files/meta/snap.yaml >said <<'PYTHON'
import json, re, sys
# Each value is JSON or a plain word.
for line in open(sys.argv[1]):
    key, value = re.fullmatch(r"( *[^:]+): ?(.*)\n", line).groups()
    print(key + ": " + (json.loads(value) if value.startswith('"') else value))
PYTHON
    cat said
    equal 'name: hello|version: 1.2.3|architectures: [amd64]|confinement: strict|grade: stable' \
        "$(grep -E '^(name|version|architectures|confinement|grade):' said | paste -sd'|')"
    equal '    command: bin/hello targets|    daemon: simple|    restart-condition: on-failure' \
        "$(grep -A3 greeter said | tail -n +2 | paste -sd'|')"
    contains "$(snap info --verbose "$snap" 2>&1)" 'greets everybody who asks'
    grep -x 'Exec=hello %U' files/meta/gui/hello.desktop
    grep -xF 'Icon=${SNAP}/meta/gui/icon.png' files/meta/gui/hello.desktop
}

# listing FILE: modes, owners, sizes and paths, without dates.
listing() { unsquashfs -lln "$1" | awk '/^[-dl]/ { $4 = $5 = ""; print }'; }

# The superblock, by squashfs_fs.h: block size, compressor, flags, number of owners, version.
fields() {
    python3 - "$1" <<'PYTHON'
import struct, sys
magic, inodes, date, block, fragments, compressor, log, flags, ids, major, minor = struct.unpack("<4sIIIIHHHHHH", open(sys.argv[1], "rb").read(32))
print(magic, inodes, block, fragments, compressor, log, hex(flags), ids, major, minor)
PYTHON
}

test_a_snap_has_the_fields_and_the_files_of_one_by_snap_pack() {
    unsquashfs -no-progress -d files "$snap" >/dev/null
    snap pack files . >/dev/null
    listing "$snap" >ours
    listing hello_1.2.3_amd64.snap >theirs
    diff theirs ours
    fields "$snap" | tee ours
    # 0x80 is the table by which NFS finds files.
    fields hello_1.2.3_amd64.snap | sed 's/0x2d0/0x250/' | tee theirs
    diff theirs ours
    # snapd makes small snaps larger, and the sum behind the image takes a page.
    echo "$(stat -c %s "$snap") bytes, by snap pack $(stat -c %s hello_1.2.3_amd64.snap)"
    [ $(($(stat -c %s "$snap") * 100)) -le $(($(stat -c %s hello_1.2.3_amd64.snap) * 101)) ]
}

test_a_changed_snap_is_found_by_the_gates() {
    mkdir packages
    cp "$snap" "$snap.artifact.json" packages/
    "$sealift" release --manifest "$work/hello/sealift.toml" --artifact packages/*.snap --out release
    "$sealift" gate release >said 2>&1 || true
    contains "$(cat said)" 'pass   packages'
    printf x | dd of="$(one_of 'release/artifacts/*.snap')" bs=1 seek=20000 conv=notrunc status=none
    fails 1 "$sealift" gate release >said 2>&1
    contains "$(cat said)" 'FAIL   packages'
}

test_the_bytes_are_the_same_for_any_number_of_threads() {
    local threads
    for threads in 1 5; do
        (cd "$work/hello" && "$sealift" package --target x86_64-unknown-linux-musl --tree tree --date 1700000000 --threads $threads \
            --out "$work/$threads")
        cmp "$work/$threads/hello_1.2.3_amd64.snap" "$snap"
    done
}

# Names of every alphabet, empty files, and sizes around blocks; the same seeds every time.
test_snaps_of_many_layouts_are_mounted() {
    local seed
    for seed in $(seq 8); do
        rm -rf project out
        manifest snap hello 1.2.3 project
        cp "$(type -P true)" project/tree/bin/hello
        printf '\n[[files]]\nkind = "data"\nsource = "data/"\ndestination = "usr/share/hello"\n' >>project/sealift.toml
        python3 "$here/layout.py" "$seed" project/tree/data
        pack "$PWD/project" "$PWD/out"
        open_snap out/*.snap
        diff -r --no-dereference project/tree/data mounted/share/hello
        echo "seed $seed: $(find mounted | wc -l) files and directories"
    done
}

# refused MESSAGE: what cannot be a snap ends with 2, a message, and no file.
refused() {
    fails 2 pack "$PWD/project" "$PWD/out" 2>said
    cat said
    contains "$(cat said)" "$1"
    equal '' "$(find out -name '*.snap')"
}

# shellcheck disable=SC2016 # the messages' own backquotes
test_what_snapd_would_refuse_is_refused() {
    manifest snap hello 1.2.3-rc.1.with.a.very.long.name.indeed project
    cp "$sealift" project/tree/bin/hello
    refused "a snap's version has at most 32 characters"
    rm -rf project
    manifest snap g++ 1.2.3 project
    cp "$sealift" project/tree/bin/g++
    refused 'snap name `g++` is not valid'
    rm -rf project
    application project
    sed -i 's/ targets/ %i/' project/tree/greeter.service
    refused 'the unit `/lib/systemd/system/greeter.service` starts `/usr/bin/hello %i`'
}

main "$@"
