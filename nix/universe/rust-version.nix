# A crate description as it is, where the toolchain is new enough for the crate.
#
# rustVersion :: { universe, toolchain, rustc } -> crate description -> crate description
#
# cargo says the same, but only after everything has been fetched. It also knows of the dependencies and the workspace's
# members, and speaks for a source that is itself built.
{
  universe,
  toolchain,
  rustc,
}:
crate:
let
  isBuilt = import ../compile/builders/is-built.nix;
  newest = import ../compile/toolchains/pinned.nix;

  # Not from `src`, which a read-only evaluation does not copy to the store.
  manifest = fromTOML (
    builtins.unsafeDiscardStringContext (builtins.readFile (crate.origin.root + "/Cargo.toml"))
  );
  shared = manifest.workspace.package.rust-version or null;
  own = manifest.package.rust-version or shared;
  wanted = if builtins.isAttrs own then shared else own;

  isNewer = other: builtins.compareVersions wanted other > 0;
in
if isBuilt crate.src || wanted == null || !(isNewer rustc) then
  crate
else
  throw ''
    `${crate.pname}` needs rustc ${wanted}, as its Cargo.toml says (rust-version); `${toolchain}` of the ${universe} universe has ${rustc}
    hint: ${
      if universe == "nixpkgs" then
        "choose a newer release, `toolchain = { channel = \"${wanted}\"; };`, or lower rust-version"
      else if isNewer newest then
        "no toolchain here is that new: lower rust-version, or take a newer Sealift"
      else
        "the nixpkgs universe has rustc ${newest} (SEALIFT_UNIVERSE=nixpkgs); or lower rust-version"
    }''
