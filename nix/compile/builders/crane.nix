# crane: the dependencies are a separate derivation, made from the manifests and the lock.
#
# crane :: parts -> { build, test, clippy, doc, fmt }
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

  library =
    targets:
    ((inputs.crane.mkLib pkgs).overrideToolchain (toolchain.build targets)).overrideScope (
      _final: _prev: {
        # crane's own writer of manifests is a Rust program, for which nixpkgs' rustc would be fetched as a second compiler.
        writeTOML = (pkgs.formats.toml { }).generate;
      }
    );

  # crane's names for the attributes of ./stdenv.nix.
  describeFor =
    crate:
    let
      described = describe crate;
    in
    described
    // {
      crane = library [ crate.target ];
      attributes = described.attributes // {
        inherit (crate) pname;
        cargoLock = described.lock;
        cargoVendorDir = described.vendor;
        cargoExtraArgs = described.arguments;
      };
      # crane's own variable for the option of cargo.
      selected = lib.optionalAttrs (described.profile.name != "release") {
        CARGO_PROFILE = described.profile.name;
      };
      # What crane reads while evaluating, from where the source is.
      readable = lib.cleanSourceWith {
        src = crate.origin.root;
        inherit (crate.origin) filter;
      };
    };

  # A source that is itself built cannot be read yet, and without its manifests the dependencies are unknown.
  dependencies = crate: make: if isBuilt crate.src then null else make;

  build =
    crate:
    let
      described = describeFor crate;
      inherit (described) crane;
      attributes = described.attributes // {
        env = described.attributes.env // described.selected;
      };
    in
    crane.buildPackage (
      attributes
      // described.program
      // lib.optionalAttrs (described.programArguments != "") {
        cargoBuildExtraArgs = described.programArguments;
      }
      // lib.optionalAttrs (described.outDirs.outputs != { }) {
        postInstall = described.outDirs.script "$cargoBuildLog";
      }
      // {
        cargoArtifacts = dependencies crate (
          crane.buildDepsOnly (
            attributes
            // {
              src = described.readable;
              # A `cargo check` first would process every dependency twice.
              cargoCheckCommand = "true";
              doCheck = false;
            }
          )
        );
        env = attributes.env // crate.env or { } // crate.programEnv or { };

        # The compilers have replaced the paths. A path that they missed must fail the build, so crane must not overwrite it.
        doNotRemoveReferencesToRustToolchain = true;
        doNotRemoveReferencesToVendorDir = true;
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
      described = describeFor crate;
      inherit (described) crane;
      attributes = described.attributes // {
        env = described.attributes.env // {
          CARGO_PROFILE = "dev";
        };
      };
    in
    crane.mkCargoDerivation (
      attributes
      // {
        cargoArtifacts = dependencies crate (
          crane.buildDepsOnly (
            attributes
            // {
              src = described.readable;
              pname = "${crate.pname}-development";
              cargoExtraArgs = described.checkArguments;
              cargoCheckExtraArgs = "--all-targets";
              cargoTestExtraArgs = "--no-run";
              # Compiling the tests compiles the same dependencies.
              cargoBuildCommand = "true";
            }
          )
        );
        env = attributes.env // crate.env or { } // crate.programEnv or { } // env;
        pnameSuffix = "-${name}";
        buildPhaseCargoCommand = command described.checkArguments;
        installPhaseCommand = install crate.target;
        doInstallCargoArtifacts = false;

        # nixpkgs' fixup of outputs is for programs; these outputs are logs and pages.
        dontFixup = true;
      }
    );
in
builtins.mapAttrs check (import ./checks.nix)
// {
  inherit build;

  fmt =
    { src, ... }:
    (library [ ]).cargoFmt {
      inherit src;
      pname = "sources";
      version = "0";
      cargoExtraArgs = "--all";
      doInstallCargoArtifacts = false;
    };
}
