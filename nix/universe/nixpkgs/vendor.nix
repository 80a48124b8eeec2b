# The crates of a Cargo.lock, in the form that every builder takes.
#
# vendor :: crate description -> derivation with config.toml, cargo's own words for where to find the crates
{ mkLib, pkgs }:
let
  crane = (mkLib pkgs).overrideScope (
    _final: _prev: {
      # As in the builder: without it, a second compiler would be fetched.
      writeTOML = (pkgs.formats.toml { }).generate;
    }
  );
  isBuilt = import ../../compile/builders/is-built.nix;
in
crate:
crane.vendorCargoDeps (
  {
    inherit (crate) cargoLock;
    outputHashes = crate.gitHashes or { };
  }
  # Registries of the project's own configuration. A source that is itself built cannot be read for them.
  // (
    if isBuilt crate.src then
      { }
    else
      {
        src = pkgs.lib.cleanSourceWith {
          src = crate.origin.root;
          inherit (crate.origin) filter;
        };
      }
  )
)
