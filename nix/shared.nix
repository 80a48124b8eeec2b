# What a universe that stands apart from this repository, as the mirrors flake does, takes from it.
#
# shared :: { targets, upper, rustflags, cc, environment }
{
  targets = import ./targets.nix;
  upper = import ./upper.nix;
  rustflags = import ./rustflags.nix;
  cc = import ./cc.nix;
  environment = import ./environment.nix;
}
