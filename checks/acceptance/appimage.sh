#!/usr/bin/env bash
# Runs an AppImage in every way that its runtime knows: mounted by root, by fusermount for a plain user, in a user
# namespace, and extracted where nothing can be mounted.
#
#     checks/acceptance/appimage.sh FILE
#
# Needs root, and FUSE in the kernel. Prints `ok NAME` or `FAIL NAME` for each test, with the output of failed ones;
# exits with 1 if one failed.
#
# Besides FILE, which is run and compared with what unsquashfs finds in it, the tests use a probe: FILE's runtime with a
# shell script behind it, packed by mksquashfs.

set -uo pipefail
# shellcheck source=SCRIPTDIR/lib.sh
. "$(dirname "$0")/lib.sh"

readonly nobody=65534

main() {
    [ $# -eq 1 ] || die "usage: $0 FILE"
    [ -f "$1" ] || die "there is no file \`$1\`"
    need_root 'become other users and to mount'
    need_tools jq:jq unsquashfs:squashfs-tools fusermount3:fuse3 setpriv:util-linux python3:python3-minimal
    appimage=$(realpath "$1")
    judged=("$appimage")
    unset APPIMAGE_EXTRACT_AND_RUN FUSERMOUNT_PROG NO_CLEANUP TARGET_APPIMAGE VERBOSE
    open_work
    ensure_mtab
    make_probe
    run_tests
}

# fusermount looks a mount up in /etc/mtab before it takes it away. Every installed system has that link, but a root
# that was only unpacked, as containers are, may not.
ensure_mtab() {
    [ ! -e /etc/mtab ] || return 0
    ln -s ../proc/self/mounts /etc/mtab
    own_mtab=yes
}

before_close() { [ -z "${own_mtab-}" ] || rm /etc/mtab; }

# All that the runtime leaves behind would be in TMPDIR.
before_test() {
    mkdir -m 1777 tmp
    export TMPDIR=$PWD/tmp
}

# A guard may still be about to unmount.
after_test() {
    eventually nothing_left || { echo 'left behind:'; left; return 1; }
}

# An AppImage whose program does what its first argument says.
make_probe() {
    local dir=$work/probe.AppDir
    offset=$("$appimage" --appimage-offset) || die "$appimage has no AppImage runtime"
    mkdir -p "$dir/usr/bin" "$dir/usr/share/many" "$dir/usr/share/sub/deep"
    cat >"$dir/AppRun" <<'SCRIPT'
#!/bin/bash
case $1 in
arguments) shift; for argument; do echo "<$argument>"; done ;;
environment) env ;;
exit) exit "$2" ;;
die) kill -s "$2" $$ ;;
where) echo "$APPDIR"; stat -f -c %T "$APPDIR" ;;
mounts) cat /proc/self/mounts ;;
namespaces) readlink /proc/self/ns/user /proc/self/ns/mnt ;;
mode) stat -c '%a %U' "$APPDIR" ;;
echo) cat ;;
sums) cd "$APPDIR" && find usr -type f -exec md5sum {} + | sort ;;
background) (sleep 2; cat "$APPDIR/usr/share/text"; echo "status $?") >"$2" 2>&1 & ;;
closed) exec 1023>&- 0<&-; sleep 1; cat "$APPDIR/usr/share/text" ;;
wait) echo ready; exec sleep 60 ;;
esac
SCRIPT
    chmod 755 "$dir/AppRun"
    echo 'some text' >"$dir/usr/share/text"
    seq 200000 >"$dir/usr/share/numbers"
    head -c 3000000 /dev/urandom >"$dir/usr/share/noise"
    truncate -s 5M "$dir/usr/share/hole"
    : >"$dir/usr/share/empty"
    ln -s ../share/text "$dir/usr/bin/link"
    local n
    for n in $(seq 1500); do echo "$n" >"$dir/usr/share/many/a file with a long name, number $n"; done
    echo deep >"$dir/usr/share/sub/deep/file"
    head -c "$offset" "$appimage" >"$work/runtime"
    python3 - "$work/runtime" <<'SCRIPT'
# What vouches for the content that Sealift packed is taken out, as there will be another content.
import struct, sys

runtime = bytearray(open(sys.argv[1], "rb").read())
is_64 = runtime[4] == 2
table = struct.unpack_from("<Q", runtime, 40)[0] if is_64 else struct.unpack_from("<I", runtime, 32)[0]
entry_size, count, names = struct.unpack_from("<HHH", runtime, 58 if is_64 else 46)


def section(number):
    place = table + number * entry_size
    name = struct.unpack_from("<I", runtime, place)[0]
    return name, *struct.unpack_from("<QQ" if is_64 else "<II", runtime, place + (24 if is_64 else 16))


_, start, _ = section(names)
found = [(at, size) for name, at, size in map(section, range(count)) if runtime[start + name :].startswith(b".image_sums\0")]
[(at, size)] = found
runtime[at : at + size] = bytes(size)
open(sys.argv[1], "wb").write(runtime)
SCRIPT
    probe=$work/probe.AppImage
    pack "$dir" "$probe" -comp zstd
    pack "$dir" "$work/gzip.AppImage" -comp gzip
}

# pack DIR FILE OPTION...: packs a directory behind the runtime.
pack() {
    local dir=$1 file=$2
    shift 2
    rm -f "$work/image"
    mksquashfs "$dir" "$work/image" -all-root -no-progress -quiet "$@" >/dev/null || die 'mksquashfs failed'
    cat "$work/runtime" "$work/image" >"$file"
    chmod 755 "$file"
}

nothing_left() { [ -z "$(left)" ]; }

# What the runtime has left in TMPDIR, or mounted there.
left() {
    ls -A "$TMPDIR"
    grep -F " $TMPDIR/" /proc/mounts || true
}

as_user() { setpriv --reuid=$nobody --regid=$nobody --clear-groups -- "$@"; }

# with_device MODE COMMAND...: runs it in a mount namespace whose /dev/fuse has a mode; `none` takes the device away.
with_device() {
    # shellcheck disable=SC2016 # the inner shell expands it
    unshare --mount --propagation private -- bash -euc '
        mode=$1
        shift
        device=$TMPDIR.device
        mkdir -p "$device"
        mount -t tmpfs tmpfs "$device"
        case $mode in
        none) : >"$device/fuse" ;;
        *) mknod "$device/fuse" c 10 229; chmod "$mode" "$device/fuse" ;;
        esac
        mount --bind "$device/fuse" /dev/fuse
        exec "$@"' - "$@"
}

# The device is there and everyone's, as on most systems.
with_fuse() { with_device 666 "$@"; }
without_fuse() { with_device none "$@"; }
as_user_with_fuse() { with_fuse setpriv --reuid=$nobody --regid=$nobody --clear-groups -- "$@"; }
as_user_without_fuse() { without_fuse setpriv --reuid=$nobody --regid=$nobody --clear-groups -- "$@"; }

# start_mount FILE: mounts by --appimage-mount; sets `mounted` to the place and `mounter` to the process.
start_mount() {
    "$1" --appimage-mount >place &
    mounter=$!
    eventually test -s place
    mounted=$(cat place)
}

stop_mount() {
    kill "$mounter"
    wait "$mounter" || true
    eventually nothing_left
}

# --- the AppImage itself ---

test_the_program_runs_as_root() {
    "$appimage" --version
}

test_the_program_runs_as_a_plain_user_with_fusermount() {
    as_user_with_fuse "$appimage" --version
}

test_the_program_runs_without_fuse() {
    as_user_without_fuse "$appimage" --version
    without_fuse "$appimage" --version
    APPIMAGE_EXTRACT_AND_RUN=1 "$appimage" --version
}

test_the_image_is_where_foreign_tools_look_for_it() {
    unsquashfs -offset "$offset" -dest foreign -no-progress -quiet "$appimage"
    equal 414902 "$(hexadecimal 8 3 "$appimage")"
}

hexadecimal() { tail -c "+$(($1 + 1))" "$3" | head -c "$2" | od -An -tx1 | tr -d ' \n'; }

test_the_kernel_mounts_the_image_and_finds_the_same_files() {
    unsquashfs -offset "$offset" -dest foreign -no-progress -quiet "$appimage"
    mkdir kernel
    mount -t squashfs -o "loop,ro,offset=$offset" "$appimage" kernel
    local same=0
    diff -r --no-dereference foreign kernel || same=$?
    umount kernel
    equal 0 "$same"
}

test_extraction_finds_the_files_that_unsquashfs_finds() {
    local file
    for file in "$appimage" "$probe" "$work/gzip.AppImage"; do
        rm -rf foreign squashfs-root
        unsquashfs -offset "$offset" -dest foreign -no-progress -quiet "$file"
        "$file" --appimage-extract >extracted
        diff -r --no-dereference foreign squashfs-root
        equal "$(list foreign)" "$(list squashfs-root)"
        equal "$(find foreign ! -type d | wc -l)" "$(wc -l <extracted)"
    done
}

# Kinds, modes, times and links.
list() { (cd "$1" && find . -mindepth 1 -printf '%p %y %m %Ts %l\n' | sort); }

test_a_mount_shows_the_files_that_unsquashfs_finds() {
    local file
    for file in "$appimage" "$probe" "$work/gzip.AppImage"; do
        rm -rf foreign place
        unsquashfs -offset "$offset" -dest foreign -no-progress -quiet "$file"
        start_mount "$file"
        diff -r --no-dereference foreign "$mounted"
        equal "$(list foreign)" "$(list "$mounted")"
        # The same in another order, and by many readers at once.
        (cd "$mounted" && find . -type f -print0 | sort -rz | xargs -0 -n 50 -P 8 md5sum) | sort >found
        (cd foreign && find . -type f -print0 | xargs -0 md5sum) | sort >expected
        diff expected found
        stop_mount
    done
}

test_a_mount_answers_as_a_read_only_file_system() {
    start_mount "$probe"
    local status=0
    touch "$mounted/new" || status=$?
    equal 1 "$status"
    fails 1 cat "$mounted/usr/share/no such file"
    fails 1 cat "$mounted/usr"
    equal 'some text' "$(cat "$mounted/usr/bin/link")"
    equal 4999 "$(tail -c 5000 "$mounted/usr/share/numbers" | tail -c +2 | wc -c)"
    equal 0 "$(tail -c +3000001 "$mounted/usr/share/noise" | wc -c)"
    equal 100000 "$(dd if="$mounted/usr/share/noise" bs=1 skip=131000 count=100000 status=none | wc -c)"
    equal "$(tail -c +131001 "$work/probe.AppDir/usr/share/noise" | head -c 300000 | md5sum)" \
        "$(tail -c +131001 "$mounted/usr/share/noise" | head -c 300000 | md5sum)"
    stop_mount
}

# --- what the program is given ---

test_arguments_pass_through() {
    local expected=$'<>\n<a b>\n<--appimage-help>\n<*>'
    equal "$expected" "$("$probe" arguments '' 'a b' --appimage-help '*')"
    equal "$expected" "$("$probe" --appimage-extract-and-run arguments '' 'a b' --appimage-help '*')"
}

test_standard_input_and_output_pass_through() {
    equal hello "$(echo hello | "$probe" echo)"
    equal hello "$(echo hello | "$probe" --appimage-extract-and-run echo)"
}

test_exit_codes_pass_through() {
    fails 0 "$probe" exit 0
    fails 7 "$probe" exit 7
    fails 7 "$probe" --appimage-extract-and-run exit 7
    as_user_with_fuse "$probe" exit 0
    fails 9 as_user_with_fuse "$probe" exit 9
}

test_signals_pass_through() {
    fails 143 "$probe" die TERM
    fails 137 "$probe" --appimage-extract-and-run die KILL
    "$probe" wait >out &
    local process=$!
    # The program has taken the runtime's place, so the signal reaches it.
    eventually grep -qx sleep /proc/$process/comm
    equal ready "$(cat out)"
    kill -INT $process || true
    kill -TERM $process
    fails 143 wait $process
}

test_the_environment_names_file_mount_and_caller() {
    local found
    found=$("$probe" environment)
    contains "$found" "APPIMAGE=$probe"
    contains "$found" "APPDIR=$TMPDIR/.mount_"
    contains "$found" "ARGV0=$probe"
    contains "$found" "OWD=$PWD"
    ln -s "$probe" link
    found=$(./link environment)
    contains "$found" "APPIMAGE=$probe"
    contains "$found" 'ARGV0=./link'
}

test_no_child_is_left_for_the_program_to_wait_for() {
    cat >run <<'SCRIPT'
import os, sys
pid = os.fork()
if pid == 0:
    os.execv(sys.argv[1], [sys.argv[1], "wait"])
children = f"/proc/{pid}/task/{pid}/children"
import time
time.sleep(1)
print(open(children).read().split())
os.kill(pid, 15)
os.wait()
SCRIPT
    contains "$(python3 run "$probe")" '[]'
}

# Each copy has one bit that is another, in the image or in what vouches for it.
test_a_changed_bit_is_found_or_changes_nothing() {
    "$appimage" --appimage-extract >/dev/null
    mv squashfs-root expected
    local number
    for number in $(seq 60); do
        python3 - "$appimage" changed "$offset" "$number" <<'SCRIPT'
import random, shutil, sys

source, copy, offset, seed = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
shutil.copy(source, copy)
with open(copy, "r+b") as file:
    size = file.seek(0, 2)
    # The superblock comes first and the sums last; the rest is anywhere.
    place = random.Random(seed).randrange(offset, size)
    place = offset + seed * 8 if seed <= 6 else size - (61 - seed) if seed > 54 else place
    file.seek(place)
    [byte] = file.read(1)
    file.seek(place)
    file.write(bytes([byte ^ 1 << seed % 8]))
SCRIPT
        rm -rf squashfs-root
        if ./changed --appimage-extract >/dev/null 2>message; then
            diff -r --no-dereference expected squashfs-root || { echo "number $number: other content"; return 1; }
        else
            [ -s message ] || { echo "number $number: refused without a word"; return 1; }
        fi
    done
}

test_a_home_that_others_can_write_to_is_not_taken() {
    cp "$probe" my.AppImage
    ./my.AppImage --appimage-portable-home
    chmod 777 my.AppImage.home
    fails 1 contains "$(./my.AppImage environment)" "HOME=$PWD/my.AppImage.home"
    chmod 700 my.AppImage.home
    chown $nobody my.AppImage.home
    fails 1 contains "$(./my.AppImage environment)" "HOME=$PWD/my.AppImage.home"
}

test_portable_directories_become_home_and_configuration() {
    cp "$probe" 'my app.AppImage'
    contains "$('./my app.AppImage' --appimage-portable-home)" "$PWD/my app.AppImage.home"
    './my app.AppImage' --appimage-portable-config
    equal 700 "$(stat -c %a 'my app.AppImage.home')"
    local found
    found=$('./my app.AppImage' environment)
    contains "$found" "HOME=$PWD/my app.AppImage.home"
    contains "$found" "XDG_CONFIG_HOME=$PWD/my app.AppImage.config"
    fails 1 './my app.AppImage' --appimage-portable-home
}

test_odd_names_of_the_file_do_no_harm() {
    local name
    for name in 'a,b=c d' "quote'and\"" '-o x' 'über' 'x'; do
        cp "$probe" "./$name"
        equal "<$name>" "$("./$name" arguments "$name")"
        equal "<$name>" "$(as_user_with_fuse "./$name" arguments "$name")"
    done
}

# --- how the files are made visible ---

test_root_mounts_and_the_mount_goes_away() {
    contains "$("$probe" mounts)" ' fuse.probe.AppImage ro,nosuid,nodev'
    eventually nothing_left
}

test_a_plain_user_mounts_through_fusermount() {
    local found
    found=$(as_user_with_fuse env VERBOSE=1 "$probe" mounts 2>&1)
    contains "$found" 'mounting by /'
    contains "$found" ' fuse.probe.AppImage ro,nosuid,nodev'
    contains "$found" "user_id=$nobody"
}

test_the_chosen_fusermount_is_used() {
    cat >fusermount <<SCRIPT
#!/bin/sh
echo "\$@" >>$PWD/calls
exec fusermount3 "\$@"
SCRIPT
    chmod 755 fusermount
    chmod 777 .
    as_user_with_fuse env FUSERMOUNT_PROG="$PWD/fusermount" "$probe" exit 0
    eventually test -f calls
    contains "$(cat calls)" '-o ro,nosuid,nodev'
    eventually grep -q -- '-u' calls
}

test_a_user_namespace_serves_where_fusermount_does_not() {
    local found outside
    outside=$(readlink /proc/self/ns/user)
    found=$(as_user_with_fuse env FUSERMOUNT_PROG=/bin/false "$probe" namespaces)
    case $found in *"$outside"*) echo "not in a namespace: $found"; return 1 ;; esac
    found=$(as_user_with_fuse env FUSERMOUNT_PROG=/bin/false "$probe" mounts)
    contains "$found" ' fuse.probe.AppImage ro,nosuid,nodev'
    fails 7 as_user_with_fuse env FUSERMOUNT_PROG=/bin/false "$probe" exit 7
    equal "$(as_user "$(command -v id)" -u)" \
        "$(as_user_with_fuse env FUSERMOUNT_PROG=/bin/false "$probe" echo < <(id -u $nobody))"
}

test_without_fuse_a_private_copy_is_made_and_removed() {
    equal "700 nobody" "$(as_user_without_fuse "$probe" mode)"
    contains "$(as_user_without_fuse "$probe" where)" "$TMPDIR/appimage_extracted_"
    eventually nothing_left
    equal "700 root" "$("$probe" --appimage-extract-and-run mode)"
    eventually nothing_left
}

test_root_without_the_right_to_mount_makes_a_copy() {
    contains "$(setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin -- "$probe" where)" "$TMPDIR/"
}

test_a_kept_copy_is_used_again_and_replaced_when_the_file_changes() {
    export NO_CLEANUP=1 APPIMAGE_EXTRACT_AND_RUN=1
    cp "$probe" app
    local first second third
    first=$(./app environment | grep ^APPDIR=)
    touch "${first#APPDIR=}/mark"
    second=$(./app environment | grep ^APPDIR=)
    equal "$first" "$second"
    test -f "${second#APPDIR=}/mark"
    sleep 0.1
    touch app
    third=$(./app environment | grep ^APPDIR=)
    [ "$first" != "$third" ]
    rm -rf "${first#APPDIR=}" "${third#APPDIR=}"
}

test_a_copy_that_another_user_could_have_made_is_not_used() {
    export NO_CLEANUP=1 APPIMAGE_EXTRACT_AND_RUN=1
    cp "$probe" app
    local place
    place=$(./app environment | sed -n 's/^APPDIR=//p')
    chown -R $nobody "$place"
    fails 127 ./app exit 0
    chown -R 0 "$place"
    chmod 777 "$place"
    fails 127 ./app exit 0
    rm -rf "$place"
}

test_a_directory_that_forbids_programs_is_not_extracted_to() {
    mkdir -p noexec
    mount -t tmpfs -o noexec,mode=1777 tmpfs noexec
    local found=0
    TMPDIR=$PWD/noexec "$probe" --appimage-extract-and-run exit 5 || found=$?
    local mounted=0
    TMPDIR=$PWD/noexec "$probe" exit 6 || mounted=$?
    eventually umount noexec
    equal '5 6' "$found $mounted"
}

test_the_mount_stays_for_what_the_program_leaves_running() {
    "$probe" background "$PWD/out"
    eventually grep -q status out
    equal $'some text\nstatus 0' "$(cat out)"
    eventually nothing_left
    "$probe" --appimage-extract-and-run background "$PWD/out2"
    eventually grep -q status out2
    equal $'some text\nstatus 0' "$(cat out2)"
}

test_the_mount_stays_for_a_program_that_closes_what_it_does_not_know() {
    equal 'some text' "$("$probe" closed)"
    equal 'some text' "$(as_user_with_fuse "$probe" closed)"
}

test_output_ends_with_the_program_and_not_with_the_guard() {
    # The substitution waits for everyone who holds the pipe. What the program left running, and the guard that waits for it,
    # are still there then.
    equal '' "$("$probe" background "$PWD/out" 2>&1)"
    equal '' "$(cat "$PWD/out")"
    eventually grep -q status out
}

test_many_at_once_do_not_disturb_each_other() {
    local n
    for n in $(seq 12); do
        "$probe" arguments "$n" >"out.$n" &
    done
    wait
    for n in $(seq 12); do equal "<$n>" "$(cat "out.$n")"; done
    export APPIMAGE_EXTRACT_AND_RUN=1 NO_CLEANUP=1
    for n in $(seq 6); do
        "$probe" arguments "$n" >"copy.$n" &
    done
    wait
    for n in $(seq 6); do equal "<$n>" "$(cat "copy.$n")"; done
    rm -rf "$TMPDIR"/appimage_extracted_*
}

test_a_low_limit_of_open_files_is_enough() {
    (ulimit -n 64 && "$probe" exit 0)
    as_user_with_fuse bash -c 'ulimit -n 64 && exec "$@"' - "$probe" exit 0
}

# --- options ---

test_help_version_and_offset_are_printed() {
    contains "$("$probe" --appimage-help)" '--appimage-extract-and-run'
    contains "$("$probe" --appimage-version)" 'runtime'
    equal "$offset" "$("$probe" --appimage-offset)"
}

test_unknown_options_of_the_runtime_are_refused() {
    fails 1 "$probe" --appimage-fly
    contains "$("$probe" --appimage-fly 2>&1)" 'not implemented'
}

test_update_information_and_signature_are_read_from_their_sections() {
    equal '' "$("$probe" --appimage-signature)"
    equal '' "$("$probe" --appimage-updateinfo)"
    cp "$probe" app
    python3 - app 'zsync|https://example.org/x.zsync' <<'SCRIPT'
import struct, sys
data = bytearray(open(sys.argv[1], "rb").read())
table, = struct.unpack_from("<Q", data, 40)
size, count, names = struct.unpack_from("<HHH", data, 58)
sections = [struct.unpack_from("<IIQQQQ", data, table + i * size) for i in range(count)]
for name, _, _, _, offset, length in sections:
    start = sections[names][4] + name
    if data[start:data.index(0, start)] == b".upd_info":
        data[offset:offset + len(sys.argv[2])] = sys.argv[2].encode()
open(sys.argv[1], "wb").write(data)
SCRIPT
    equal 'zsync|https://example.org/x.zsync' "$(./app --appimage-updateinformation)"
    equal 'zsync|https://example.org/x.zsync' "$(./app --appimage-updateinfo)"
}

test_another_appimage_can_be_acted_on() {
    contains "$(TARGET_APPIMAGE=$probe "$appimage" arguments x)" '<x>'
    contains "$(TARGET_APPIMAGE=$probe "$appimage" environment)" "APPIMAGE=$probe"
    TARGET_APPIMAGE=$probe "$appimage" --appimage-extract AppRun
    test -x squashfs-root/AppRun
    fails 127 env TARGET_APPIMAGE=/dev/null "$appimage" x
}

test_a_pattern_extracts_what_matches_and_its_directories_alone() {
    "$probe" --appimage-extract 'usr/share/sub' >out
    equal 'squashfs-root/usr/share/sub/deep/file' "$(cat out)"
    equal './usr/share/sub/deep/file' "$(cd squashfs-root && find . -type f)"
    rm -r squashfs-root
    "$probe" --appimage-extract 'usr/*/text' >out
    equal 'squashfs-root/usr/share/text' "$(cat out)"
    rm -r squashfs-root
    fails 1 "$probe" --appimage-extract 'no such file'
}

test_extracting_twice_replaces_files() {
    "$probe" --appimage-extract >/dev/null
    echo changed >squashfs-root/usr/share/text
    "$probe" --appimage-extract >/dev/null
    equal 'some text' "$(cat squashfs-root/usr/share/text)"
}

# --- hostile surroundings and images ---

test_extraction_follows_no_link_that_is_in_its_way() {
    mkdir outside squashfs-root
    ln -s "$PWD/outside" squashfs-root/usr
    fails 1 "$probe" --appimage-extract
    equal '' "$(ls outside)"
    rm -r squashfs-root
    ln -s "$PWD/outside" squashfs-root
    fails 1 "$probe" --appimage-extract
    equal '' "$(ls outside)"
}

test_an_image_whose_names_lead_out_is_refused() {
    mkdir dir
    echo evil >dir/xxxxevil
    local name
    for name in '../aevil' '/tmpevil' './/.evil'; do
        pack dir app -noI -noD -noF
        sed -i "s|xxxxevil|$name|" app
        fails 1 ./app --appimage-extract
        contains "$(./app --appimage-extract 2>&1 || true)" 'lead out of its directory'
        fails 127 ./app --appimage-extract-and-run
    done
    test ! -e aevil
    rm -r squashfs-root
    # A link that leads out is only a link.
    mkdir links
    ln -s "$PWD" links/out
    ln -s ../../.. links/up
    pack links app
    ./app --appimage-extract
    equal "$PWD" "$(readlink squashfs-root/out)"
}

test_damaged_images_end_with_a_message() {
    local n size message
    size=$(stat -c %s "$probe")
    cp "$probe" app
    for n in 0 4 20 28 40 48 64 72 80; do
        cp "$probe" app
        printf '\377\377\377' | dd of=app bs=1 seek=$((offset + n)) conv=notrunc status=none
        message=$(timeout 20 ./app --appimage-extract 2>&1 >/dev/null) || true
        case $message in 'cannot '* | '') ;; *) echo "at $n: $message"; return 1 ;; esac
    done
    head -c $((offset + 50)) "$probe" >app
    fails 127 ./app exit 0
    head -c "$offset" "$probe" >app
    contains "$(./app exit 0 2>&1 || true)" 'no squashfs image'
    head -c $((size / 2)) "$probe" >app
    fails 1 timeout 20 ./app --appimage-extract
}

test_a_program_that_cannot_be_started_is_named() {
    mkdir dir
    echo x >dir/file
    pack dir app
    fails 127 ./app
    contains "$(./app 2>&1 || true)" '/AppRun'
}

main "$@"
