# A check of the workspace's own crates: tests, clippy and documentation share one build of their dependencies.
#
# development :: crate description -> { name, command, install, env ? { } } -> derivation
#
# `command` is a function from cargo's arguments to bash, `install` is bash.
{ crane, common }:
description:
{
  name,
  command,
  install,
  env ? { },
}:
let
  crate = description // {
    profile = "dev";
  };
  arguments = common crate;
in
crane.mkCargoDerivation (
  arguments
  // {
    cargoArtifacts = crane.buildDepsOnly (
      arguments
      // {
        pname = "${crate.pname}-development";
        cargoCheckExtraArgs = "--workspace --all-targets";
        cargoTestExtraArgs = "--workspace --no-run";
        # Compiling the tests compiles the same dependencies.
        cargoBuildCommand = "true";
      }
    );
    env = arguments.env // crate.env or { } // env;
    pnameSuffix = "-${name}";
    buildPhaseCargoCommand = command arguments.cargoExtraArgs;
    installPhaseCommand = install;
    doInstallCargoArtifacts = false;

    # nixpkgs' clean-up of an output is for programs; these outputs are logs and pages.
    dontFixup = true;
  }
)
