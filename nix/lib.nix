# What a flake that takes Sealift as an input calls.
#
# lib :: inputs -> { mkRelease }
inputs: {
  # The release of a project, and everything on the way to it.
  #
  # mkRelease :: { system, src, manifest ? "sealift.toml", cargoLock ? src + "/Cargo.lock" } -> outputs of ./release.nix
  #
  #   packages.x86_64-linux.default = (sealift.lib.mkRelease { system = "x86_64-linux"; src = ./.; }).release;
  mkRelease =
    {
      system,
      src,
      manifest ? "sealift.toml",
      cargoLock ? src + "/Cargo.lock",
    }:
    let
      universe = import ./universe { inherit inputs system; };
      sealift = import ./sealift.nix {
        inherit universe;
        root = ../.;
      };
    in
    import ./release.nix {
      inherit universe sealift;
      project = import ./project.nix { inherit src manifest cargoLock; };
    };
}
