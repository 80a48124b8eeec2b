# What provides rustc, by name.
#
# toolchains :: { <name> : parts -> { versions = { rustc, cargo }, build, develop } }
#
# All take the same parts (../../universe/README.md lists them). `build` and `develop` are functions from a list of Rust
# target triples to a derivation with bin/{cargo,rustc,…}; a shell's has rust-analyzer and the standard library's source, too.
{
  debian = import ./debian.nix;
  fenix = import ./fenix.nix;
  rust-overlay = import ./rust-overlay.nix;
}
