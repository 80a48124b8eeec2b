# The derivations that the universe is made from, each by its file.
{ system, seeds }:
let
  fetchSeed = import ./seed.nix;

  file =
    seed:
    fetchSeed {
      # Must stay what nixw's `store_name` makes of it: a store name allows no `~`, `:` or `%`.
      name = builtins.concatStringsSep "-" (
        builtins.filter builtins.isString (builtins.split "[^0-9A-Za-z+._?=-]+" seed.file)
      );
      inherit (seed) sha256;
    };

  byName = builtins.listToAttrs (
    map (seed: {
      inherit (seed) name;
      value = file seed;
    }) (seeds.debian ++ seeds.python)
  );

  parts = {
    inherit system seeds fetchSeed;
    versions = import ./versions.nix { inherit seeds; };

    bootstrap = fetchSeed {
      name = "bootstrap";
      inherit (seeds.bootstrap) sha256;
      recursive = true;
    };
    debs = map file seeds.debian;
    wheel = byName.ziglang;

    targets = import ./targets.nix parts;
    tools = import ./tools.nix parts;
    run = import ./run.nix parts;
    probe = import ./probe.nix parts;
    root = import ./root.nix parts;
    zig = import ./zig.nix parts;
    cc = import ./cc.nix parts;
    sysroot = import ./sysroot.nix parts;
    rustc = import ./rustc.nix parts;
    cargo = import ./cargo.nix parts;
    vendor = import ./vendor.nix parts;
    reader = import ./reader.nix parts;
  };
in
parts
