# Builds the documentation of the workspace's own crates; a warning is an error.
#
# doc :: crate description -> derivation, the pages
{ development }:
crate:
development crate {
  name = "doc";
  env.RUSTDOCFLAGS = "--deny warnings";
  command = arguments: ''
    cargo doc ${arguments} --workspace --no-deps
  '';
  install = "mv target/${crate.target}/doc $out";
}
