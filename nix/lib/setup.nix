# The universe and the packer of a call, which every function here needs.
#
# setup :: inputs -> { system, self, builder ? null, toolchain ? null } -> { universe, sealift }
#
# Commit and date are those of the calling flake, or none if it does not pass `self`, but never Sealift's.
inputs:
{
  system,
  self,
  builder ? null,
  toolchain ? null,
}:
let
  universe = import ../universe {
    inherit
      inputs
      system
      builder
      toolchain
      ;
    facts = import ../universe/facts.nix (if self == null then { } else self);
  };
in
{
  inherit universe;
  sealift = import ../sealift.nix {
    inherit universe;
    root = ../../.;
  };
}
