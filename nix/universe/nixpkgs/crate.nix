# The source of one crate of the registry.
#
# crate :: { name, version, checksum } -> derivation
{ mkLib, pkgs }:
{
  name,
  version,
  checksum,
}:
(mkLib pkgs).downloadCargoPackage {
  inherit name version checksum;
  # As Cargo.lock names it.
  source = "registry+https://github.com/rust-lang/crates.io-index";
}
