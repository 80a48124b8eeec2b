# All outputs of a project's flake, from its sealift.toml.
#
# mkFlake :: arguments -> { packages, checks, apps, devShells, formatter, hydraJobs, overlays }
#
#   systems     the build systems; default: all that the universe has
#   pkgs        a function from a system to packages in place of those of the input nixpkgs; null: that input's
#   devShell, checks, perSystem
#               added to the outputs of each system (./outputs.nix)
#   audit, deny further checks (./audit.nix, ./deny.nix); null: without
#   and the arguments of mkRelease except `system`
#
#   outputs = { self, sealift, ... }: sealift.lib.mkFlake { inherit self; src = ./.; };
inputs: given:
let
  inherit (builtins)
    attrNames
    attrValues
    head
    listToAttrs
    map
    mapAttrs
    ;
  arguments = import ./arguments.nix {
    function = "sealift.lib.mkFlake";
    example = ''
      outputs = { self, sealift, ... }: sealift.lib.mkFlake {
        inherit self;
        src = ./.;
      };'';
    known = import ./flake-arguments.nix // {
      systems = {
        type = (import ./types.nix).texts;
        default = import ../table/systems.nix inputs;
      };
    };
  } given;

  bySystem = listToAttrs (
    map (system: {
      name = system;
      value = import ./per-system.nix inputs arguments system;
    }) arguments.systems
  );
  output = name: mapAttrs (_: outputs: outputs.${name}) bySystem;
in
{
  packages = output "packages";
  checks = output "checks";
  apps = output "apps";
  devShells = output "devShells";
  formatter = output "formatter";

  hydraJobs = {
    release = mapAttrs (_: packages: packages.release) (output "packages");
    checks = output "checks";
  };

  # The names in an overlay must not depend on what it is laid over.
  overlays.default =
    _final: prev:
    let
      inherit (prev.stdenv.hostPlatform) system;
      name = (head (attrValues bySystem)).project.name;
    in
    {
      ${name} =
        (bySystem.${system}
          or (import ../prelude/fail.nix "`${name}` is not built on the system `${system}`"
            "it is on ${builtins.concatStringsSep ", " (attrNames bySystem)}"
          )
        ).packages.default;
    };
}
