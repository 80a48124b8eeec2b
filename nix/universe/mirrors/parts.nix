# The derivations that the universe is made from, each by its file.
#
# `shared` is nix/universe/shared.nix of the flake that asks. The names that the Nix command line asks for need nothing of it.
{
  system,
  seeds,
  shared ? throw "only the flake has what compiles for a target",
}:
let
  fetchSeed = import ./seed.nix;

  fileBy =
    command: seed:
    fetchSeed {
      # Must stay what nixw's `store_name` makes of it: a store name allows no `~`, `:` or `%`.
      name = builtins.concatStringsSep "-" (
        builtins.filter builtins.isString (builtins.split "[^0-9A-Za-z+._?=-]+" seed.file)
      );
      inherit (seed) sha256;
      inherit command;
    };
  file = fileBy "./nixw seed";

  byName = builtins.listToAttrs (
    map (seed: {
      inherit (seed) name;
      value = file seed;
    }) (seeds.debian ++ seeds.python)
  );

  parts = {
    inherit
      system
      seeds
      shared
      fetchSeed
      ;
    machine = import ./machine.nix system;
    versions = import ./versions.nix { inherit seeds; };

    bootstrap = fetchSeed {
      name = "bootstrap";
      inherit (seeds.bootstrap) sha256;
      recursive = true;
    };
    debs = map file seeds.debian;
    # By tool, what the root does not have of it.
    debsOfTools = builtins.mapAttrs (tool: map (fileBy "./nixw seed --tools ${tool}")) seeds.tools;
    wheel = byName.ziglang;

    targets = import ./targets.nix parts;
    tools = import ./tools.nix parts;
    run = import ./run.nix parts;
    probe = import ./probe.nix parts;
    root = import ./root.nix parts;
    zig = import ./zig.nix parts;
    cc = shared.cc {
      inherit (parts)
        run
        zig
        tools
        targets
        linker
        ;
    };
    environment = shared.environment {
      inherit (parts) cc;
      host = parts.machine.triple;
    };
    # A shell's: the C libraries are compiled when something is first linked.
    environmentLater = shared.environment {
      cc = triple: (parts.cc triple).later;
      host = parts.machine.triple;
    };
    # For the build's own programs.
    linker = "${parts.cc parts.machine.triple}/bin/cc";
    # What std's own and the compiler's messages would say of where they lie.
    remap = [ "${parts.root}=/rust" ];
    sysroot = import ./sysroot.nix parts;
    inherit (import ./rust.nix parts) build develop;
    cargo = import ./cargo.nix parts;
    vendor = import ./vendor.nix parts;
    reader = import ./reader.nix parts;
    buildTools = import ./build-tools.nix parts;
  };
in
parts
