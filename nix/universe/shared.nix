# What a universe that stands apart from this repository, as the mirrors flake does, takes from it.
#
# shared :: { targets, upper, rustflags, cc, environment, later }
{
  targets = import ../table/targets.nix;
  upper = import ../prelude/upper.nix;
  rustflags = import ../compile/rustflags.nix;
  cc = import ../compile/cc.nix;
  environment = import ../compile/environment.nix;
  later = import ../compile/later.nix;
}
