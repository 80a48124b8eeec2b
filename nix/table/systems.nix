# The systems that something can be built on: a universe's own ones, or those that nixpkgs has.
#
# systems :: inputs -> [ string (a Nix system) ]
#
# Nix 2.8 evaluates every system that a flake names, so one that the mirrors universe lacks must not be named with it.
inputs:
if inputs.nixpkgs ? sealift then
  builtins.attrNames inputs.nixpkgs.sealift
else
  [
    "aarch64-darwin"
    "aarch64-linux"
    # nixpkgs 26.05 is the last release that has it.
    "x86_64-darwin"
    "x86_64-linux"
  ]
