# Runs clippy on everything in the workspace; a warning is an error.
#
# clippy :: crate description -> derivation, clippy's log
{ development }:
crate:
development crate {
  name = "clippy";
  command = arguments: ''
    cargo clippy ${arguments} --workspace --all-targets -- --deny warnings 2>&1 | tee log
  '';
  install = "cp log $out";
}
