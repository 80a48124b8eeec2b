#!/usr/bin/env bash
# Builds container images on bases that umoci and skopeo wrote, and runs them with podman and in a chroot.
#
#     checks/acceptance/base.sh RELEASE-DIRECTORY
#
# The release's own program packs them. The program in them is this machine's shell, which needs glibc, and the base has
# that glibc and little more. Wants root. Prints `ok NAME` or `FAIL NAME` for each test, with the output of failed ones;
# exits with 1 if one failed.

set -uo pipefail
# shellcheck source=SCRIPTDIR/lib.sh
. "$(dirname "$0")/lib.sh"

# The system's own programs before others of the same name.
PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH

main() {
    [ $# -eq 1 ] || die "usage: $0 RELEASE-DIRECTORY"
    need_root 'run containers'
    need_tools jq:jq umoci:umoci skopeo:skopeo podman:podman runc:runc
    [ "$(uname -m)" = x86_64 ] || die 'the shell of this machine has to be one for x86_64'
    open_release "$1"
    open_work
    export TMPDIR=$work HOME=$work/home
    mkdir "$HOME"
    tar -xzf "$(one_of "$release/artifacts/*-x86_64-unknown-linux-musl.tar.gz")" -C "$work"
    sealift=$(one_of "$work/sealift-*/sealift")
    (set -e && make_base && make_project) >"$work/log" 2>&1
    status=$?
    [ $status = 0 ] || die "the base cannot be made: $(cat "$work/log")"
    run_tests
}

# $work/base: a layout with what the shell needs to run.
make_base() {
    local root=$work/root library
    mkdir -p "$root/etc" "$root/tmp"
    chmod 1777 "$root/tmp"
    echo 'root:x:0:0:root:/root:/bin/sh' >"$root/etc/passwd"
    echo 'of the base' >"$root/etc/mark"
    for library in $(ldd /bin/dash | grep -oE '/[^ ]+'); do
        mkdir -p "$root$(dirname "$library")"
        cp --dereference "$library" "$root$library"
    done
    umoci init --layout "$work/base"
    umoci new --image "$work/base:latest"
    umoci insert --image "$work/base:latest" "$root" /
    umoci config --image "$work/base:latest" --config.env KEPT=yes --config.env PATH=/base/bin:/usr/bin \
        --config.workingdir /etc --config.label org.example.base=yes --config.user 12:34
    umoci gc --layout "$work/base"
    skopeo copy --quiet --insecure-policy "oci:$work/base:latest" "oci-archive:$work/base.tar"
}

# $work/project: a project for glibc on that base.
make_project() {
    mkdir -p "$work/project/tree/bin"
    cp /bin/dash "$work/project/tree/bin/hello"
    echo 'Permission is hereby granted, free of charge, to anybody.' >"$work/project/tree/LICENSE"
    cat >"$work/project/sealift.toml" <<'MANIFEST'
targets = ["x86_64-unknown-linux-gnu"]
formats = ["oci"]

[package]
name = "hello"
version = "1.2.3"
summary = "greets everybody who asks"
license = "MIT"
maintainer = "A. Person <a@example.org>"

[oci]
base = "../base"
environment = { OWN = "1" }

[[files]]
kind = "binary"
source = "bin/hello"

[[files]]
kind = "license"
source = "LICENSE"
MANIFEST
}

# pack_image OPTION...: packs into `out`, and sets `image`.
pack_image() {
    rm -rf out
    "$sealift" package --manifest "$work/project/sealift.toml" --target x86_64-unknown-linux-gnu --tree "$work/project/tree" \
        --out out --date 1700000000 "$@"
    image=$PWD/out/hello-1.2.3-x86_64.oci.tar
}

# Podman with state of its own. crun wants rights that not every machine gives to its root, and so do its limits.
podman() {
    command podman --root "$work/podman" --runroot "$work/podman-run" --tmpdir "$work/podman-tmp" \
        --storage-driver vfs --runtime runc --cgroup-manager cgroupfs --events-backend file "$@"
}

podman_run() { podman run --rm --network none --ulimit nofile=1024:1024 --ulimit nproc=4096:4096 "$@"; }

test_podman_runs_a_program_with_the_base_s_glibc() {
    pack_image
    local half
    # shellcheck disable=SC2016 # the container's own variables
    local script='read -r mark <mark; echo "$mark, $KEPT, $OWN, $PATH, $PWD"'
    for half in oci docker; do
        equal 'of the base, yes, 1, /base/bin:/usr/bin, /etc' "$(podman_run "$half-archive:$image" -c "$script")"
    done
}

test_podman_loads_the_image_under_its_name() {
    pack_image
    contains "$(podman load --quiet --input "$image")" hello:1.2.3
    equal here "$(podman_run hello:1.2.3 -c 'echo here')"
}

test_the_base_s_layers_and_configuration_stay() {
    pack_image
    skopeo inspect --config "oci:$work/base:latest" >base.json
    skopeo inspect --config "oci-archive:$image" >image.json
    skopeo inspect --config "docker-archive:$image" >docker.json
    equal "$(jq -c .rootfs image.json)" "$(jq -c .rootfs docker.json)"
    equal "$(jq -c .rootfs.diff_ids base.json)" "$(jq -c '.rootfs.diff_ids[:-1]' image.json)"
    equal "$(jq '.rootfs.diff_ids | length' image.json)" "$(jq '[.history[] | select(.empty_layer | not)] | length' image.json)"
    skopeo inspect --raw "oci:$work/base:latest" >base.manifest
    skopeo inspect --raw "oci-archive:$image" >manifest
    equal "$(jq -c '.layers[].digest' base.manifest)" "$(jq -c '.layers[:-1][].digest' manifest)"
    equal "sha256:$(sha256sum base.manifest | cut -d' ' -f1)" "$(jq -r '.annotations["org.opencontainers.image.base.digest"]' manifest)"
    equal yes "$(jq -r '.config.Labels["org.example.base"]' image.json)"
    equal 65532:65532 "$(jq -r .config.User image.json)"
    equal '["/usr/bin/hello"]' "$(jq -c .config.Entrypoint image.json)"
}

test_umoci_unpacks_the_image_and_it_runs_in_a_chroot() {
    pack_image
    mkdir layout
    tar -xf "$image" -C layout
    # The layout's own name for it is a whole name, which umoci does not take.
    jq '.manifests[0].annotations["org.opencontainers.image.ref.name"] = "latest"' layout/index.json >index.json
    cp index.json layout/index.json
    umoci unpack --image layout:latest bundle
    equal 'of the base' "$(chroot bundle/rootfs /usr/bin/hello -c 'read -r mark </etc/mark; echo "$mark"')"
    equal 'root:x:0:0:root:/root:/bin/sh' "$(cat bundle/rootfs/etc/passwd)"
    equal 1777 "$(stat -c %a bundle/rootfs/tmp)"
}

test_an_archive_of_skopeo_is_the_same_base_but_for_its_name() {
    pack_image
    skopeo inspect --config "oci-archive:$image" >directory.json
    pack_image --oci-base "$work/base.tar"
    skopeo inspect --config "oci-archive:$image" >archive.json
    diff directory.json archive.json
    equal here "$(podman_run "oci-archive:$image" -c 'echo here')"
}

test_a_base_for_another_processor_is_refused() {
    cp -R "$work/base" arm
    umoci config --image arm:latest --architecture arm64
    fails 2 pack_image_quietly --oci-base arm
    contains "$(cat said)" 'the base `arm` has no image for linux/amd64; it has linux/arm64'
    [ ! -e out/hello-1.2.3-x86_64.oci.tar ]
}

test_a_damaged_base_is_refused() {
    cp -R "$work/base" damaged
    local layer
    layer=$(skopeo inspect --raw "oci:$work/base:latest" | jq -r '.layers[0].digest' | cut -d: -f2)
    printf 'x' | dd of="damaged/blobs/sha256/$layer" bs=1 seek=100 conv=notrunc status=none
    fails 2 pack_image_quietly --oci-base damaged
    contains "$(cat said)" "the base \`damaged\`: the image: the blob \`sha256:$layer\` does not have the sum that is its name"
}

pack_image_quietly() {
    "$sealift" package --manifest "$work/project/sealift.toml" --target x86_64-unknown-linux-gnu --tree "$work/project/tree" \
        --out out --date 1700000000 "$@" 2>said
}

test_without_a_base_there_is_no_image_for_glibc() {
    grep -v '^base' "$work/project/sealift.toml" >sealift.toml
    fails 2 "$sealift" plan --manifest sealift.toml 2>said
    contains "$(cat said)" 'can have none of the formats'
}

main "$@"
