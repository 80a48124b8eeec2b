# Refuses a source whose crates are libraries alone, before anything is compiled: nothing of it could be shipped.
#
# refuse-libraries :: origin (../compile/source.nix) -> value -> the same value
origin: value:
let
  roots = import ../compile/roots.nix origin;
in
if roots.programs == [ ] && roots.libraries != [ ] then
  import ../prelude/fail.nix
    "the project builds a library (${builtins.head roots.libraries}) and no program; Sealift ships programs"
    "a program has a `src/main.rs`, a file in `src/bin/` or a `[[bin]]` in Cargo.toml"
else
  value
