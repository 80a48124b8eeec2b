# The development shell: Rust with its analyser, and cargo told of the target as the builds are.
#
# shell :: parts -> { name, target, packages ? [ ], env ? { }, greeting ? "" } -> derivation
{
  lib,
  pkgs,
  environment,
  toolchain,
  ...
}:
{
  name,
  target,
  packages ? [ ],
  env ? { },
  greeting ? "",
}:
let
  # Builds for the host are what a developer means by `cargo build`, so the target is not made the default.
  settings = removeAttrs (environment { inherit target; }) [ "CARGO_BUILD_TARGET" ];
in
pkgs.mkShell {
  inherit name;
  packages = [ (toolchain.develop [ target ]) ] ++ packages;
  env = settings // env;
  shellHook = lib.optionalString (greeting != "") ''
    [ ! -t 1 ] || printf '%s\n' ${lib.escapeShellArg greeting}
  '';
}
