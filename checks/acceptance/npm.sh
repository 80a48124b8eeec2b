#!/usr/bin/env bash
# Installs, runs, upgrades and removes npm packages with npm, npx and pnpm, from files and from a registry.
#
#     checks/acceptance/npm.sh RELEASE-DIRECTORY
#
# The packages hold the release's own program, which packs them, and a script whose end can be chosen. Needs Node.js; pnpm and
# the registry, verdaccio, come from npm's, and their tests do not apply where that cannot be reached. The registry listens on
# loopback and knows no other. Prints `ok NAME` or `FAIL NAME` for each test, with the output of failed ones; exits with 1 if
# one failed.

set -uo pipefail
# shellcheck source=SCRIPTDIR/lib.sh
. "$(dirname "$0")/lib.sh"

main() {
    [ $# -eq 1 ] || die "usage: $0 RELEASE-DIRECTORY"
    need_tools jq:jq curl:curl node:nodejs npm:npm python3:python3 script:bsdutils
    open_release "$1"
    judges '*-linux-x64-*.tgz' "sealift-$version.tgz"
    open_work
    # Tools come from where this machine gets its own; nothing else of its configuration counts.
    configuration=$(npm config get userconfig)
    export TMPDIR=$work HOME=$work/home npm_config_userconfig=$work/home/.npmrc npm_config_cache=$work/cache
    export npm_config_update_notifier=false npm_config_fund=false npm_config_audit=false npm_config_fetch_retries=0
    mkdir "$HOME"
    tar -xzf "$(one_of "$release/artifacts/*-x86_64-unknown-linux-musl.tar.gz")" -C "$work"
    sealift=$(one_of "$work/sealift-*/sealift")
    (set -e && make_packages) >"$work/log" 2>&1
    status=$?
    [ $status = 0 ] || die "the packages cannot be packed: $(cat "$work/log")"
    start_registry
    run_tests
}

# $work/packages: of two versions, the one that picks and one for this machine. $work/elsewhere: for another processor alone.
make_packages() {
    local each
    for each in 0.0.1 0.0.2; do
        project "$each" x86_64-unknown-linux-musl "$work/$each"
        mkdir -p "$work/packages"
        cp "$work/$each"/release/artifacts/*.tgz "$work/packages/"
    done
    project 0.0.2 aarch64-unknown-linux-musl "$work/elsewhere"
}

# project VERSION TARGET DIRECTORY: its release is in DIRECTORY/release.
project() {
    manifest npm greeter "$1" "$3"
    sed -i "s/x86_64-unknown-linux-musl/$2/; s|^\[package\]|[npm]\nscope = \"@acme\"\nkeywords = [\"greeting\"]\n\n&|" \
        "$3/sealift.toml"
    greeter "$1" >"$3/tree/bin/greeter"
    add_file doc README.md '# Greeter' "$3"
    add_file man greeter.1 '.TH greeter 1' "$3"
    # The gates open it, and it has to be one for the target.
    tar -xzOf "$(one_of "$release/artifacts/*-$2.tar.gz")" --wildcards '*/sealift' >"$3/tree/bin/sealift"
    printf '\n[[files]]\nkind = "binary"\nsource = "bin/sealift"\n' >>"$3/sealift.toml"
    (
        cd "$3"
        "$sealift" package --target "$2" --tree tree --out out --date 1700000000
        "$sealift" release --artifact out/*.tgz --out release
        "$sealift" gate release
    )
}

# greeter VERSION: a program that ends as it is told.
greeter() {
    cat <<PROGRAM
#!/bin/sh
case \$1 in
--version) echo "greeter $1" ;;
arguments) shift; printf '<%s>' "\$@" ;;
copy) cat; echo copied >&2 ;;
exit) exit "\$2" ;;
die) kill -"\$2" \$\$ ;;
wait)
    trap 'echo "caught \$2"; exit 7' "\$2"
    echo "ready \$\$"
    while :; do sleep 0.05; done
    ;;
esac
PROGRAM
}

# fetch DIRECTORY PACKAGE VERSION: a tool, from where this machine gets its own. One of verdaccio's packages asks for another
# by a word instead of a version, which not every mirror knows.
fetch() {
    mkdir -p "$1"
    echo "{\"dependencies\":{\"$2\":\"$3\"},\"overrides\":{\"node-fetch\":\"2\"}}" >"$1/package.json"
    (cd "$1" && timeout 300 npm install --userconfig "$configuration" --fetch-retries 2)
}

# A registry that holds what the tests publish; `registry` is empty where there is none.
start_registry() {
    registry=
    if ! fetch "$work/registry" verdaccio 6 >"$work/log" 2>&1; then
        echo "$0: no registry: $(tail -n 3 "$work/log")" >&2
        return
    fi
    cat >"$work/registry/config.yaml" <<CONFIG
storage: $work/registry/storage
auth:
  htpasswd:
    file: $work/registry/users
packages:
  '**':
    access: \$all
    publish: \$authenticated
    unpublish: \$authenticated
log: { type: stdout, format: pretty, level: warn }
CONFIG
    local port
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    registry=http://127.0.0.1:$port
    "$work/registry/node_modules/.bin/verdaccio" --config "$work/registry/config.yaml" --listen "127.0.0.1:$port" \
        >"$work/registry/log" 2>&1 </dev/null &
    server=$!
    eventually curl --silent --fail --output /dev/null "$registry/-/ping" ||
        die "the registry does not start: $(tail "$work/registry/log")"
    local user='{"name":"acme","password":"not a secret","type":"user"}' token
    token=$(curl --silent --fail --request PUT --header 'Content-Type: application/json' --data "$user" \
        "$registry/-/user/org.couchdb.user:acme" | jq -er .token) || die "the registry gives no token"
    echo "//127.0.0.1:$port/:_authToken=$token" >"$HOME/.npmrc"
    local each
    for each in linux-x64-0.0.1 0.0.1 linux-x64-0.0.2 0.0.2; do
        npm publish --registry "$registry" --access public "$work/packages/acme-greeter-$each.tgz" \
            >>"$work/registry/published" 2>&1 || die "nothing can be published: $(tail "$work/registry/published")"
    done
}

before_close() { [ -z "${server-}" ] || kill "$server" 2>/dev/null; }

need_registry() { [ -n "$registry" ] || not_applicable 'verdaccio cannot be fetched from npm'; }

# npm_here ARGUMENT...: npm with all that it installs below the test's own directory, from the registry alone.
npm_here() { npm --prefix "$PWD/prefix" --registry "${registry:-http://127.0.0.1:9}" "$@"; }

installed() { "$PWD/prefix/bin/$1" "${@:2}"; }

# from_files: installs the newer version from files.
from_files() {
    npm_here install --global "$work"/packages/acme-greeter-linux-x64-0.0.2.tgz "$work"/packages/acme-greeter-0.0.2.tgz
}

# --- files ---

test_the_packages_of_the_release_install_run_and_leave_nothing() {
    npm_here install --global "${judged[@]}"
    is_own_version "$(installed sealift --version)"
    npm_here uninstall --global sealift sealift-linux-x64
    equal '' "$(find prefix -name '*sealift*')"
}

test_packages_are_what_npm_pack_makes_of_their_content() {
    local file name
    for file in "$work"/packages/*-0.0.2.tgz; do
        name=${file##*/}
        mkdir "${name%.tgz}"
        tar -xzf "$file" -C "${name%.tgz}"
        # The name of the file, too, is npm's; it corrects nothing.
        (cd "${name%.tgz}/package" && npm pack 2>../said) >made
        equal "$name" "$(cat made)"
        fails 1 grep -i -e warn -e correct "${name%.tgz}/said"
        listing "$file" >ours
        listing "${name%.tgz}/package/$name" >theirs
        # Expected differences are not in the listing: the order, for which npm has its reasons of compression; the date,
        # which is 1985 for all of npm's; and the owner, of which npm says nothing.
        diff theirs ours
    done
}

# listing FILE: kind, permissions, sum and path of each member.
listing() {
    python3 - "$1" <<'PYTHON'
import hashlib, sys, tarfile
with tarfile.open(sys.argv[1]) as tar:
    for member in sorted(tar, key=lambda member: member.name):
        content = tar.extractfile(member)
        digest = hashlib.sha256(content.read()).hexdigest() if content else "-"
        print(member.type.decode(), oct(member.mode), digest, member.name)
PYTHON
}

test_npm_installs_the_programs_from_files() {
    from_files
    equal 'greeter 0.0.2' "$(installed greeter --version)"
    is_own_version "$(installed sealift --version)"
    # npm links the page to where `man` finds it.
    contains "$(cat prefix/share/man/man1/greeter.1)" '.TH greeter'
}

test_a_project_has_the_programs_in_its_scripts() {
    mkdir project
    cd project
    echo '{"scripts":{"greet":"greeter --version"}}' >package.json
    npm install --registry http://127.0.0.1:9 "$work"/packages/*-0.0.2.tgz
    contains "$(npm run --silent greet)" 'greeter 0.0.2'
    contains "$(npx --no-install greeter --version)" 'greeter 0.0.2'
}

test_arguments_and_streams_pass_through() {
    from_files
    equal '<a b><><--c>' "$(installed greeter arguments 'a b' '' --c)"
    head -c 3000000 /dev/urandom >bytes
    # shellcheck disable=SC2094 # two files
    installed greeter copy <bytes >copied 2>said
    cmp bytes copied
    equal copied "$(cat said)"
    equal "$(printf 'to the end')" "$(printf 'to the end' | installed greeter copy 2>/dev/null | cat)"
}

test_the_exit_code_is_that_of_the_program() {
    from_files
    local code
    for code in 0 1 2 101 255; do
        fails $code installed greeter exit $code
    done
    fails 2 installed sealift --no-such-option
}

test_an_end_by_a_signal_is_that_of_the_launcher() {
    from_files
    local signal
    for signal in KILL TERM SEGV ABRT; do
        python3 - "$signal" <<'PYTHON'
import signal, subprocess, sys
expected = getattr(signal, "SIG" + sys.argv[1])
ended = subprocess.run(["prefix/bin/greeter", "die", sys.argv[1]])
assert ended.returncode == -expected, ended
PYTHON
    done
}

test_signals_reach_the_program() {
    from_files
    local signal
    for signal in TERM HUP INT QUIT USR2; do
        python3 - "$signal" <<'PYTHON'
import os, signal, subprocess, sys
sent = getattr(signal, "SIG" + sys.argv[1])
program = subprocess.Popen(["prefix/bin/greeter", "wait", sys.argv[1]], stdout=subprocess.PIPE, text=True)
ready = program.stdout.readline()
assert ready.startswith("ready "), ready
program.send_signal(sent)
rest, _ = program.communicate(timeout=20)
assert (rest, program.returncode) == (f"caught {sys.argv[1]}\n", 7), (rest, program.returncode)
# It is gone, and nothing stays behind.
try:
    os.kill(int(ready.split()[1]), 0)
    raise SystemExit("the program still runs")
except ProcessLookupError:
    pass
PYTHON
    done
}

test_the_interrupt_of_a_terminal_comes_once() {
    from_files
    python3 - <<'PYTHON'
import os, pty, sys, time
program = "trap 'count=x$count' INT; echo ready; sleep 2; sleep 1; echo \"count $count\""
open("prefix/lib/node_modules/@acme/greeter-linux-x64/bin/greeter", "w").write("#!/bin/bash\n" + program + "\n")
child, terminal = pty.fork()
if child == 0:
    os.execv("prefix/bin/greeter", ["greeter"])
said = b""
while b"ready" not in said:
    said += os.read(terminal, 1000)
os.write(terminal, b"\x03")
try:
    while True:
        said += os.read(terminal, 1000)
except OSError:
    pass
os.waitpid(child, 0)
assert b"count x\r\n" in said, said
PYTHON
}

test_a_missing_package_is_named_with_what_to_do() {
    npm_here install --global "$work/packages/acme-greeter-0.0.2.tgz" || true
    rm -rf prefix/lib/node_modules/@acme/greeter/node_modules
    fails 1 installed greeter --version 2>said
    # shellcheck disable=SC2016 # the marks of the message
    contains "$(cat said)" 'error: @acme/greeter for linux x64 is in the package `@acme/greeter-linux-x64`, which is not installed'
    # shellcheck disable=SC2016 # the marks of the message
    contains "$(cat said)" 'install again without `--no-optional` or `--omit=optional`'
}

test_a_machine_without_a_package_is_told_which_have_one() {
    npm_here install --global "$work"/elsewhere/release/artifacts/acme-greeter-0.0.2.tgz
    fails 1 installed greeter --version 2>said
    contains "$(cat said)" 'error: there is no @acme/greeter for linux x64'
    contains "$(cat said)" 'hint: there is one for linux arm64'
}

test_npm_does_not_install_a_package_for_another_processor() {
    fails 1 npm_here install --global "$work"/elsewhere/release/artifacts/acme-greeter-linux-arm64-0.0.2.tgz 2>said
    contains "$(cat said)" EBADPLATFORM
}

# --- a registry ---

test_npm_installs_it_by_its_name_without_scripts() {
    need_registry
    npm_here install --global --ignore-scripts @acme/greeter
    equal 'greeter 0.0.2' "$(installed greeter --version)"
    # Nothing of it would have run: there are no scripts.
    fails 1 grep -r '"scripts"' prefix/lib/node_modules/@acme --include=package.json
    contains "$(npm_here view @acme/greeter-linux-x64 --json | jq -c '[.os, .cpu]')" '[["linux"],["x64"]]'
}

test_npm_upgrades_it() {
    need_registry
    npm_here install --global @acme/greeter@0.0.1
    equal 'greeter 0.0.1' "$(installed greeter --version)"
    npm_here install --global @acme/greeter@latest
    equal 'greeter 0.0.2' "$(installed greeter --version)"
    npm_here install --global @acme/greeter@0.0.1
    equal 'greeter 0.0.1' "$(installed greeter --version)"
}

test_uninstalling_leaves_nothing() {
    need_registry
    npm_here install --global @acme/greeter
    [ -n "$(find prefix -name '*greeter*')" ]
    npm_here uninstall --global @acme/greeter
    find prefix ! -type d >left
    equal '' "$(cat left)"
}

test_npx_runs_it_without_an_installation() {
    need_registry
    equal 'greeter 0.0.2' "$(npx --yes --registry "$registry" @acme/greeter --version)"
    is_own_version "$(npx --yes --registry "$registry" --package @acme/greeter sealift --version)"
    fails 3 npx --yes --registry "$registry" @acme/greeter exit 3
}

test_without_optional_packages_the_message_says_so() {
    need_registry
    mkdir project
    cd project
    echo '{}' >package.json
    npm install --registry "$registry" --omit=optional @acme/greeter
    fails 1 node_modules/.bin/greeter --version 2>said
    contains "$(cat said)" 'which is not installed'
}

test_a_lock_file_is_for_all_platforms() {
    need_registry
    mkdir project
    cd project
    echo '{}' >package.json
    npm install --registry "$registry" @acme/greeter
    # What another system would install from it is there, too.
    jq -e '.packages["node_modules/@acme/greeter"].optionalDependencies["@acme/greeter-linux-x64"]' package-lock.json
    rm -rf node_modules
    npm ci --registry "$registry"
    contains "$(npx --no-install greeter --version)" 'greeter 0.0.2'
}

test_pnpm_installs_runs_and_removes_it() {
    need_registry
    fetch "$PWD/tools" pnpm 9 || not_applicable 'pnpm cannot be fetched from npm'
    export PNPM_HOME=$PWD/pnpm PATH=$PWD/pnpm:$PATH
    local pnpm=$PWD/tools/node_modules/.bin/pnpm
    mkdir project pnpm
    cd project
    echo '{}' >package.json
    "$pnpm" --registry "$registry" --store-dir "$PWD/../store" add @acme/greeter
    equal 'greeter 0.0.2' "$("$pnpm" exec greeter --version)"
    fails 3 node_modules/.bin/greeter exit 3
    "$pnpm" --store-dir "$PWD/../store" remove @acme/greeter
    [ ! -e node_modules/.bin/greeter ]
}

main "$@"
