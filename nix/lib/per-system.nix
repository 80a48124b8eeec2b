# One system's outputs of a project, from the arguments of mkFlake, and the project itself.
#
# per-system :: inputs -> arguments of mkFlake, complete -> string -> { project, packages, checks, apps, devShells, formatter }
inputs: arguments: system:
let
  setup = import ./setup.nix inputs {
    inherit system;
    inherit (arguments)
      self
      src
      builder
      toolchain
      ;
    pkgs = if arguments.pkgs == null then null else arguments.pkgs system;
  };
  project = import ./project.nix setup.universe arguments;
in
import ./outputs.nix {
  inherit (setup) universe sealift;
  inherit project;
  inherit (arguments)
    devShell
    checks
    perSystem
    audit
    deny
    ;
}
// {
  inherit project;
}
