# crane's functions, compiling with the given toolchain.
#
# crane :: { mkLib, pkgs, toolchain } -> crane's library
{
  mkLib,
  pkgs,
  toolchain,
}:
((mkLib pkgs).overrideToolchain toolchain.build).overrideScope (
  _final: _prev: {
    # crane's own writer of manifests is a Rust program, for which nixpkgs' rustc would be fetched as a second compiler.
    writeTOML = (pkgs.formats.toml { }).generate;
  }
)
