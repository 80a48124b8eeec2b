# The `rust` part of the universe interface (../../README.md), by crane.
{
  lib,
  cc,
  crane,
  environment,
  toolchain,
}:
let
  common = import ./common.nix {
    inherit
      lib
      cc
      crane
      environment
      ;
  };
  development = import ./development.nix { inherit crane common; };
in
{
  build = import ./build.nix { inherit crane common; };
  test = import ./test.nix { inherit development; };
  clippy = import ./clippy.nix { inherit development; };
  doc = import ./doc.nix { inherit development; };
  toolchain = toolchain.build;
  fmt = import ./fmt.nix { inherit crane; };
}
