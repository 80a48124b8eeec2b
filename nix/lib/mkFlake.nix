# All outputs of a project's flake, from its sealift.toml.
#
# mkFlake :: arguments -> { packages, checks, apps, devShells, formatter }
#
#   systems     the build systems; default: all that the universe has
#   and the arguments of mkRelease except `system`
#
#   outputs = { self, sealift, ... }: sealift.lib.mkFlake { inherit self; src = ./.; };
inputs: given:
let
  inherit (builtins) listToAttrs map mapAttrs;
  types = import ./types.nix;
  arguments = import ./arguments.nix {
    function = "sealift.lib.mkFlake";
    example = ''
      outputs = { self, sealift, ... }: sealift.lib.mkFlake {
        inherit self;
        src = ./.;
      };'';
    known = import ./release-arguments.nix // {
      systems = {
        type = types.texts;
        default = import ../table/systems.nix inputs;
      };
    };
  } given;

  perSystem =
    system:
    let
      setup = import ./setup.nix inputs {
        inherit system;
        inherit (arguments) self builder toolchain;
      };
    in
    import ./outputs.nix {
      inherit (setup) universe sealift;
      project = import ./project.nix setup.universe arguments;
    };

  bySystem = listToAttrs (
    map (system: {
      name = system;
      value = perSystem system;
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
}
