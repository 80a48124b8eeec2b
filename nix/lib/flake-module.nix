# A module for flake-parts: the option `sealift` takes the arguments of mkFlake, and each system gets the outputs.
#
# flake-module :: inputs -> module of flake-parts
#
#   imports = [ inputs.sealift.flakeModules.default ];
#   sealift.src = ./.;
#
# In `perSystem`, the same option holds what differs there. `self` and `systems` are flake-parts' own, and each output can
# be replaced: ours are defaults.
inputs:
{
  config,
  lib,
  self,
  flake-parts-lib,
  ...
}:
let
  # What is wrong with them, ./arguments.nix says in the same words as for mkFlake.
  arguments = lib.types.lazyAttrsOf lib.types.raw;
  option = lib.mkOption {
    type = arguments;
    default = { };
    description = "Arguments of `sealift.lib.mkFlake`, such as `src`.";
  };
  topLevel = config.sealift;
in
{
  _file = ./flake-module.nix;

  options.sealift = option;
  options.perSystem = flake-parts-lib.mkPerSystemOption (
    { config, system, ... }:
    let
      complete = import ./arguments.nix {
        function = "sealift.flakeModules.default";
        example = ''
          imports = [ inputs.sealift.flakeModules.default ];
          sealift.src = ./.;'';
        known = import ./flake-arguments.nix;
      } ({ inherit self; } // topLevel // config.sealift);
      outputs = import ./per-system.nix inputs complete system;
      defaults = builtins.mapAttrs (_: lib.mkDefault);
    in
    {
      _file = ./flake-module.nix;
      options.sealift = option;
      config = {
        packages = defaults outputs.packages;
        checks = defaults outputs.checks;
        apps = defaults outputs.apps;
        devShells = defaults outputs.devShells;
        formatter = lib.mkDefault outputs.formatter;
      };
    }
  );
}
