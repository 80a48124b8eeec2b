# The `sealift` program itself, without a commit in it, so that a new commit compiles nothing.
#
# sealift :: { universe, root, variation ? null } -> { crate, build : derivation with bin/sealift, project }
{
  universe,
  root,
  variation ? null,
}:
let
  project =
    import ./release/project.nix {
      inherit universe;
      src = root;
      manifest = "packaging/sealift.toml";
    }
    // {
      # Each program writes AppImages for every target.
      env.SEALIFT_APPIMAGE_RUNTIMES = import ./runtimes.nix { inherit universe root variation; };
    };
  crate = import ./compile/crate.nix {
    inherit project variation;
    # What runs here packages for every target.
    target = import ./table/host.nix universe.system;
  };
in
{
  inherit project crate;
  build = universe.rust.build crate;
}
