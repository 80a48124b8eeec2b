# The functions for flakes that use Sealift as an input.
#
# lib :: inputs -> { mkFlake, mkRelease, mkPackage }
inputs: {
  mkFlake = import ./mkFlake.nix inputs;
  mkRelease = import ./mkRelease.nix inputs;
  mkPackage = import ./mkPackage.nix inputs;
}
