# What others get of the flake in the nixpkgs universe, beside its packages, checks and shells: flakes of other projects in
# each way that only this universe has, and what is refused.
#
# nixpkgs-consumers :: { system, sealift, packages, standIn, flake-parts } -> { consumers, refused }
#
#   sealift       the outputs of the flake
#   packages      nixpkgs' packages for the system
#   standIn       name -> derivation
#   flake-parts   the outputs of flake-parts
#   consumers     { <name> : derivation }
#   refused       { <name> : { value, says } }, of which evaluating `value` fails and says `says`
{
  system,
  sealift,
  packages,
  standIn,
  flake-parts,
}:
let
  inherit (builtins) attrValues head;
  inherit (sealift.lib) mkFlake mkRelease;
  src = ./fixtures/features;
  other = ./fixtures/other-rustc;
  make =
    arguments:
    mkRelease (
      {
        inherit system src;
      }
      // arguments
    );
  # Of several derivations, one that needs all of them.
  whole =
    name: derivations:
    derivation {
      inherit name system derivations;
      builder = "/bin/sh";
    };
  builders = [
    "cargo"
    "crane"
    "naersk"
  ];
  withEachBuilder =
    arguments:
    whole "builders" (map (builder: (make (arguments // { inherit builder; })).release) builders);
  channel = channel: (make { toolchain = { inherit channel; }; }).release;
  tool = name: standIn "${name}-1.90.0" // { version = "1.90.0"; };

  flake = mkFlake {
    inherit src;
    systems = [ system ];
    audit.database = ./fixtures;
    audit.ignore = [ "RUSTSEC-2020-0071" ];
    deny = { };
    devShell =
      { pkgs, ... }:
      {
        packages = [ pkgs.zig ];
        env.LOG = "debug";
        shellHook = "echo hello";
      };
    checks.own = standIn "own-check";
    perSystem =
      {
        project,
        release,
        pkgs,
        ...
      }:
      {
        packages.own = release.trees.${head project.targets};
        checks.zig = pkgs.zig;
        devShells.small = standIn "small-shell";
        formatter = standIn "formatter";
      };
  };

  parts =
    flake-parts.lib.mkFlake
      {
        # It asks the flake's own inputs for `pkgs`.
        inputs = {
          inherit flake-parts sealift;
          self = {
            outPath = src;
            inputs.nixpkgs = {
              _type = "flake";
              legacyPackages.${system} = packages;
            };
          };
        };
      }
      {
        systems = [ system ];
        imports = [ sealift.flakeModules.default ];
        sealift.src = src;
        sealift.targets = [ "x86_64-pc-windows-gnullvm" ];
        sealift.formats = [ "archive" ];
        perSystem =
          { pkgs, ... }:
          {
            sealift.devShell.packages = [ pkgs.zig ];
            packages.other = standIn "other";
            formatter = standIn "treefmt";
          };
      };
  all = outputs: attrValues outputs.${system};
  # What every flake of a project has.
  of =
    flake:
    all flake.packages ++ all flake.checks ++ all flake.devShells ++ [ flake.formatter.${system} ];
in
{
  consumers = {
    app = whole "app" [ sealift.apps.${system}.default.program ];
    formatter = sealift.formatter.${system};
    hydra = whole "hydra" (all sealift.hydraJobs.checks ++ [ sealift.hydraJobs.release.${system} ]);
    overlay = (sealift.overlays.default packages packages).sealift;
    bundlers = whole "bundlers" (map (bundle: bundle (tool "hello")) (all sealift.bundlers));
    # All tools that a manifest can ask for.
    build-tools = withEachBuilder {
      src = ./fixtures/build-tools;
      nativeBuildInputs = _system: [ (standIn "own-tool") ];
    };
    build-tools-shell =
      (mkFlake {
        src = ./fixtures/build-tools;
        systems = [ system ];
      }).devShells.${system}.default;
    frameworks = withEachBuilder { src = ./fixtures/frameworks; };
    glibc = withEachBuilder { src = ./fixtures/glibc; };
    channel-version = channel "1.92.0";
    channel-minor = channel "1.92";
    channel-stable = channel "stable";
    channel-beta = channel "beta";
    channel-nightly = channel "nightly";
    channel-night = channel "nightly-2026-08-20";
    toolchain-components =
      (make {
        toolchain = {
          channel = "nightly-2026-08-20";
          components = [ "miri" ];
          targets = [ "wasm32-unknown-unknown" ];
          profile = "default";
        };
      }).release;
    toolchain-file = (make { src = other; }).release;
    toolchain-file-shell =
      (mkFlake {
        src = other;
        systems = [ system ];
      }).devShells.${system}.default;
    toolchain-file-with-every-builder = withEachBuilder { src = other; };
    toolchain-programs =
      (make {
        toolchain = {
          rustc = tool "rustc";
          cargo = tool "cargo";
        };
      }).release;
    toolchain-whole = (make { toolchain = _targets: tool "rust"; }).release;
    pkgs =
      (make {
        pkgs = packages // {
          zig = standIn "zig-of-the-caller";
        };
      }).release;
    steps =
      (make {
        steps = {
          vendor = old: whole "vendor" [ old ];
          build = old: old // { rustflags = [ "-Copt-level=1" ]; };
          stamp = old: old // { name = "${old.name}-stamped"; };
          tree = old: old // { script = old.script + "\n:"; };
          artifact =
            old:
            old
            // {
              env = old.env // {
                LEVEL = "9";
              };
            };
        };
      }).release;
    flake-without-arguments = (mkFlake { inherit src; }).packages.${system}.default;
    flake = whole "flake" (of flake ++ [ flake.apps.${system}.default.program ]);
    flake-hydra = whole "hydra" (all flake.hydraJobs.checks ++ [ flake.hydraJobs.release.${system} ]);
    flake-overlay = (flake.overlays.default packages packages).features;
    flake-parts = whole "flake-parts" (of parts ++ [ parts.packages.${system}.default.unstamped ]);
  };

  refused = {
    channel-missing = {
      value = channel "1.92.9";
      says = "near it are `1.91.1`, `1.92.0`, `1.93.0`, `1.93.1`";
    };
    channel-night-missing = {
      value = channel "nightly-2026-10-01";
      says = "the newest here is `nightly-2026-08-22`";
    };
    channel-unknown = {
      value = channel "stabel";
      says = "expected `stable`, `beta`, `nightly`";
    };
    channel-without-target = {
      value =
        (make {
          toolchain.channel = "1.70.0";
          targets = [ "x86_64-pc-windows-gnullvm" ];
        }).release;
      says = "rustc 1.70.0 has no standard library for `x86_64-pc-windows-gnullvm`";
    };
    profile-unknown = {
      value =
        (mkFlake {
          inherit src;
          toolchain = {
            channel = "1.92.0";
            profile = "big";
          };
        }).devShells.${system}.default;
      says = "has no profile `big`";
    };
    toolchain-file-with-fenix = {
      value =
        (make {
          src = other;
          toolchain = "fenix";
        }).release;
      says = "choose the toolchain `rust-overlay`";
    };
    toolchain-table = {
      value = (make { toolchain.chanel = "stable"; }).release;
      says = "a table without `channel`";
    };
    step-unknown = {
      value = (make { steps.link = old: old; }).release;
      says = "unknown step `link`";
    };
    step-of-another-kind = {
      value = (make { steps.tree = _old: "tree"; }).release;
      says = "`steps.tree` returns a string";
    };
    pkgs-of-another-system = {
      value =
        (mkRelease {
          inherit src;
          system = if system == "x86_64-linux" then "aarch64-linux" else "x86_64-linux";
          pkgs = packages;
        }).release;
      says = "`pkgs` are of the system `${system}`";
    };
    system-unknown = {
      value =
        (mkFlake {
          inherit src;
          systems = [ "riscv64-linux" ];
        }).devShells.riscv64-linux.default;
      says = "nothing is built on the system `riscv64-linux`";
    };
    per-system-unknown = {
      value =
        (mkFlake {
          inherit src;
          perSystem.nixosModules = { };
        }).packages.${system}.default;
      says = "`perSystem` gives `nixosModules`";
    };
  };
}
