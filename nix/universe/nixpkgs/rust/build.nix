# Compiles the executables, on dependencies that were compiled in a derivation of their own.
#
# build :: crate description -> derivation with bin/
{ crane, common }:
crate:
let
  arguments = common crate;
in
crane.buildPackage (
  arguments
  // {
    cargoArtifacts = crane.buildDepsOnly (
      arguments
      // {
        # A `cargo check` first would go over every dependency twice.
        cargoCheckCommand = "true";
        doCheck = false;
      }
    );
    env = arguments.env // crate.env or { };

    # Tests are derivations of their own.
    doCheck = false;

    # nixpkgs' strip and patchelf would change the file after the linker wrote it.
    dontFixup = true;

    # The compilers replaced the paths. What they missed is to fail below, and crane must not overwrite it before.
    doNotRemoveReferencesToRustToolchain = true;
    doNotRemoveReferencesToVendorDir = true;

    # A static program needs nothing of the store: Nix refuses the output where a store path is in it.
    allowedReferences = [ ];
  }
)
