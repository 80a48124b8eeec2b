# The development shell: Rust with its analyser, and cargo told of every target as the builds are.
#
# shell :: parts -> { name, packages ? [ ], env ? { }, greeting ? "" } -> derivation
{
  lib,
  pkgs,
  targets,
  environment,
  toolchain,
  ...
}:
{
  name,
  packages ? [ ],
  env ? { },
  greeting ? "",
}:
let
  compiled = lib.attrNames (lib.filterAttrs (_triple: target: target.zig != null) targets);

  # Builds for the host are what a developer means by `cargo build`, so no target is made the default.
  settings =
    removeAttrs (lib.mergeAttrsList (map (target: environment { inherit target; }) compiled))
      [
        "CARGO_BUILD_TARGET"
      ];
in
pkgs.mkShell {
  inherit name;
  packages = [ (toolchain.develop compiled) ] ++ packages;
  env = settings // env;
  shellHook = lib.optionalString (greeting != "") ''
    [ ! -t 1 ] || printf %s ${lib.escapeShellArg greeting}
  '';
}
