#!/usr/bin/env bash
# Prints time and size of packages of one program beside those of the packagers on crates.io, and whether each writes the
# same bytes twice.
#
#     benches/packagers.sh
#
# The program is Sealift itself, without its symbols as it ships. Nothing is compiled or stripped: each packs the same file,
# a license and a line of description, with its own defaults.
# Compared are cargo-deb, cargo-generate-rpm and cargo-packager (its deb; its AppImages need a program that it downloads).
# Each runs RUNS times (default 5) in turn with ours; medians are printed.
# Environment: SEALIFT, the program (default target/release/sealift); RUNS; THREADS (default: all cores); PACKAGERS, a
# directory with the programs of the others in `bin` (default target/packagers, where they are installed by cargo).
#
# Exit status: 0 all goals are met (deb 0.8 of cargo-deb's time, the others 0.5, all 1.0 of the size), 1 not, 2 no run.
set -euo pipefail
export LC_ALL=C

root=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=SCRIPTDIR/timing.sh
. "$root/benches/timing.sh"
sealift=${SEALIFT:-$root/target/release/sealift}
runs=${RUNS:-5}
threads=${THREADS:-$(nproc)}
packagers=${PACKAGERS:-$root/target/packagers}
[ -x "$sealift" ] || { echo "no program \`$sealift\`: run \`cargo build --release\`, or set SEALIFT" >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
missed=0

for each in cargo-deb cargo-generate-rpm cargo-packager; do
    [ -x "$packagers/bin/$each" ] ||
        CARGO_TARGET_DIR="$packagers/target" cargo install --quiet --locked --root "$packagers" $each >&2 || exit 2
done
PATH=$packagers/bin:$PATH

mkdir -p "$work/project/src" "$work/project/target/release" "$work/project/tree/bin"
cd "$work/project"
cp "$sealift" target/release/bench
chmod 755 target/release/bench
cp target/release/bench tree/bin/bench
echo 'fn main() {}' >src/main.rs
echo 'Permission is hereby granted, free of charge, to anybody.' | tee LICENSE >tree/LICENSE
cat >Cargo.toml <<'END'
[package]
name = "bench"
version = "1.0.0"
edition = "2021"
license = "MIT"
authors = ["Nobody <nobody@example.org>"]
description = "measures packages"

[workspace]

[package.metadata.deb]
license-file = ["LICENSE"]
assets = [["target/release/bench", "usr/bin/", "755"]]
depends = ""

[package.metadata.generate-rpm]
auto-req = "disabled"
assets = [{ source = "target/release/bench", dest = "/usr/bin/bench", mode = "755" }]

[package.metadata.packager]
product-name = "bench"
identifier = "org.example.bench"
binaries = [{ path = "bench", main = true }]
out-dir = "packager"
binaries-dir = "target/release"
formats = ["deb"]
END
cargo generate-lockfile --offline --quiet
cat >sealift.toml <<'END'
targets = ["x86_64-unknown-linux-musl"]
formats = ["deb"]

[package]
name = "bench"
version = "1.0.0"
license = "MIT"
maintainer = "Nobody <nobody@example.org>"
summary = "measures packages"

[[files]]
kind = "binary"
source = "bin/bench"

[[files]]
kind = "license"
source = "LICENSE"
END
sed 's/"deb"/"rpm"/' sealift.toml >rpm.toml

# ours MANIFEST
ours() {
    rm -rf made
    "$sealift" package --manifest "$1" --target x86_64-unknown-linux-musl --tree tree --out made --threads "$threads" --date 0
    mv made/*."$2" ours
}
# An output without the right suffix is taken for a directory.
by_cargo_deb() { cargo-deb deb --no-build --no-strip --quiet --output theirs.deb && mv theirs.deb theirs; }
by_cargo_generate_rpm() { cargo-generate-rpm generate-rpm --output theirs.rpm && mv theirs.rpm theirs; }
by_cargo_packager() {
    rm -rf packager
    cargo-packager packager --release && mv packager/*.deb theirs
}

# equal_twice FILE COMMAND...: says whether the command writes the same bytes, two seconds later.
equal_twice() {
    local file=$1 first
    shift
    "$@" >log 2>&1 && first=$(sha256sum <"$file") && sleep 2 && "$@" >log 2>&1
    [ "$first" = "$(sha256sum <"$file")" ] && echo 'equal' || echo 'differ'
}

# compare FORMAT MANIFEST OTHER FUNCTION TIME
compare() {
    local format=$1 manifest=$2 other=$3 function=$4 most=$5 run a b x y
    : >our-times
    : >their-times
    for run in $(seq 0 "$runs"); do
        rm -f ours theirs
        a=$(seconds ours "$manifest" "$format") || { echo "$format: sealift failed"; missed=1; return 0; }
        b=$(seconds "$function") || { echo "$format: $other failed"; missed=1; return 0; }
        [ "$run" -eq 0 ] || { echo "$a" >>our-times; echo "$b" >>their-times; }
    done
    x=$(stat -c %s ours) y=$(stat -c %s theirs)
    awk -v f="$format" -v n="$other" -v a="$(median 1 <our-times)" -v b="$(median 1 <their-times)" -v x="$x" -v y="$y" -v t="$most" \
        -v o="$(equal_twice ours ours "$manifest" "$format")" -v p="$(equal_twice theirs "$function")" '
        BEGIN {
            met = sprintf("%.2f", a / b) + 0 <= t + 0 && sprintf("%.3f", x / y) + 0 <= 1
            printf "%-4s %6.3f s %6.3f MB, bytes %s   %-18s %6.3f s %6.3f MB, bytes %s   time %.2f (goal %s)  size %.3f (goal 1)  %s\n",
                f, a, x / 1e6, o, n, b, y / 1e6, p, a / b, t, x / y, met ? "met" : "MISSED"
            exit !met
        }' || missed=1
}

echo "one program of $(stat -c %s target/release/bench | awk '{ printf "%.1f", $1 / 1e6 }') MB; $threads threads, $runs runs; load $(cut -d' ' -f1-3 /proc/loadavg)"
compare deb sealift.toml "$(cargo-deb --version | sed 's/^\([0-9]\)/cargo-deb \1/')" by_cargo_deb 0.8
compare rpm rpm.toml "cargo-generate-rpm" by_cargo_generate_rpm 0.5
compare deb sealift.toml "$(cargo-packager --version)" by_cargo_packager 0.5
exit $missed
