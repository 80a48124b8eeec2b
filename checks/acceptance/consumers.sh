#!/usr/bin/env bash
# Uses Sealift as other projects do: as the input of their flakes, with the wrapper that lies in them.
#
#     checks/acceptance/consumers.sh
#
# Needs root, and Debian's mirrors. Tests the checkout's last commit, in a clone, from the mirrors universe, whose seeds
# are fetched where the Nix store lacks them. Prints `ok NAME` or `FAIL NAME` for each test, and what it saw of a failed
# one; exits with 1 when one failed.

# shellcheck disable=SC2016,SC2154 # messages have backticks and Nix has dollars; lib.sh assigns work
set -uo pipefail
# shellcheck source=SCRIPTDIR/lib.sh
. "$(dirname "$0")/lib.sh"

readonly release_drv=.#packages.x86_64-linux.release.drvPath
readonly fixtures=checks/fixtures

main() {
    [ $# -eq 0 ] || die "usage: $0"
    need_root 'fill the store'
    need_tools git:git jq:jq
    checkout=$(realpath "$(dirname "$0")/../..")
    open_work
    export XDG_CACHE_HOME=$work/cache SEALIFT_UNIVERSE=mirrors
    unset SEALIFT SEALIFT_SANDBOX NIX_CONFIG PYTHONDONTWRITEBYTECODE
    # The checkout's own pins may be gone.
    export SEALIFT_ACCEPT_DRIFT=signed
    printf '[safe]\n\tdirectory = *\n[user]\n\tname = A. Person\n\temail = a@example.org\n[init]\n\tdefaultBranch = main\n' >"$work/gitconfig"
    sealift=$work/sealift
    my_git clone --quiet --no-hardlinks "$checkout" "$sealift" || die "$checkout cannot be cloned"
    "$sealift/nixw" seed </dev/null >"$work/log" 2>&1 || die "the seeds cannot be fetched: $(cat "$work/log")"
    run_tests
}

before_close() {
    find /nix/var/nix/gcroots/auto -lname "$work/*" -delete 2>/dev/null
}

my_git() { GIT_CONFIG_GLOBAL=$work/gitconfig git "$@"; }

# project FIXTURE: a project of its own, with a flake of three lines and a copy of the wrapper; the current directory
# from then on.
project() {
    cp -R "$sealift/$fixtures/$1" project
    cd project || return
    as_project
}

as_project() {
    cp "$sealift/nixw" .
    cat >flake.nix <<'END'
{
  inputs.sealift.url = "github:example/sealift";
  outputs = { self, sealift, ... }: sealift.lib.mkFlake { inherit self; src = ./.; };
}
END
    my_git init --quiet
    commit
}

commit() {
    my_git add --all
    my_git commit --quiet --all --message 'Say what is to be said'
}

evaluated() { SEALIFT=$sealift ./nixw eval --raw "${wanted:-$release_drv}"; }

# refused PART...: the release does not evaluate, and all of these are said.
refused() {
    commit
    fails 1 evaluated >/dev/null 2>../said
    local part
    for part in "$@"; do contains "$(cat ../said)" "$part"; done
}

# --- where Sealift comes from ---

test_a_projects_own_wrapper_and_ours_by_its_path_make_the_same() {
    project features
    local own
    own=$(evaluated)
    [[ $own == /nix/store/*-features-1.2.3-release.drv ]]
    equal "$own" "$("$sealift/nixw" eval --raw $release_drv)"
    my_git status --porcelain | (! grep .)
}

# serve_crate: a registry of one crate in the place of the public one, for the cache `cache`; sets `crate`.
serve_crate() {
    type -P cargo >/dev/null || not_applicable 'this machine has no cargo to make a crate with'
    [ -d "$work/packaged" ] || (cd "$sealift" && cargo package --quiet --no-verify --offline --target-dir "$work/packaged") ||
        not_applicable 'cargo has not fetched what Sealift depends on'
    local version port registry=$PWD/registry
    crate=$(one_of "$work/packaged/package/*.crate")
    version=$(basename "$crate" .crate)
    version=${version#sealift-}
    mkdir -p "$registry/se/al" cache/sealift/crate/.cargo
    cp "$crate" "$registry/"
    printf '{"name":"sealift","vers":"%s","deps":[],"cksum":"%s","features":{},"yanked":false}\n' \
        "$version" "$(sha256sum "$crate" | cut -d' ' -f1)" >"$registry/se/al/sealift"
    python3 -u -m http.server 0 --bind 127.0.0.1 --directory "$registry" >served 2>&1 &
    server=$!
    trap 'kill $server' EXIT
    eventually grep -q port served
    port=$(sed -n 's/.* port \([0-9]*\) .*/\1/p' served)
    printf '{"dl":"http://127.0.0.1:%s/{crate}-{version}.crate"}\n' "$port" >"$registry/config.json"
    printf '[source.crates-io]\nreplace-with = "local"\n[source.local]\nregistry = "sparse+http://127.0.0.1:%s/"\n' "$port" \
        >cache/sealift/crate/.cargo/config.toml
    export XDG_CACHE_HOME=$PWD/cache
}

# name_crate SHA256: what `sealift init` writes into a copy of the wrapper.
name_crate() {
    sed -i "s/^sealift_crate=.*/sealift_crate=$1/" nixw
    commit
}

test_the_published_crate_serves_a_project_whose_copy_names_its_hash() {
    serve_crate
    project features
    name_crate "$(sha256sum "$crate" | cut -d' ' -f1)"
    # What an interrupted run has left is not taken for a whole one.
    mkdir -p "$XDG_CACHE_HOME/sealift/cargo/registry/src/index/sealift-0.1.0/nix/universe/mirrors" "$XDG_CACHE_HOME/sealift/crates/x.1/nix/universe/mirrors"
    [[ $(./nixw eval --raw $release_drv 2>../said) == /nix/store/*-features-1.2.3-release.drv ]]
    contains "$(cat ../said)" "nixw: Sealift from $XDG_CACHE_HOME/sealift/crates/$(sha256sum "$crate" | cut -d' ' -f1)"
    # All that a build needs is in it.
    SEALIFT='' ./nixw build --dry-run .#release
}

test_a_crate_that_the_copy_does_not_name_is_never_run() {
    serve_crate
    project features
    fails 2 ./nixw eval --raw $release_drv 2>../said
    equal 'nixw: nothing on this machine is known to be Sealift: flake.nix takes it from `github:example/sealift`
hint: set SEALIFT to a directory that holds Sealift, or let flake.nix name one: inputs.sealift.url = "path:…"' "$(tail -n 2 ../said)"
    [ ! -e "$XDG_CACHE_HOME/sealift/cargo" ]
    name_crate "$(printf '0%.0s' {1..64})"
    local _
    for _ in 1 2; do
        fails 2 ./nixw eval --raw $release_drv 2>../said
        contains "$(cat ../said)" "expected SHA-256 $(printf '0%.0s' {1..64}), found $(sha256sum "$crate" | cut -d' ' -f1)"
        equal '' "$(find "$XDG_CACHE_HOME/sealift/crates" 2>/dev/null)"
    done
}

test_a_copy_takes_sealift_from_where_its_flake_does() {
    export XDG_CACHE_HOME=$PWD/cache
    cp -R "$sealift" 'my sealift'
    local encoded=$PWD/my%20sealift real="$PWD/my sealift" url
    project features
    for url in "path:$encoded" "git+file://$encoded" "git+file://$encoded?ref=main" 'path:../my%20sealift'; do
        sed -i "s|url = \".*\"|url = \"$url\"|" flake.nix
        [[ $(./nixw eval --raw $release_drv 2>../said) == /nix/store/*-features-1.2.3-release.drv ]]
        contains "$(cat ../said)" "nixw: Sealift from $real"
    done
    # The other ways to write it down, and a comment.
    cat >flake.nix <<END
{
  # inputs.sealift.url = "path:/nowhere";
  inputs = {
    other-sealift.url = "path:/nowhere";
    sealift = {
      flake = true;
      url = "path:$encoded";
    };
  };
  outputs = { self, sealift, ... }: sealift.lib.mkFlake { inherit self; src = ./.; };
}
END
    # The other input does not exist, so that nothing is evaluated.
    ./nixw eval --raw $release_drv 2>../said || true
    contains "$(cat ../said)" "nixw: Sealift from $real"
    # Where the text does not say it, the lock does.
    sed -i '/^      url = /d' flake.nix
    printf '{"version":7,"root":"root","nodes":{"root":{"inputs":{"sealift":"sealift"}},"sealift":{"locked":{"type":"path","path":"%s"}}}}\n' "$real" >flake.lock
    commit
    ./nixw eval --raw $release_drv 2>../said || true
    contains "$(cat ../said)" "nixw: Sealift from $real"
    # What somebody else could have put there is not run.
    chown -R nobody ../my*
    fails 2 ./nixw eval --raw $release_drv 2>../said
    contains "$(cat ../said)" 'my sealift` belongs to nobody, and git does not trust it'
}

test_a_directory_that_is_not_sealift_is_refused() {
    project features
    SEALIFT=/nowhere fails 2 ./nixw eval --raw $release_drv 2>../said
    contains "$(cat ../said)" 'SEALIFT is `/nowhere`, which is not a directory'
    SEALIFT=$PWD fails 2 ./nixw eval --raw $release_drv 2>../said
    contains "$(cat ../said)" 'is not Sealift'
    contains "$(cat ../said)" 'hint: set SEALIFT to a checkout of Sealift'
}

test_inputs_that_a_flake_follows_or_does_not_have_make_no_difference() {
    project features
    local expected
    # Uncommitted, or the two would differ by the commit that they carry.
    echo '# An edit.' >>flake.nix
    expected=$(evaluated)
    cat >flake.nix <<'END'
{
  inputs.nixpkgs.url = "github:example/nixpkgs";
  inputs.sealift.url = "github:example/sealift";
  inputs.sealift.inputs.nixpkgs.follows = "nixpkgs";
  outputs = { self, sealift, ... }: sealift.lib.mkFlake { inherit self; src = ./.; };
}
END
    equal "$expected" "$(evaluated)"
    sed -i '/follows/d' flake.nix
    equal "$expected" "$(evaluated)"
}

# --- what comes out ---

test_a_flake_of_three_lines_releases_hexyl() {
    mkdir project
    tar -xzf "$(one_of '/nix/store/*-hexyl-0.17.0.crate')" --strip-components=1 -C project
    cp "$sealift"/checks/consumers/hexyl/sealift.toml project/
    cd project || return
    # Debian's archive for this machine alone: the check `consumer-hexyl` has the other platform.
    sed -i 's/^targets = .*/targets = ["x86_64-unknown-linux-musl"]/' sealift.toml
    as_project
    SEALIFT=$sealift ./nixw build --print-build-logs .#release
    (cd result && sha256sum --check SHA256SUMS)
    mkdir ../unpacked
    tar -xzf result/artifacts/*.tar.gz --strip-components=1 -C ../unpacked
    contains "$(../unpacked/hexyl --version)" 'hexyl 0.17.0'
    contains "$(printf 'sealift' | ../unpacked/hexyl --plain)" '73 65 61 6c'
    my_git status --porcelain | (! grep -v result)
}

test_a_git_dependency_is_built_by_the_hash_that_the_wrapper_says() {
    type -P cargo >/dev/null || not_applicable 'this machine has no cargo to lock a dependency with'
    mkdir -p library/member/src
    printf '[workspace]\nmembers = ["member"]\n[workspace.package]\nversion = "0.3.0"\nedition = "2021"\n' >library/Cargo.toml
    printf '[package]\nname = "member"\nversion.workspace = true\nedition.workspace = true\n' >library/member/Cargo.toml
    printf 'pub fn word() -> &%sstatic str {\n    "from git"\n}\n' "'" >library/member/src/lib.rs
    (cd library && my_git init --quiet && commit)
    local url=file://$PWD/library
    project features
    printf '\n[dependencies]\nmember = { git = "%s", branch = "main" }\n' "$url" >>Cargo.toml
    printf 'fn main() {\n    println!("{}", member::word());\n}\n' >src/main.rs
    CARGO_HOME=$work/cargo GIT_CONFIG_GLOBAL=$work/gitconfig cargo generate-lockfile --quiet
    commit
    # Without a hash it is said.
    SEALIFT=$sealift fails 2 ./nixw build --no-link .#features 2>../said
    contains "$(cat ../said)" 'and the manifest no hash of it'
    contains "$(cat ../said)" 'hint: write below [build.git-hashes]'
    local line
    line=$(grep '^"git+file' ../said)
    # A wrong one is found out.
    printf '\n[build.git-hashes]\n%s\n' "${line%\"sha256-*}\"sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\"" >>sealift.toml
    commit
    SEALIFT=$sealift fails 2 ./nixw build --no-link .#features 2>../said
    contains "$(cat ../said)" 'expected sha256-47DEQpj8HBSa+'
    # With it, it is built.
    sed -i '$d' sealift.toml
    printf '%s\n' "$line" >>sealift.toml
    commit
    SEALIFT=$sealift ./nixw build --print-build-logs .#features
    equal 'from git' "$(result/bin/features)"
}

# --- what a stranger's project cannot do while it is seeded ---

# seeded: fetches what the project in the current directory names.
seeded() { SEALIFT=$sealift ./nixw seed; }

# locked_from SOURCE: adds a package to Cargo.lock that comes from there, as cargo itself would never write it.
locked_from() { printf '\n[[package]]\nname = "member"\nversion = "0.3.0"\nsource = "%s"\n' "$1" >>Cargo.lock; }

test_an_address_of_a_git_dependency_runs_no_command() {
    project features
    cp Cargo.lock ../Cargo.lock
    local mark=$PWD/mark commit=0123456789abcdef0123456789abcdef01234567 source
    for source in "--upload-pack=touch $mark" "ext::sh -c touch% $mark" "-c$mark" "ssh://-oProxyCommand=touch% $mark/x" "http://example.org/x"; do
        cp ../Cargo.lock Cargo.lock
        locked_from "git+$source#$commit"
        commit
        fails 2 seeded 2>../said
        contains "$(cat ../said)" 'is not a git dependency that can be fetched'
        contains "$(cat ../said)" 'hint: expected `git+`, an address that begins with https://, ssh:// or file://'
        [ ! -e "$mark" ]
    done
    # Nor does a commit that is an option or a refspec.
    for source in --upload-pack=touch +refs/heads/main "$commit:refs/x"; do
        cp ../Cargo.lock Cargo.lock
        locked_from "git+https://example.org/x#$source"
        commit
        fails 2 seeded 2>../said
        contains "$(cat ../said)" 'is not a git dependency that can be fetched'
    done
    # An address that git itself would take for a host's option gets no further.
    cp ../Cargo.lock Cargo.lock
    locked_from "git+ssh://-oProxyCommand=touch%20$mark/x#$commit"
    commit
    fails 2 seeded 2>../said
    [ ! -e "$mark" ]
}

test_names_in_cargo_lock_are_held_to_what_crates_can_be_called() {
    project features
    cp Cargo.lock ../Cargo.lock
    local package checksum
    checksum=$(printf '0%.0s' {1..64})
    for package in 'name = "../../x"|version = "1.0.0"' 'name = "x\" }"|version = "1.0.0"' 'name = "x"|version = "1.0.0 --config y"' 'name = "*"|version = "1.0.0"' \
        'name = "x\u001b[2J"|version = "1.0.0"'; do
        cp ../Cargo.lock Cargo.lock
        printf '\n[[package]]\n%s\n%s\nsource = "registry+https://github.com/rust-lang/crates.io-index"\nchecksum = "%s"\n' \
            "${package%|*}" "${package#*|}" "$checksum" >>Cargo.lock
        commit
        fails 2 seeded 2>../said
        contains "$(cat ../said)" 'has a package whose '
        # Nothing of it reaches the terminal as a command.
        ! grep -q $'\e' ../said || return 1
    done
}

test_a_projects_own_settings_of_cargo_run_nothing() {
    type -P cargo >/dev/null || not_applicable 'this machine has no cargo to lock a dependency with'
    project features
    # A crate that is not in the store, so that cargo is called for it. Another project of this machine may need one of these.
    local crate
    for crate in adler-1.0.2 matches-0.1.10 void-1.0.2; do
        nix-store --delete /nix/store/*-$crate.crate >/dev/null 2>&1 || true
        compgen -G "/nix/store/*-$crate.crate" >/dev/null || break
    done
    printf '\n[dependencies]\n%s = "=%s"\n' "${crate%-*}" "${crate##*-}" >>Cargo.toml
    CARGO_HOME=$work/cargo cargo generate-lockfile --quiet
    printf '#!/bin/sh\ntouch %s/mark\nexec rustc "$@"\n' "$PWD" >rustc
    chmod +x rustc
    mkdir .cargo
    printf '[build]\nrustc = "%s"\nrustc-wrapper = "%s"\n' "$PWD/rustc" "$PWD/rustc" >.cargo/config.toml
    commit
    seeded 2>../said
    contains "$(cat ../said)" 'nixw: fetching 1 crates'
    [ ! -e mark ]
}

# --- what is refused ---

test_a_missing_lock_is_named() {
    project features
    my_git rm --quiet --cached Cargo.lock
    rm Cargo.lock
    refused 'Cargo.lock`' 'hint: run `cargo generate-lockfile`, and add Cargo.lock to git'
}

test_a_stale_lock_is_named() {
    project features
    printf '\n[dependencies]\nserde = "1"\n' >>Cargo.toml
    refused 'is stale: it does not have `serde`' 'hint: run `cargo update --workspace`'
}

test_another_channel_is_refused_with_the_one_that_there_is() {
    project features
    printf '[toolchain]\nchannel = "nightly-2026-01-01"\n' >rust-toolchain.toml
    refused 'asks for the channel `nightly-2026-01-01`' 'hint: write `channel = "stable"`'
}

test_a_newer_rust_version_is_refused() {
    project features
    sed -i 's/^edition = .*/&\nrust-version = "1.999"/' Cargo.toml
    refused 'needs rustc 1.999' 'hint: '
}

test_a_missing_manifest_is_refused_with_the_command_that_writes_it() {
    project features
    my_git rm --quiet --cached sealift.toml
    rm sealift.toml
    refused 'there is no manifest `sealift.toml`' 'hint: write one with `sealift init`'
}

test_unknown_names_in_the_manifest_are_refused_with_the_known_ones() {
    project features
    sed -i 's/^targets = .*/targets = ["sparc-sun-solaris"]/' sealift.toml
    refused 'unknown target `sparc-sun-solaris`' '`x86_64-unknown-linux-musl`'
    sed -i 's/^targets = .*/targets = ["x86_64-unknown-linux-musl"]/; s/^formats = .*/formats = ["cab"]/' sealift.toml
    refused 'unknown format `cab`' '`appimage`'
}

# says EXIT-CODE TEXT [COMMAND...]: all that the wrapper says on stderr, but for the two lines on where things come from.
says() {
    local code=$1 expected=$2
    shift 2
    [ $# -gt 0 ] || set -- build --dry-run .#release
    SEALIFT=$sealift fails "$code" ./nixw "$@" 2>../said
    equal "$expected" "$(sed '/^nixw: Sealift from /d; /^nixw: universe mirrors /d' ../said)"
    ! grep -E '\.nix:|/nix/store' ../said | grep -v '^error: flake\.nix:' || return 1
}

# --- mistakes, with all that is said ---

test_files_that_git_does_not_know_are_named() {
    project features
    my_git rm --quiet --cached flake.nix
    says 2 'nixw: git does not know `flake.nix`, and Nix sees only what git knows
hint: git add --intent-to-add flake.nix'
    my_git rm --quiet --cached sealift.toml
    says 2 'nixw: git does not know `flake.nix sealift.toml`, and Nix sees only what git knows
hint: git add --intent-to-add flake.nix sealift.toml' eval .#x
    sh -c "$(sed -n 's/^hint: //p' ../said)"
    ./nixw --version
    SEALIFT=$sealift ./nixw eval --raw $release_drv
}

test_a_key_that_is_misspelled_is_named_with_the_manifest() {
    project features
    sed -i 's/^formats/formts/' sealift.toml
    says 1 'error: `sealift.toml` does not give `formats`
hint: it has `formts`: is that meant? `sealift plan` says all that is wrong with a manifest'
    mkdir packaging
    sed -i 's/^targets/tragets/' sealift.toml
    my_git mv sealift.toml packaging/
    sed -i 's|inherit self;|inherit self; manifest = "packaging/sealift.toml";|' flake.nix
    says 1 'error: `packaging/sealift.toml` does not give `targets`
hint: it has `tragets`: is that meant? `sealift plan` says all that is wrong with a manifest'
}

# packer STATUS TEXT: a packer of this version on PATH that plans like that.
packer() {
    mkdir -p bin
    printf '#!/bin/sh\n[ "$1" != --version ] || { echo "sealift %s (x)"; exit; }\ncat >&2 <<"END"\n%s\nEND\nexit %s\n' \
        "$(sed -n 's/^sealift_version=//p' nixw)" "$2" "$1" >bin/sealift
    chmod +x bin/sealift
}

test_a_packer_at_hand_says_what_is_wrong_with_the_manifest_before_anything_is_evaluated() {
    project features
    local complaint='error: sealift.toml:7:1: unknown field `formts`, expected `formats`
hint: of the packer'
    packer 2 "$complaint"
    PATH=$PWD/bin:$PATH says 2 "$complaint"
    SEALIFT_BIN=$PWD/bin/sealift says 2 "$complaint"
    # What a flake can complete, or another version refuses, is for the build to say.
    packer 2 'error: `appimage` needs a runtime'
    SEALIFT_BIN=$PWD/bin/sealift SEALIFT=$sealift ./nixw build --dry-run .#release
    packer 2 "$complaint"
    sed -i 's/echo "sealift /&9/' bin/sealift
    SEALIFT_BIN=$PWD/bin/sealift SEALIFT=$sealift ./nixw build --dry-run .#release
}

test_other_mistakes_are_said_in_a_line_and_a_hint() {
    project features
    echo '[[[' >>sealift.toml
    says 1 "error: sealift.toml:$(wc -l <sealift.toml): this is not TOML
hint: \`sealift plan\` shows the line and what was expected"
    my_git checkout --quiet .
    says 1 'error: the flake has no output `relase`
hint: did you mean `release`?' build --dry-run .#relase
    says 1 'error: nothing is built on the system `riscv64-linux`
hint: build on aarch64-darwin, aarch64-linux, x86_64-darwin, x86_64-linux; programs for every other platform are compiled there, too' \
        develop .#devShells.riscv64-linux.default
    echo '}}' >>flake.nix
    says 1 "error: flake.nix:5: syntax error, unexpected '}', expecting end of file"
    my_git checkout --quiet .
    sed -i 's/^targets = .*/targets = ["sparc-sun-solaris"]/' sealift.toml
    says 1 "$(printf 'error: unknown target `sparc-sun-solaris`\n%s' "$(grep '^hint: expected one of' ../said || true)")" || true
    contains "$(sed '/^nixw: /d' ../said | head -n 1)" 'error: unknown target `sparc-sun-solaris`'
    equal 2 "$(sed '/^nixw: /d' ../said | wc -l)"
    my_git checkout --quiet .
    my_git rm --quiet Cargo.lock
    says 1 'error: there is no `Cargo.lock`
hint: run `cargo generate-lockfile`, and add Cargo.lock to git: a flake sees only what git knows'
}

test_programs_that_get_the_terminal_are_not_started_where_the_project_has_a_mistake() {
    project features
    local command
    for command in run develop shell; do
        says 1 'error: the flake has no output `relase`
hint: did you mean `release`?' $command .#relase
    done
    sed -i 's/^formats/formts/' sealift.toml
    for command in 'run .#release' 'shell .#release -c true'; do
        # shellcheck disable=SC2086 # a command with its arguments
        says 1 'error: `sealift.toml` does not give `formats`
hint: it has `formts`: is that meant? `sealift plan` says all that is wrong with a manifest' $command
    done
    echo '}}' >>flake.nix
    for command in run develop shell; do
        says 1 "error: flake.nix:5: syntax error, unexpected '}', expecting end of file" $command
    done
}

test_programs_get_the_terminal_and_their_own_arguments() {
    project features
    cat >flake.nix <<'END'
{
  outputs = { self, nixpkgs }: let bash = nixpkgs.legacyPackages.x86_64-linux.bashInteractive; in {
    packages.x86_64-linux.bash = bash // { name = "bash"; };
    apps.x86_64-linux.app = { type = "app"; program = "${bash}/bin/bash"; };
    packages.x86_64-linux.broken = throw "a mistake of the flake";
  };
}
END
    commit
    local command tty='[ -t 0 ] && [ -t 1 ] && [ -t 2 ] && echo "has $1"'
    for command in 'run .#bash --' 'run .#app --' 'shell .#bash -c bash'; do
        # shellcheck disable=SC2086 # a command with its arguments
        equal 'has --relase' "$(SEALIFT=$sealift ./nixw $command -c 'echo "has $1"' x --relase 2>/dev/null)"
        SEALIFT=$sealift script -qec "./nixw $command -c '$tty' x a-terminal" /dev/null </dev/null >../terminal
        contains "$(cat ../terminal)" 'has a-terminal'
    done
    says 1 'error: a mistake of the flake' run .#broken
    says 7 '' run .#bash -- -c 'exit 7'
}

test_a_build_is_told_in_a_line_each_and_its_failure_by_the_end_of_its_log() {
    project features
    cat >flake.nix <<'END'
{
  outputs = { self, nixpkgs }: {
    packages.x86_64-linux.good = self.make "touch $out";
    packages.x86_64-linux.bad = self.make "printf '\\033[1mone\\033[0m\\ntw\\rtwo\\n'; exit 3";
    make = script: derivation {
      name = "made-1.0";
      system = "x86_64-linux";
      builder = "${nixpkgs.legacyPackages.x86_64-linux.bashInteractive}/bin/bash";
      args = [ "-c" "export PATH=${nixpkgs.legacyPackages.x86_64-linux.bashInteractive}/bin; : ${toString self.lastModified}; ${script}" ];
    };
  };
}
END
    commit
    # So that nothing else is built in what follows.
    SEALIFT=$sealift ./nixw build .#good
    my_git commit --quiet --allow-empty --message 'At another time' --date 2001-01-01T00:00:00Z
    says 1 'nixw: building made-1.0 (1 of 1)
error: building made-1.0 failed with exit code 3, the end of its log:
    one
    two
hint: `./nixw log` shows all of its log' build .#bad
    contains "$(SEALIFT=$sealift ./nixw log)" one
    # The noise of a log that is asked for is gone, too.
    SEALIFT=$sealift fails 1 ./nixw build --print-build-logs .#bad 2>../said
    ! grep -q $'[\e\r]' ../said || return 1
    contains "$(cat ../said)" 'made> two'
    # On a terminal there is one line, which goes away.
    SEALIFT=$sealift script -qec './nixw build --no-link --rebuild .#good' /dev/null </dev/null >../terminal || true
    ! grep -aq 'building made-1.0 (1 of 1)$' ../terminal || return 1
}

test_no_log_is_shown_where_nothing_has_failed() {
    export XDG_CACHE_HOME=$PWD/cache
    project features
    says 2 'nixw: no build has failed yet, so there is no log to show
hint: name what was built: ./nixw log .#NAME' log
}

test_a_release_of_changes_that_are_not_committed_says_so() {
    project features
    cat >flake.nix <<'END'
{
  outputs = { self, nixpkgs }: {
    packages.x86_64-linux.release = nixpkgs.legacyPackages.x86_64-linux.bashInteractive;
  };
}
END
    commit
    says 0 '' build --no-link .#release
    echo >>README.md
    echo '# An edit.' >>Cargo.toml
    says 0 'nixw: the checkout has changes that are not committed, so this release names no commit' build --no-link .#release
}

# call ARGUMENTS: a flake that gives these to mkRelease.
call() {
    cat >flake.nix <<END
{
  inputs.sealift.url = "github:example/sealift";
  outputs = { self, sealift, ... }: {
    packages.x86_64-linux.release = (sealift.lib.mkRelease { $1 }).release;
  };
}
END
}

test_wrong_arguments_are_refused_with_an_example() {
    project features
    call 'system = "x86_64-linux"; src = ./.; manifst = "sealift.toml";'
    refused 'sealift.lib.mkRelease: unknown argument `manifst`; expected one of `builder`' 'hint: for example' 'src = ./.;'
    call 'system = "x86_64-linux";'
    refused 'the argument `src` is missing' 'hint: for example'
    call 'system = "x86_64-linux"; src = ./.; targets = "x86_64-unknown-linux-musl";'
    refused 'the argument `targets` is of the type string; expected a list of texts' 'hint: for example'
    call 'system = "x86_64-linux"; src = ./.; builder = "make";'
    refused 'no builder `make`' '`cargo`'
    call 'system = "x86_64-linux"; src = ./.; builder = "crane";'
    refused 'the mirrors universe has no builder `crane`' 'hint: '
    call 'system = "x86_64-linux"; src = ./.; toolchain = "fenix";'
    refused 'the mirrors universe has no toolchain `fenix`' 'hint: '
    call 'system = "x86_64-linux"; src = ./.; toolchain.channel = "1.92.0";'
    refused 'asks for the channel `1.92.0`, and the mirrors universe has rustc' 'hint: ask for `stable`'
    call 'system = "x86_64-linux"; src = ./.; toolchain.chanel = "stable";'
    refused '`toolchain` is a table without `channel`' 'hint: write `toolchain = { channel'
    call 'system = "x86_64-linux"; src = ./.; toolchain.rustc = ./.;'
    refused 'toolchain: the argument `cargo` is missing' 'hint: for example'
    call 'system = "x86_64-linux"; src = ./.; pkgs = { };'
    refused '`pkgs` was given, and the mirrors universe is not made from nixpkgs' 'hint: leave `pkgs` out'
    call 'system = "x86_64-linux"; src = ./.; steps.link = old: old;'
    refused 'unknown step `link`' '`artifact`'
    call 'system = "x86_64-linux"; src = ./.; steps.tree = old: "tree";'
    refused '`steps.tree` returns a string' 'hint: it is given'
    call 'system = "riscv64-linux"; src = ./.;'
    refused 'nothing is built on the system `riscv64-linux`' 'hint: '
}

# outputs ARGUMENTS: a project's flake with these further arguments of mkFlake.
outputs() {
    cat >flake.nix <<END
{
  inputs.sealift.url = "github:example/sealift";
  outputs = { self, sealift, ... }: sealift.lib.mkFlake { inherit self; src = ./.; $1 };
}
END
}

test_a_flake_gets_what_it_adds_to_each_system() {
    project features
    outputs 'devShell = { project, ... }: { env.PROJECT = project.name; shellHook = "echo welcome"; };
        perSystem = { universe, ... }: { packages.more = universe.run { name = "more"; script = "echo more >$out"; }; };'
    commit
    equal "$(printf 'welcome\nfeatures')" "$(SEALIFT=$sealift ./nixw develop -c printenv PROJECT 2>/dev/null)"
    SEALIFT=$sealift ./nixw build .#more >/dev/null 2>&1
    equal more "$(cat result)"
}

test_what_a_flake_adds_is_refused_where_nothing_asks_for_it() {
    project features
    outputs 'perSystem.nixosModules = { };'
    refused '`perSystem` gives `nixosModules`, which is not of one system' 'hint: expected `apps`'
    outputs 'devShell.package = [ ];'
    wanted='.#devShells.x86_64-linux.default.drvPath' refused 'devShell: unknown argument `package`' '`packages`'
    outputs 'perSystem = { pkgs, ... }: { packages.zig = pkgs.zig; };'
    wanted='.#packages.x86_64-linux.zig.drvPath' refused 'the mirrors universe has no packages of nixpkgs' 'universe.run'
}

main "$@"
