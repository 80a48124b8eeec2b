# naersk: the dependencies are a separate derivation, made from manifests that naersk rewrites.
#
# naersk :: parts -> { build, test, clippy, doc, fmt }
{
  lib,
  pkgs,
  inputs,
  toolchain,
  ...
}@parts:
let
  describe = import ./stdenv.nix parts;
  isBuilt = import ./is-built.nix;

  # By its file instead of its flake, which uses nixpkgs' toolchain.
  library =
    targets:
    let
      rust = toolchain.build targets;
    in
    pkgs.callPackage inputs.naersk {
      cargo = rust;
      rustc = rust;
      clippy = rust;
    };

  # naersk reads the lock in the source. If that lock differs or cannot be read yet, everything is compiled
  # in one step.
  readable =
    crate:
    !(isBuilt crate.src)
    && builtins.pathExists (crate.origin.root + "/Cargo.lock")
    && builtins.readFile (crate.origin.root + "/Cargo.lock") == builtins.readFile crate.cargoLock;

  # naersk's names for the attributes of ./stdenv.nix. It passes unknown attributes to both derivations.
  attributesOf =
    crate: described:
    described.attributes
    // {
      name = crate.pname;
      root = crate.src;
      singleStep = !(readable crate);

      # The same crates as for every builder, instead of those that naersk would fetch to other paths.
      cargoconfig = "${described.vendor}/config.toml";
      cratesio_sources = described.vendor;
      git_sources = described.vendor;
      autoCrateSpecificOverrides = false;
      # The environment replaces these paths with the same names for all builders.
      remapPathPrefix = false;

      postPatch = ''
        cp --no-preserve=mode ${described.lock} Cargo.lock
      '';

      cargoBuildOptions =
        usual:
        # If a variation sets the number of jobs, it is in the environment.
        lib.remove ''-j "$NIX_BUILD_CORES"'' usual ++ [ described.arguments ];
      # naersk sets another date just before.
      cargoBuild = usual: "env SOURCE_DATE_EPOCH=${described.today} ${usual}";
      copyLibs = false;
    };

  build =
    crate:
    let
      described = describe crate;
    in
    (library [ crate.target ]).buildPackage (
      attributesOf crate described
      // lib.optionalAttrs (described.profile.name != "release") {
        # naersk knows two profiles.
        release = false;
        cargoBuildOptions =
          usual:
          (attributesOf crate described).cargoBuildOptions usual ++ [ "--profile=${described.profile.name}" ];
      }
      // {
        overrideMain =
          old:
          described.program
          // {
            cargo_build_options =
              old.cargo_build_options
              ++ lib.optional (described.programArguments != "") described.programArguments;
            postInstall = described.outDirs.script "$cargo_build_output_json";
            env = old.env // crate.env or { } // crate.programEnv or { };
          };
      }
    );

  # Tests, clippy and documentation share one build of their dependencies.
  check =
    name:
    {
      command,
      install,
      env ? { },
    }:
    crate:
    let
      described = describe crate;
    in
    (library [ crate.target ]).buildPackage (
      attributesOf crate described
      // {
        release = false;
        cargoBuild =
          _usual:
          "cargo test ${described.checkArguments} --no-run && cargo check ${described.checkArguments} --all-targets";
        overrideMain = old: {
          name = "${crate.pname}-${name}-${crate.version}";
          env = old.env // crate.env or { } // crate.programEnv or { } // env;
          buildPhase = command described.checkArguments;
          installPhase = install crate.target;
          # nixpkgs' fixup of outputs is for programs; these outputs are logs and pages.
          dontFixup = true;
        };
      }
    );
in
builtins.mapAttrs check (import ./checks.nix)
// {
  inherit build;

  fmt =
    { src, ... }:
    (library [ ]).buildPackage {
      name = "sources-fmt";
      version = "0";
      inherit src;
      singleStep = true;
      autoCrateSpecificOverrides = false;
      # It needs no crates.
      cargoconfig = builtins.toFile "config.toml" "";
      cratesio_sources = "";
      git_sources = "";
      overrideMain = _old: {
        buildPhase = "cargo fmt --all --check";
        installPhase = "touch $out";
      };
    };
}
