# The `sealift` program itself, without a commit in it, so that a new commit compiles nothing.
#
# sealift :: { universe, root, variation ? null } -> { crate, build : derivation with bin/sealift, project }
{
  universe,
  root,
  variation ? null,
}:
let
  project = import ./project.nix {
    src = root;
    manifest = "packaging/sealift.toml";
    cargoLock = root + "/Cargo.lock";
  };
  crate = import ./crate.nix {
    inherit project variation;
    # What runs here packages for every target.
    target = "x86_64-unknown-linux-musl";
    env.SEALIFT_APPIMAGE_RUNTIMES = import ./runtimes.nix { inherit universe root variation; };
  };
in
{
  inherit project crate;
  build = universe.rust.build crate;
}
