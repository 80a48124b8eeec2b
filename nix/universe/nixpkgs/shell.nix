# The development shell: Rust with rust-analyzer, and cargo configured for every target as in builds.
#
# shell :: parts -> { name, targets, glibc, packages ? [ ], env ? { }, hook ? "", greeting ? "" } -> derivation
{
  lib,
  pkgs,
  environmentLater,
  commonStubs,
  toolchain,
  ...
}:
{
  name,
  targets,
  glibc,
  packages ? [ ],
  env ? { },
  hook ? "",
  greeting ? "",
}:
let
  # Builds for the host are what a developer means by `cargo build`, so no target is made the default.
  settings =
    removeAttrs
      (lib.mergeAttrsList (
        map (
          target:
          environmentLater {
            inherit target glibc;
            stubs = commonStubs;
          }
        ) targets
      ))
      (
        [ "CARGO_BUILD_TARGET" ]
        # On a Mac the shell has an SDK, which is linked with where there is one.
        ++ lib.optional pkgs.stdenv.hostPlatform.isDarwin "SDKROOT"
      );
in
pkgs.mkShell {
  inherit name;
  packages = [ (toolchain.develop targets) ] ++ packages;
  env = settings // env;
  shellHook =
    lib.optionalString (greeting != "") ''
      [ ! -t 1 ] || printf %s ${lib.escapeShellArg greeting}
    ''
    + hook;
}
