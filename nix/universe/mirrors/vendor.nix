# Unpacks the crates of a Cargo.lock as a cargo directory source.
#
# vendor :: { cargoLock : path, … } -> derivation with one directory per crate, and config.toml, which leads cargo to them
{ run, fetchSeed, ... }:
{ cargoLock, ... }:
let
  packages = (builtins.fromTOML (builtins.readFile cargoLock)).package or [ ];
  # The workspace's own packages have no source; everything else must come from a registry, which gives a checksum.
  external = builtins.filter (package: package ? source) packages;
  seed =
    package:
    fetchSeed {
      name = "${package.name}-${package.version}.crate";
      sha256 =
        package.checksum
          or (throw "${toString cargoLock}: package `${package.name}` has no checksum; the mirrors universe takes crates from a registry only");
    };
in
run {
  name = "vendor";
  env = {
    crates = map seed external;
    checksums = map (package: package.checksum) external;
  };
  script = ''
    mkdir $out
    printf '[source.crates-io]\nreplace-with = "vendor"\n[source.vendor]\ndirectory = "%s"\n' $out >$out/config.toml
    set -- $checksums
    for crate in $crates; do
      tar -xzf $crate -C $out
      name=''${crate##*/}
      name=''${name#*-}
      printf '{"files":{},"package":"%s"}' $1 >$out/''${name%.crate}/.cargo-checksum.json
      shift
    done
  '';
}
