# The examples of docs/distributors.md, which the check `docs` compares with these files and `lib` evaluates.
#
# examples :: { sealift, self, system } -> [ derivation ]
{
  sealift,
  self,
  system,
}:
let
  outputs = import ./outputs.nix { inherit sealift self; };
  release = file: (import file { inherit sealift self; }).release;
in
[
  outputs.packages.${system}.checksums
  outputs.devShells.${system}.default
]
# They name the system.
++ (
  if system == "x86_64-linux" then
    map release [
      ./channel.nix
      ./steps.nix
    ]
  else
    [ ]
)
