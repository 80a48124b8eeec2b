#!/usr/bin/env bash
# Installs, upgrades and removes wheels with pip, pipx and uv.
#
#     checks/acceptance/wheel.sh RELEASE-DIRECTORY
#
# The wheels hold the release's own program, which packs them. Needs Python with venv; pipx, uv and twine come from PyPI, and
# their tests do not apply where that cannot be reached. Prints `ok NAME` or `FAIL NAME` for each test, with the output of
# failed ones; exits with 1 if one failed.

set -uo pipefail
# shellcheck source=SCRIPTDIR/lib.sh
. "$(dirname "$0")/lib.sh"

main() {
    [ $# -eq 1 ] || die "usage: $0 RELEASE-DIRECTORY"
    need_tools jq:jq python3:python3
    python3 -c 'import ensurepip' 2>/dev/null || need_tools ensurepip:python3-venv
    open_release "$1"
    judges '*musllinux*_x86_64.whl'
    open_work
    export TMPDIR=$work HOME=$work/home PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
    # Nothing of the machine's own configuration.
    export PIP_CONFIG_FILE=/dev/null
    mkdir "$HOME"
    tar -xzf "$(one_of "$release/artifacts/*-x86_64-unknown-linux-musl.tar.gz")" -C "$work"
    sealift=$(one_of "$work/sealift-*/sealift")
    (set -e && make_wheels) >"$work/log" 2>&1
    status=$?
    [ $status = 0 ] || die "the wheels cannot be packed: $(cat "$work/log")"
    wheel=$(one_of "$work/wheels/sealift-$version-*.whl")
    run_tests
}

# $work/wheels: the release's version and an older one; $work/others: those for other systems.
make_wheels() {
    project 0.0.1 "$work/old"
    project "$version" "$work/new"
    "$sealift" package --manifest "$work/old/sealift.toml" --target x86_64-unknown-linux-musl --tree "$work/old/tree" \
        --out "$work/wheels" --date 1700000000
    "$sealift" package --manifest "$work/new/sealift.toml" --target x86_64-unknown-linux-musl --tree "$work/new/tree" \
        --out "$work/wheels" --date 1700000000
    rm "$work"/wheels/*.json
}

# project VERSION DIRECTORY
project() {
    mkdir -p "$2/tree/bin"
    cp "$sealift" "$2/tree/bin/sealift"
    echo 'Permission is hereby granted, free of charge, to anybody.' >"$2/tree/LICENSE"
    printf '# Sealift\n\nPackages *programs*.\n' >"$2/tree/README.md"
    echo '.TH sealift 1' >"$2/tree/sealift.1"
    cat >"$2/sealift.toml" <<MANIFEST
targets = ["x86_64-unknown-linux-musl"]
formats = ["wheel"]

[package]
name = "sealift"
version = "$1"
summary = "packages programs"
license = "MIT"
maintainer = "A. Person <a@example.org>"
homepage = "https://example.org/sealift"

[wheel]
classifiers = ["Environment :: Console"]
requires-python = ">=3.7"

[[files]]
kind = "binary"
source = "bin/sealift"

[[files]]
kind = "license"
source = "LICENSE"

[[files]]
kind = "doc"
source = "README.md"

[[files]]
kind = "man"
source = "sealift.1"
MANIFEST
}

# environment: a fresh one in `env`.
environment() { python3 -m venv env; }

from_directory() { env/bin/pip install --quiet --no-index --find-links "$work/wheels" "$@"; }

# tool NAME: a command of PyPI.
tool() {
    local tools=$work/tools-$1
    if [ ! -x "$tools/bin/$1" ]; then
        python3 -m venv "$tools"
        "$tools/bin/pip" install --quiet "$1" || not_applicable "$1 cannot be fetched from PyPI"
    fi
    echo "$tools/bin/$1"
}

test_the_wheel_of_the_release_installs_runs_and_leaves_nothing() {
    environment
    # pip leaves empty directories, and Python what it has compiled.
    find env ! -type d ! -name '*.pyc' | sort >before
    env/bin/pip install --quiet --no-index "${judged[@]}"
    is_own_version "$(env/bin/sealift --version)"
    env/bin/pip uninstall --quiet --yes sealift
    find env ! -type d ! -name '*.pyc' | sort | diff before -
}

test_pip_installs_the_program_from_a_directory() {
    environment
    from_directory sealift
    is_own_version "$(env/bin/sealift --version)"
    env/bin/pip check
    env/bin/pip show --files sealift >said
    grep -qx "Version: $version" said
    grep -qx 'Summary: packages programs' said
    grep -q 'share/man/man1/sealift.1' said
    [ -f env/share/man/man1/sealift.1 ]
}

test_pip_chooses_the_newest_version_and_upgrades_to_it() {
    environment
    from_directory sealift==0.0.1
    contains "$(env/bin/pip list)" 0.0.1
    from_directory --upgrade sealift
    contains "$(env/bin/pip list)" "$version"
    is_own_version "$(env/bin/sealift --version)"
}

test_uninstalling_leaves_nothing() {
    environment
    find env -path '*/__pycache__*' -prune -o -print | sort >before
    from_directory sealift
    find env -path '*/__pycache__*' -prune -o -print | sort >between
    fails 1 cmp --silent before between
    env/bin/pip uninstall --quiet --yes sealift
    find env -type d -empty -delete
    find env -path '*/__pycache__*' -prune -o -print | sort >after
    # Directories may stay; files may not.
    fails 1 grep -E 'sealift|man1' after
}

test_pip_installs_it_from_an_index() {
    environment
    mkdir -p index/simple/sealift
    cp "$work"/wheels/*.whl index/simple/sealift/
    local file
    for file in index/simple/sealift/*.whl; do
        printf '<a href="%s#sha256=%s">%s</a>\n' "${file##*/}" "$(sha256sum <"$file" | cut -d' ' -f1)" "${file##*/}"
    done >index/simple/sealift/index.html
    serve index
    env/bin/pip install --quiet --index-url "http://127.0.0.1:$port/simple" sealift
    is_own_version "$(env/bin/sealift --version)"
}

# serve DIRECTORY: on loopback, until the test ends; sets `port`.
serve() {
    python3 -u -m http.server --bind 127.0.0.1 --directory "$1" 0 >server.log 2>&1 &
    # shellcheck disable=SC2064 # the process of now
    trap "kill $!" EXIT
    eventually grep -q 'port [0-9]' server.log
    port=$(sed -n 's/.*port \([0-9]*\).*/\1/p' server.log | head -n 1)
}

test_pip_refuses_a_wheel_for_another_system_and_a_damaged_one() {
    environment
    local name
    name=${wheel##*/}
    cp "$wheel" "${name%-py3*}-py3-none-win_amd64.whl"
    fails 1 env/bin/pip install --quiet --no-index ./*-win_amd64.whl >said 2>&1
    contains "$(cat said)" 'is not a supported wheel on this platform'
    cp "$wheel" "$name"
    printf damaged | dd of="$name" bs=1 seek=100000 conv=notrunc status=none
    local status=0
    env/bin/pip install --quiet --no-index "./$name" || status=$?
    [ $status != 0 ]
}

test_pipx_installs_and_removes_it() {
    local pipx
    pipx=$(tool pipx)
    export PIPX_HOME=$PWD/pipx PIPX_BIN_DIR=$PWD/bin
    "$pipx" install "$wheel"
    is_own_version "$(bin/sealift --version)"
    "$pipx" uninstall sealift
    [ ! -e bin/sealift ]
}

test_uv_installs_and_removes_it() {
    local uv
    uv=$(tool uv)
    export UV_TOOL_DIR=$PWD/tools UV_TOOL_BIN_DIR=$PWD/bin UV_CACHE_DIR=$PWD/cache UV_PYTHON_DOWNLOADS=never
    "$uv" tool install --no-index --find-links "$work/wheels" sealift
    is_own_version "$(bin/sealift --version)"
    "$uv" tool uninstall sealift
    [ ! -e bin/sealift ]
}

test_twine_accepts_what_it_would_upload() {
    local twine
    twine=$(tool twine)
    "$twine" check --strict "$work"/wheels/*.whl
}

main "$@"
