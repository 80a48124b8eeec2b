# The flake's outputs.
#
# default :: inputs -> outputs
inputs:
let
  systems = import ./table/systems.nix inputs;

  universeFor =
    system:
    import ./universe { inherit inputs system; }
    # As an input of another project, assembled by `nixw`: the universe's commit is then that project's.
    // (
      if builtins.pathExists ../.as-input then
        {
          commit = null;
          dirty = false;
        }
      else
        { }
    );

  perSystem =
    system:
    import ./outputs.nix {
      universe = universeFor system;
      root = ../.;
      inherit lib;
    };

  bySystem = builtins.listToAttrs (
    map (system: {
      name = system;
      value = perSystem system;
    }) systems
  );

  output = name: builtins.mapAttrs (_: outputs: outputs.${name}) bySystem;
  lib = import ./lib inputs;
in
{
  packages = output "packages";
  checks = output "checks";
  apps = output "apps";
  devShells = output "devShells";
  formatter = output "formatter";

  inherit lib;

  templates = import ../templates;

  overlays.default = import ./overlay.nix inputs.self;

  flakeModules.default = import ./lib/flake-module.nix inputs;

  hydraJobs = {
    release = builtins.mapAttrs (_: packages: packages.release) (output "packages");
    checks = output "checks";
  };

  bundlers = builtins.mapAttrs (
    system: _:
    import ./bundlers.nix {
      inherit system;
      inherit (lib) mkPackage;
    }
  ) bySystem;
}
