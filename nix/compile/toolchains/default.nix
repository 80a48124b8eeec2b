# The toolchains, which provide rustc, by name.
#
# toolchains :: { <name> : parts -> { versions = { rustc, cargo }, build, develop } }
#
# All take the same parts (../../universe/README.md lists them). `build` and `develop` are functions from a list of Rust
# target triples to a derivation with bin/{cargo,rustc,…}; the shell's also has rust-analyzer and the standard library's source.
{
  debian = import ./debian.nix;
  fenix = import ./fenix.nix;
  rust-overlay = import ./rust-overlay.nix;
}
