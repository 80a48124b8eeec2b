# What a flake that takes Sealift as an input calls.
#
# lib :: inputs -> { mkFlake, mkRelease, mkPackage }
inputs: {
  mkFlake = import ./mkFlake.nix inputs;
  mkRelease = import ./mkRelease.nix inputs;
  mkPackage = import ./mkPackage.nix inputs;
}
