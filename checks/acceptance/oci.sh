#!/usr/bin/env bash
# Loads the container image into docker's engine and podman, runs it there, and has skopeo read both of its halves.
#
#     checks/acceptance/oci.sh RELEASE-DIRECTORY
#
# Wants root. The engine is one of its own: dockerd is started for the tests, with all of its state below a temporary
# directory and without a network. Prints `ok NAME` or `FAIL NAME` for each test, and what it saw of a failed one; exits
# with 1 when one failed.

set -uo pipefail
# shellcheck source=SCRIPTDIR/lib.sh
. "$(dirname "$0")/lib.sh"

# The system's own programs before others of the same name.
PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH

main() {
    [ $# -eq 1 ] || die "usage: $0 RELEASE-DIRECTORY"
    need_root 'start an engine'
    need_tools jq:jq skopeo:skopeo dockerd:docker.io podman:podman runc:runc pgrep:procps
    # Newer Debians have the engine's client in a package of its own.
    need_tools docker:docker-cli
    open_release "$1"
    judges '*-x86_64.oci.tar' "sealift-$version.oci.tar"
    image=$(one_of "$release/artifacts/*-x86_64.oci.tar")
    index=$(one_of "$release/artifacts/sealift-$version.oci.tar")
    reference=$(recorded .name):$version
    open_work
    export TMPDIR=$work
    start_engine
    docker load --quiet --input "$image" >"$work/loaded" 2>&1
    loaded=$?
    run_tests
}

# Docker's engine, without the network rules and the file systems that need more of the kernel.
start_engine() {
    local state=$work/engine
    mkdir -p "$state/client"
    # Podman looks into it, too.
    echo '{}' >"$state/client/config.json"
    export DOCKER_HOST=unix://$state/socket DOCKER_CONFIG=$state/client
    dockerd --iptables=false --bridge=none --storage-driver=vfs --data-root "$state/data" --exec-root "$state/run" \
        --pidfile "$state/pid" --host "$DOCKER_HOST" >"$state/log" 2>&1 </dev/null &
    engine=$!
    eventually docker version >/dev/null 2>&1 || die "docker's engine does not start: $(tail -n 20 "$state/log")"
}

before_close() {
    [ -n "${engine-}" ] || return
    kill "$engine" 2>/dev/null
    # It ends its own children, unless it hangs.
    # shellcheck disable=SC2046 # one word for each process
    eventually no_engine_left || kill -KILL "$engine" $(engine_processes) 2>/dev/null
    wait "$engine" 2>/dev/null
}

engine_processes() { pgrep --full -- "$work/engine/"; }

no_engine_left() { [ -z "$(engine_processes)" ]; }

# docker_run ARGUMENT...
docker_run() { docker run --rm --network none "$@"; }

# Podman with state of its own. crun wants rights that not every machine gives to its root, and so do its limits.
podman() {
    command podman --root "$work/podman" --runroot "$work/podman-run" --tmpdir "$work/podman-tmp" \
        --storage-driver vfs --runtime runc --cgroup-manager cgroupfs --events-backend file "$@"
}

podman_run() { podman run --rm --network none --ulimit nofile=1024:1024 --ulimit nproc=4096:4096 "$@"; }

# has_written_as ID: whether the file that a container wrote into `pages` belongs to that user and group.
has_written_as() {
    equal "$1" "$(stat -c %u:%g pages/sealift.1)"
    contains "$(head -n 5 pages/sealift.1)" '.TH sealift'
}

user() { skopeo inspect --config "oci-archive:$image" | jq -r .config.User; }

# --- docker ---

test_docker_loads_the_image_under_its_name() {
    cat "$work/loaded"
    equal 0 "$loaded"
    equal "Loaded image: $reference" "$(cat "$work/loaded")"
}

test_docker_runs_the_program() {
    is_own_version "$(docker_run "$reference" --version)"
}

test_docker_passes_arguments_and_exit_codes() {
    equal "$version" "$(docker_run "$reference" --version --json | jq -r .version)"
    contains "$(docker_run "$reference" completions bash)" 'sealift'
    fails 2 docker_run "$reference" --no-such-option
}

test_docker_runs_the_program_as_a_user_without_rights() {
    local found
    found=$(docker inspect --format '{{.Config.User}}' "$reference")
    # A number: a cluster that forbids root must not have to look it up.
    [[ $found =~ ^[1-9][0-9]*:[1-9][0-9]*$ ]]
    mkdir -m 777 pages
    docker_run --volume "$PWD/pages:/pages" "$reference" man --out /pages
    has_written_as "$found"
    mkdir -m 755 closed
    fails 2 docker_run --volume "$PWD/closed:/closed" "$reference" man --out /closed
}

test_docker_runs_the_program_with_everything_taken_away() {
    is_own_version "$(docker_run --read-only --cap-drop ALL --security-opt no-new-privileges --memory 64m \
        "$reference" --version)"
}

test_docker_shows_labels_entry_point_and_platform() {
    docker inspect "$reference" | jq '.[0]' >shown
    label() { jq -er --arg key "org.opencontainers.image.$1" '.Config.Labels[$key]' shown; }
    equal "$(recorded .name)" "$(label title)"
    equal "$version" "$(label version)"
    if [ "$commit" = 'no commit' ]; then
        equal null "$(label revision || true)"
    else
        equal "$commit" "$(label revision)"
    fi
    [ -n "$(label licenses)" ]
    [ -n "$(label description)" ]
    equal "$(recorded .date)" "$(date -d "$(label created)" +%s)"
    equal '["/usr/bin/sealift"]' "$(jq -c .Config.Entrypoint shown)"
    equal 'linux amd64' "$(jq -r '.Os + " " + .Architecture' shown)"
}

test_docker_saves_what_it_has_loaded() {
    docker save "$reference" >saved.tar
    local before after
    before=$(skopeo inspect --config "docker-archive:$image" | jq -c .rootfs)
    after=$(skopeo inspect --config docker-archive:saved.tar | jq -c .rootfs)
    equal "$before" "$after"
}

# --- podman ---

test_podman_loads_and_runs_the_program() {
    equal "Loaded image: docker.io/library/$reference" "$(podman load --quiet --input "$image" | sed 's|localhost/|docker.io/library/|')"
    is_own_version "$(podman_run "$reference" --version)"
    fails 2 podman_run "$reference" --no-such-option
}

test_podman_runs_the_program_from_either_half_of_the_file() {
    is_own_version "$(podman_run "oci-archive:$image" --version)"
    is_own_version "$(podman_run "docker-archive:$image" --version)"
}

test_podman_runs_the_program_as_a_user_without_rights() {
    mkdir -m 777 pages
    podman_run --volume "$PWD/pages:/pages" "docker-archive:$image" man --out /pages
    has_written_as "$(user)"
}

# --- skopeo ---

test_skopeo_reads_the_same_image_from_both_halves() {
    local half
    for half in oci docker; do
        skopeo inspect --config "$half-archive:$image" >"$half.config"
        skopeo inspect "$half-archive:$image" | jq 'del(.Digest, .Layers, .LayersData, .RepoTags)' >"$half.image"
        equal amd64 "$(jq -r .Architecture "$half.image")"
    done
    diff oci.config docker.config
    diff oci.image docker.image
}

test_skopeo_copies_both_halves_and_verifies_every_blob() {
    local half
    for half in oci docker; do
        skopeo copy --quiet --insecure-policy "$half-archive:$image" "dir:$half"
    done
    # The layer is stored once, compressed; docker's half unpacks it.
    equal "$(skopeo inspect --config dir:oci | jq -c .rootfs.diff_ids)" \
        "$(skopeo inspect --config dir:docker | jq -c .rootfs.diff_ids)"
}

# --- the image for all architectures ---

# architectures PLACE: of the images that an index has, sorted.
architectures() { skopeo inspect --raw "$1" | jq -c '[.manifests[].platform.architecture] | sort'; }

# as_recorded: the architectures of the release's images.
as_recorded() {
    recorded '[.artifacts[] | select(.format == "oci" and .target != null) | .target | split("-")[0]]' |
        jq -c 'map({ x86_64: "amd64", aarch64: "arm64" }[.]) | sort'
}

test_the_index_has_the_image_for_each_architecture() {
    equal "$(as_recorded)" "$(architectures "oci-archive:$index")"
    local each
    for each in amd64 arm64; do
        equal "$each" "$(skopeo inspect --override-arch $each --config "oci-archive:$index" | jq -r .architecture)"
    done
    equal "$(skopeo inspect --config "oci-archive:$image")" "$(skopeo inspect --override-arch amd64 --config "oci-archive:$index")"
}

test_skopeo_copies_all_images_of_the_index_and_verifies_every_blob() {
    skopeo copy --quiet --insecure-policy --all "oci-archive:$index" oci:copied:all
    equal "$(as_recorded)" "$(architectures oci:copied:all)"
    # Unpacked, the archive is a layout with the same blobs, each once.
    mkdir layout
    tar -xf "$index" -C layout
    equal "$(as_recorded)" "$(architectures oci:layout)"
    diff <(ls layout/blobs/sha256) <(ls copied/blobs/sha256)
}

test_podman_loads_the_image_for_its_machine_from_the_index() {
    contains "$(podman load --quiet --input "$index")" "$reference"
    is_own_version "$(podman_run "$reference" --version)"
}

main "$@"
