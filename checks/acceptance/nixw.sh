#!/usr/bin/env bash
# Uses the wrapper as people do: from everywhere, on mirrors that have moved on, without rights, in others' checkouts.
#
#     checks/acceptance/nixw.sh
#
# Needs root, and Debian's mirrors. Tests the checkout's last commit, in clones, from the mirrors universe, whose seeds
# are fetched where the Nix store lacks them. Prints `ok NAME` or `FAIL NAME` for each test, and what it saw of a failed
# one; exits with 1 when one failed.

# shellcheck disable=SC2016 # messages have backticks
set -uo pipefail
# shellcheck source=SCRIPTDIR/lib.sh
. "$(dirname "$0")/lib.sh"

readonly release_drv=.#packages.x86_64-linux.release.drvPath
# A seed of a few kilobytes, so that nothing large is fetched for it.
readonly small=libkeyutils1
readonly nobody=65534

main() {
    [ $# -eq 0 ] || die "usage: $0"
    need_root 'become other users and to mount'
    need_tools git:git jq:jq shellcheck:shellcheck
    checkout=$(realpath "$(dirname "$0")/../..")
    open_work
    # Caches and clones of its own; the Nix store is the machine's, so that what is there is not fetched again.
    export XDG_CACHE_HOME=$work/cache SEALIFT_UNIVERSE=mirrors
    # What some machines set and others do not.
    unset SEALIFT_SANDBOX NIX_CONFIG PYTHONDONTWRITEBYTECODE
    # The checkout's own pins may be gone. Tests of consent set it themselves.
    export SEALIFT_ACCEPT_DRIFT=signed
    # The checkout may be anybody's.
    printf '[safe]\n\tdirectory = *\n[user]\n\tname = A. Person\n\temail = a@example.org\n[advice]\n\tdetachedHead = false\n' \
        >"$work/gitconfig"
    clone "$work/clone" || die "$checkout cannot be cloned"
    clone "$work/drifted" && falsify "$work/drifted" "$small"
    "$work/clone/nixw" seed </dev/null >"$work/log" 2>&1 || die "the seeds cannot be fetched: $(cat "$work/log")"
    time_seeding
    expected=$(cd "$work/clone" && ./nixw eval --raw $release_drv 2>"$work/log") ||
        die "the release does not evaluate: $(cat "$work/log")"
    run_tests
}

# Roots that Nix's collector was told of would point to nothing.
before_close() {
    find /nix/var/nix/gcroots/auto -lname "$work/*" -delete 2>/dev/null
}

my_git() { GIT_CONFIG_GLOBAL=$work/gitconfig git "$@"; }

clone() { my_git clone --quiet --no-hardlinks "$checkout" "$1"; }

# falsify CLONE PACKAGE [VERSION]: pins a version that no mirror has ever had, and commits that.
falsify() {
    local version=${3-0.0.0-0}
    edit_lock "$1" --arg name "$2" --arg version "$version" '
        (.systems["x86_64-linux"].debian[] | select(.name == $name)) |=
            (.version = $version | .file = "\($name)_\($version)_amd64.deb" | .sha256 = "0" * 64)
    '
}

# edit_lock CLONE ARGUMENT-OF-JQ...: changes the seed lock, and commits that.
edit_lock() {
    local clone=$1 lock=$1/nix/universe/mirrors/seeds.json
    shift
    jq "$@" "$lock" >"$clone.lock" && cat "$clone.lock" >"$lock"
    my_git -C "$clone" commit --quiet --all --message 'Pin something else'
}

# A benchmark: how long it takes to see that nothing is missing depends on the machine, so it decides nothing.
time_seeding() {
    local before after
    before=$(date +%s%N)
    "$work/clone/nixw" seed </dev/null >/dev/null 2>&1
    after=$(date +%s%N)
    echo "seeding when nothing is missing: $(((after - before) / 1000000)) ms; the goal is 2000 ms"
}

unchanged() { equal '' "$(my_git -C "$1" status --porcelain)"; }

as_nobody() {
    setpriv --reuid=$nobody --regid=$nobody --clear-groups -- env -i PATH="$PATH" SEALIFT_UNIVERSE=mirrors "$@"
}

# with_sources TEXT COMMAND...: runs it where apt's only configuration is this sources.list.
with_sources() {
    mkdir -p etc-apt/apt.conf.d etc-apt/sources.list.d etc-apt/preferences.d etc-apt/trusted.gpg.d
    echo "$1" >etc-apt/sources.list
    shift
    # shellcheck disable=SC2016 # the inner shell expands it
    unshare --mount --propagation private -- bash -euc 'mount --bind "$1" /etc/apt; shift; exec "$@"' - "$PWD/etc-apt" "$@"
}

# --- where it is called ---

test_the_release_evaluates_from_a_subdirectory() {
    cd "$work/clone/src/cli"
    equal "$expected" "$(../../nixw eval --raw $release_drv)"
}

test_the_release_evaluates_from_a_path_with_spaces() {
    clone 'a path/with spaces'
    cd 'a path/with spaces'
    equal "$expected" "$(./nixw eval --raw $release_drv)"
    cd src
    equal "$expected" "$(../nixw eval --raw $release_drv)"
}

test_another_clone_evaluates_to_the_same_release() {
    clone other
    cd other
    equal "$expected" "$(./nixw eval --raw $release_drv)"
}

test_nothing_in_the_checkout_changes() {
    cd "$work/clone"
    ./nixw eval --raw $release_drv
    ./nixw flake metadata
    ./nixw seed
    unchanged .
}

# --- for which system ---

test_only_this_machine_s_system_has_outputs() {
    cd "$work/clone"
    equal '["x86_64-linux"]' "$(./nixw eval --json .#packages --apply builtins.attrNames)"
}

# A machine of x86_64 evaluates it, and fetches none of its seeds.
test_everything_evaluates_for_arm_linux() {
    local kind
    export XDG_CACHE_HOME=$PWD/cache
    mkdir cache
    cd "$work/clone"
    for kind in packages checks devShells; do
        ./nixw eval --json --system aarch64-linux .#$kind.aarch64-linux --apply 'builtins.mapAttrs (_: each: each.drvPath)' \
            >"$XDG_CACHE_HOME/$kind.json"
        jq -e 'length > 0 and all(.[]; test("^/nix/store/.*[.]drv$"))' "$XDG_CACHE_HOME/$kind.json"
    done
    [ "$(jq -r .release "$XDG_CACHE_HOME/packages.json")" != "$expected" ]
    [ ! -e "$XDG_CACHE_HOME/sealift/seeds" ]
}

test_a_system_without_seeds_is_refused() {
    cd "$work/clone"
    fails 2 ./nixw eval --system riscv64-linux .#packages 2>"$work/said"
    contains "$(cat "$work/said")" 'builds on `aarch64-linux` and `x86_64-linux`, and not on `riscv64-linux`'
    contains "$(cat "$work/said")" 'hint: the nixpkgs universe has more'
}

# --- what it says ---

test_the_universe_is_named_in_one_line() {
    cd "$work/clone"
    ./nixw eval --raw $release_drv 2>said
    equal 'nixw: universe mirrors (SEALIFT_UNIVERSE says so)' "$(grep '^nixw:' said)"
    env -u SEALIFT_UNIVERSE ./nixw eval --raw $release_drv 2>said >drv || true
    equal 1 "$(grep -c '^nixw: universe \(mirrors\|nixpkgs\) (.*)$' said)"
    rm said drv
}

# It speaks of commands, none of which may be run by that.
test_the_shell_greets_a_terminal_in_two_lines_and_a_pipe_in_none() {
    clone greeted
    cd greeted
    ./nixw develop -c true >said 2>log
    equal '' "$(cat said)"
    script -qec './nixw develop -c true 2>log' /dev/null </dev/null | tr -d '\r' >terminal
    equal 2 "$(wc -l <terminal)"
    contains "$(head -n 1 terminal)" 'Sealift '
    contains "$(tail -n 1 terminal)" '`cargo build` is for this machine; `--target x86_64-unknown-linux-musl` is what ships.'
    rm said terminal log
    unchanged .
}

test_an_unknown_universe_is_refused_with_the_known_ones() {
    cd "$work/clone"
    SEALIFT_UNIVERSE=debian fails 2 ./nixw eval --raw $release_drv 2>"$work/said"
    contains "$(cat "$work/said")" '`debian`; expected `nixpkgs` or `mirrors`'
}

test_the_wrapper_is_short_and_passes_shellcheck() {
    shellcheck --external-sources --source-path="$work/clone" "$work/clone/nixw" "$work/clone/nix/universe/mirrors/wrapper.sh"
    [ "$(wc -l <"$work/clone/nixw")" -lt 450 ]
}

# compilations CLONE: the derivations that compile Rust, on the way to its release.
compilations() {
    (
        cd "$1"
        nix-store --query --requisites "$(./nixw eval --raw $release_drv 2>/dev/null)" |
            grep -E -- '-(std-|sealift-.*dependencies|sealift-[0-9.]*\.drv|sealift-appimage-runtime-[0-9.]*\.drv)' | sort
    )
}

test_a_commit_of_words_compiles_nothing_and_makes_another_release() {
    clone "$PWD/words"
    echo 'More words.' >>words/README.md
    my_git -C words commit --quiet --all --message 'Add words'
    compilations "$work/clone" >before
    compilations words >after
    [ "$(wc -l <before)" -ge 5 ]
    equal "$(cat before)" "$(cat after)"
    [ "$(cd words && ./nixw eval --raw $release_drv 2>/dev/null)" != "$expected" ]
}

test_an_edit_of_code_compiles_the_last_crate_alone_for_each_platform() {
    clone "$PWD/code"
    echo '// A remark.' >>code/src/main.rs
    my_git -C code commit --quiet --all --message 'Add a remark'
    compilations "$work/clone" >before
    compilations code >after
    comm -13 before after >compiled
    # The packer, Linux twice, Windows, and the two that the universal programs of macOS are merged from.
    equal 6 "$(grep -c -- '-sealift-0' compiled)"
    equal 6 "$(wc -l <compiled)"
}

# nixpkgs' builds expect /bin/sh, which Nix itself puts there.
test_the_nixpkgs_universe_keeps_the_sandbox_s_own_paths() {
    local here=$PWD
    mkdir bin
    printf '#!/bin/sh\n[ "$1" != --version ] || { echo "nix (Nix) 2.34.8"; exit; }\nprintf "%%s\\n" "$NIX_CONFIG"\n' >bin/nix
    chmod +x bin/nix
    cd "$work/clone"
    PATH=$here/bin:$PATH SEALIFT_UNIVERSE=nixpkgs ./nixw build .#release >"$work/config"
    contains "$(cat "$work/config")" 'sandbox = true'
    equal '' "$(grep sandbox-paths "$work/config" || true)"
}

test_commands_that_need_no_universe_get_none() {
    equal "$(nix --version)" "$("$work/clone/nixw" --version 2>&1)"
}

test_a_call_without_arguments_explains_itself() {
    fails 2 "$work/clone/nixw" >said 2>&1
    contains "$(cat said)" './nixw seed'
}

test_seed_refuses_what_it_does_not_know() {
    fails 2 "$work/clone/nixw" seed --everything 2>said
    contains "$(cat said)" '`--everything`'
}

test_building_without_the_sandbox_is_said_each_time() {
    cd "$work/clone"
    local _
    for _ in 1 2; do
        contains "$(SEALIFT_SANDBOX=off ./nixw eval --raw $release_drv 2>&1 >/dev/null)" 'SEALIFT_SANDBOX=off'
    done
}

# --- seeds and mirrors ---

test_a_version_that_left_the_mirrors_needs_consent() {
    export XDG_CACHE_HOME=$PWD/cache
    unset SEALIFT_ACCEPT_DRIFT
    fails 2 "$work/drifted/nixw" seed 2>said
    contains "$(cat said)" "Debian's mirrors no longer serve every locked seed:"
    contains "$(cat said)" "seed $small: locked 0.0.0-0 is gone, using "
    contains "$(cat said)" 'hint: `--accept-drift` or SEALIFT_ACCEPT_DRIFT=signed'
    equal '' "$(find cache -path '*/locks/*.json')"
    SEALIFT_ACCEPT_DRIFT=yes fails 2 "$work/drifted/nixw" seed 2>said
    contains "$(cat said)" 'SEALIFT_ACCEPT_DRIFT is `yes`; expected `1` or `signed`'
    # Each way to give it.
    "$work/drifted/nixw" --accept-drift seed
    [ -n "$(find cache -path '*/locks/*.json' -delete -print)" ]
    "$work/drifted/nixw" seed --accept-drift
    [ -n "$(find cache -path '*/locks/*.json')" ]
}

test_a_version_that_left_the_mirrors_is_replaced_for_this_machine_alone() {
    export XDG_CACHE_HOME=$PWD/cache
    cd "$work/drifted"
    ./nixw seed 2>"$XDG_CACHE_HOME.said"
    local said used
    said=$(cat "$XDG_CACHE_HOME.said")
    used=$(jq -r --arg name $small '.systems["x86_64-linux"].debian[] | select(.name == $name).version' "$work/clone/nix/universe/mirrors/seeds.json")
    contains "$said" "$small: locked 0.0.0-0 is gone, using "
    # The clone's own pin may be gone, too, and then the newest is used.
    [ "$(jq -r --arg name $small '.systems["x86_64-linux"].debian[] | select(.name == $name).version' "$XDG_CACHE_HOME"/sealift/locks/*.json)" != 0.0.0-0 ]
    echo "$said" | grep -F "using $used" || echo "the mirrors have left $used behind"
    equal 0.0.0-0 "$(jq -r --arg name $small '.drift[] | select(.seed == $name).locked' "$XDG_CACHE_HOME"/sealift/locks/*.json)"
    unchanged .
    # The run goes on, and the next one has nothing left to ask the mirrors.
    [[ $(./nixw eval --raw $release_drv) == /nix/store/*-release.drv ]]
    with_sources '' ./nixw seed 2>"$XDG_CACHE_HOME.said"
    equal 'nixw: 0 seeds fetched, all are in the store' "$(cat "$XDG_CACHE_HOME.said")"
    # A build says whose word it goes by.
    ./nixw build --dry-run .#release 2>"$XDG_CACHE_HOME.said"
    contains "$(cat "$XDG_CACHE_HOME.said")" 'seeds are not the locked ones, as was accepted; release.json names them'
}

test_a_mirror_that_replays_an_old_index_is_refused() {
    export XDG_CACHE_HOME=$PWD/cache SEALIFT_ACCEPT_DRIFT=1
    clone replayed
    falsify replayed $small 999.0-1
    fails 2 replayed/nixw seed 2>said
    contains "$(cat said)" "seed $small: the mirror's newest version "
    contains "$(cat said)" ' is older than the locked 999.0-1'
    contains "$(cat said)" 'hint: the mirror lags behind, or serves an old index'
}

test_the_same_version_with_other_bytes_is_refused_whatever_is_accepted() {
    export XDG_CACHE_HOME=$PWD/cache SEALIFT_ACCEPT_DRIFT=1
    clone forged
    edit_lock forged --arg name $small '(.systems["x86_64-linux"].debian[] | select(.name == $name)).sha256 = "0" * 64'
    fails 2 forged/nixw seed 2>said
    contains "$(cat said)" "expected SHA-256 $(printf '0%.0s' {1..64}), but the mirror serves "
    contains "$(cat said)" 'hint: do not trust this mirror'
    equal '' "$(find cache -path '*/locks/*.json')"
}

# forge_wheel VERSION: a mirror of wheels in `wheels` that serves a zig of its own making.
forge_wheel() {
    mkdir -p wheels
    python3 - "$1" <<'END'
import sys, zipfile
version = sys.argv[1]
info = f"ziglang-{version}.dist-info"
with zipfile.ZipFile(f"wheels/ziglang-{version}-py3-none-musllinux_1_1_x86_64.whl", "w") as wheel:
    wheel.writestr("ziglang/zig", "#!/bin/sh\ntouch /tmp/forged\n")
    wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: ziglang\nVersion: {version}\n")
    wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: py3-none-musllinux_1_1_x86_64\n")
    wheel.writestr(f"{info}/RECORD", "")
END
    export PIP_NO_INDEX=1 PIP_FIND_LINKS=$PWD/wheels
}

# Nothing signs a wheel: only its hash can say that it is the one that was meant.
test_a_wheel_with_other_bytes_is_refused_whatever_is_accepted() {
    local lock=forged/nix/universe/mirrors/seeds.json version each
    export XDG_CACHE_HOME=$PWD/cache
    clone forged
    version=$(jq -r '.systems["x86_64-linux"].python[] | select(.name == "ziglang").version' $lock)
    edit_lock forged '(.systems["x86_64-linux"].python[] | select(.name == "ziglang")) |= (.sha256 = "0" * 64)'
    forge_wheel "$version"
    for each in '' signed 1; do
        SEALIFT_ACCEPT_DRIFT=$each fails 2 forged/nixw seed 2>said
        contains "$(cat said)" "but the mirror serves $(sha256sum wheels/*.whl | cut -d' ' -f1) as the same version"
        contains "$(cat said)" 'hint: do not trust this mirror'
    done
    # Nothing of it stays, neither in a lock nor as a file.
    equal '' "$(find cache -path '*/locks/*.json' -o -name '*.whl')"
}

test_a_wheel_that_left_the_mirrors_is_replaced_only_by_the_word_that_names_it() {
    export XDG_CACHE_HOME=$PWD/cache
    local each
    clone forged
    edit_lock forged '(.systems["x86_64-linux"].python[] | select(.name == "ziglang")) |=
        (.version = "0.0.1" | .file = "ziglang-0.0.1-py3-none-any.whl" | .sha256 = "0" * 64)'
    forge_wheel 99.0.0
    for each in '' signed; do
        SEALIFT_ACCEPT_DRIFT=$each fails 2 forged/nixw seed 2>said
        contains "$(cat said)" 'seed ziglang: locked 0.0.1 is gone; the mirror has 99.0.0 with SHA-256 '
        contains "$(cat said)" ', which nothing vouches for'
        equal '' "$(find cache -path '*/locks/*.json')"
    done
    forged/nixw --accept-drift seed 2>said
    contains "$(cat said)" 'nixw: seed ziglang: locked 0.0.1 is gone, using 99.0.0'
    equal 99.0.0 "$(jq -r '.drift[] | select(.seed == "ziglang").used' cache/sealift/locks/*.json)"
}

test_a_seed_lock_whose_values_would_be_options_is_refused() {
    export XDG_CACHE_HOME=$PWD/cache
    clone forged
    edit_lock forged '.systems["x86_64-linux"].debian[0].name = "-oAPT::Update::Pre-Invoke::=touch"'
    fails 2 forged/nixw seed 2>said
    contains "$(cat said)" "cannot be read: a seed's name is '-oAPT::Update"
}

test_a_replaced_version_fetches_nothing_that_is_there_already() {
    export XDG_CACHE_HOME=$PWD/cache
    "$work/drifted/nixw" seed
    local bytes
    bytes=$(find cache/sealift/seeds -type f -printf '%s\n' 2>/dev/null | awk '{ sum += $1 } END { print sum + 0 }')
    # The store holds all but one package, or even that under its right name.
    [ "$bytes" -lt 1000000 ] || { echo "$bytes bytes were fetched and kept" && return 1; }
}

test_a_second_call_says_for_what_it_waits() {
    export XDG_CACHE_HOME=$PWD/cache
    mkdir -p cache/sealift
    local holder waiting
    python3 -B - "$work/clone/nix/universe/mirrors/seed" cache/sealift/lock <<'END' &
import sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from guard import held
with held(Path(sys.argv[2]), "`fetch` for `/somewhere`"):
    while not Path("enough").exists():
        time.sleep(0.1)
END
    holder=$!
    within_a_minute grep -qs somewhere cache/sealift/lock
    (cd "$work/clone" && exec ./nixw eval --raw $release_drv) >drv 2>said &
    waiting=$!
    within_a_minute grep -qsx "nixw: waiting for process $holder, which has been at \`fetch\` for \`/somewhere\` for [0-9]* s" said || { cat said && return 1; }
    touch enough
    wait $waiting
    equal "$expected" "$(cat drv)"
    wait $holder
    # A holder that was killed keeps nobody waiting.
    (cd "$work/clone" && ./nixw eval --raw $release_drv) 2>said
    equal '' "$(grep waiting said || true)"
}

# A loaded machine takes its time.
within_a_minute() {
    local _
    for _ in {1..6}; do
        ! eventually "$@" || return 0
    done
    return 1
}

test_a_mirror_without_debian_12_is_an_error_with_a_hint() {
    export XDG_CACHE_HOME=$PWD/cache
    mkdir -p empty/debian
    fails 2 with_sources "deb file:$PWD/empty/debian bookworm main" "$work/drifted/nixw" seed 2>said
    contains "$(cat said)" 'Debian 12 could not be fetched'
    contains "$(cat said)" 'hint: the mirrors universe needs a mirror of Debian 12'
}

test_a_machine_without_a_mirror_is_told_so() {
    export XDG_CACHE_HOME=$PWD/cache
    fails 2 with_sources '' "$work/drifted/nixw" seed 2>said
    contains "$(cat said)" 'no Debian mirror is configured'
    contains "$(cat said)" 'hint: '
}

test_a_build_that_misses_a_seed_says_what_to_run() {
    local assembled
    assembled=("$work"/cache/sealift/universe/*)
    cp -R "${assembled[0]}" universe
    jq --arg name $small '(.systems["x86_64-linux"].debian[] | select(.name == $name).sha256) |= "0" * 64' universe/seeds.json >falsified
    cat falsified >universe/seeds.json
    local here=$PWD
    cd "$work/clone"
    fails 1 ./nixw build --no-link "path:$here/universe#legacyPackages.x86_64-linux.cargo" 2>"$here/said"
    cd "$here"
    contains "$(cat said)" 'run `./nixw seed`'
    contains "$(cat said)" "$small"
}

# --- who calls ---

# plant DIRECTORY: a checkout of somebody else, whose configuration has a program that marks its run in `mark`.
plant() {
    clone "$1"
    printf '#!/bin/sh\ntouch %s/mark\n' "$PWD" >monitor
    chmod +x monitor
    my_git -C "$1" config core.fsmonitor "$PWD/monitor"
    chown -R $nobody:$nobody "$1"
}

test_a_checkout_of_somebody_else_is_refused_until_git_is_told_to_trust_it() {
    plant theirs
    export GIT_CONFIG_GLOBAL=$PWD/gitconfig
    local here=$PWD each
    for each in theirs theirs/src; do
        for command in 'eval --raw' 'build --dry-run' seed; do
            # shellcheck disable=SC2086 # the command is several words
            (cd $each && fails 2 "$work/clone/nixw" $command $release_drv) 2>said
            equal "nixw: \`$here/theirs\` belongs to nobody, and git does not trust it
hint: if you do: git config --global --add safe.directory '$here/theirs'" "$(cat said)"
        done
    done
    [ ! -e mark ]
    rm monitor
    sh -c "$(sed -n 's/^hint: if you do: //p' said)"
    cd theirs
    equal "$expected" "$(./nixw eval --raw $release_drv)"
    unchanged .
}

test_trust_holds_for_a_path_with_spaces() {
    export GIT_CONFIG_GLOBAL=$PWD/gitconfig
    clone 'a path'
    chown -R $nobody:$nobody 'a path'
    cd 'a path'
    fails 2 ./nixw eval --raw $release_drv
    git config --global --add safe.directory "$PWD"
    equal "$expected" "$(./nixw eval --raw $release_drv)"
}

test_a_flake_of_somebody_else_without_git_is_refused() {
    mkdir theirs
    echo '{ outputs = _: { }; }' >theirs/flake.nix
    chown -R $nobody theirs
    cd theirs
    fails 2 "$work/clone/nixw" eval .#x 2>../said
    contains "$(cat ../said)" "theirs\` belongs to nobody"
    contains "$(cat ../said)" 'hint: if you trust it, make a copy of your own: cp -R '
}

# A shared directory such as /tmp, and one of somebody else, are no projects of whoever works below them.
test_a_flake_in_a_shared_or_foreign_directory_catches_nobody() {
    local trap='{ outputs = _: { caught = "caught"; }; }' above
    mkdir -p shared/mine theirs/mine mounted/mine
    echo "$trap" | tee shared/flake.nix theirs/flake.nix >mounted/flake.nix
    chmod 1777 shared
    chown $nobody theirs theirs/flake.nix
    mount -t tmpfs tmpfs mounted/mine
    for above in shared theirs mounted; do
        # The wrapper's own flake is the one that is left.
        equal "$expected" "$(cd $above/mine && "$work/clone/nixw" eval --raw $release_drv)"
    done
    equal "$expected" "$(cd shared && "$work/clone/nixw" eval --raw $release_drv)"
    # It would have been caught.
    mkdir -p own/mine
    echo "$trap" >own/flake.nix
    equal caught "$(cd own/mine && "$work/clone/nixw" eval --raw .#caught)"
}

test_a_copy_without_any_flake_says_so() {
    cp "$work/clone/nixw" .
    fails 2 ./nixw build .#release 2>said
    equal "nixw: there is no flake.nix in \`$PWD\` or above it
hint: write one with \`sealift init\`" "$(cat said)"
}

test_a_plain_user_without_a_daemon_gets_a_store_of_their_own() {
    [ ! -S /nix/var/nix/daemon-socket/socket ] || not_applicable 'this machine has a daemon of Nix'
    local home=$PWD/home
    mkdir home
    clone theirs
    chown -R $nobody:$nobody theirs home
    cd theirs
    equal "$expected" "$(as_nobody HOME="$home" ./nixw eval --raw $release_drv)"
    equal $nobody "$(stat -c %u "$home/.local/share/sealift/store$expected")"
    # `flake check` wants the template where this looks for it.
    install -d -o $nobody "$home/project"
    (cd "$home/project" && as_nobody HOME="$home" "$OLDPWD/nixw" flake init -t "$OLDPWD")
    [ -f "$home/project/sealift.toml" ]
    unchanged .
}

main "$@"
