# The universe of a flake's inputs: an attribute set as README.md describes it.
#
# universe :: { inputs, system } -> universe
{ inputs, system }:
let
  self = inputs.self;
  facts = {
    rev = self.rev or null;
    dirty = !(self ? rev);
    lastModified = self.lastModified or null;
  };
in
if inputs.nixpkgs ? sealift then
  inputs.nixpkgs.sealift.${system} facts
else
  import ./nixpkgs { inherit inputs system; } facts
