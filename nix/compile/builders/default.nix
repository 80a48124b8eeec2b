# The builders, which compile crates, by name.
#
# builders :: { <name> : parts -> { build, test, clippy, doc, fmt } }
#
# All take the same parts (../../universe/README.md lists them) and return functions of the same crate description.
{
  cargo = import ./cargo;
  crane = import ./crane.nix;
  naersk = import ./naersk.nix;
}
