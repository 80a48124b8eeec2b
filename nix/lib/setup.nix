# The universe and the packer of one call: what every function here begins with.
#
# setup :: inputs -> { system, self, builder ? null, toolchain ? null } -> { universe, sealift }
#
# Commit and date are those of the flake that calls, and there are none where it does not give itself: never Sealift's.
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
