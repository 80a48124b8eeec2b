# The arguments that mkFlake and the module for flake-parts share.
#
# flake-arguments :: { <name> : { type, default ? } }
let
  types = import ./types.nix;
  optional = type: {
    inherit type;
    default = null;
  };
  perSystem = {
    type = types.perSystem;
    default = { };
  };
in
import ./release-arguments.nix
// {
  pkgs = optional types.function;
  devShell = perSystem;
  checks = perSystem;
  inherit perSystem;
  audit = optional types.table;
  deny = optional types.table;
}
