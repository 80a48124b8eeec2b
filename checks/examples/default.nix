# The examples of docs/distributors.md, which the check `docs` compares with these files and `lib` evaluates.
#
# examples :: { sealift, self } -> [ derivation ]
{ sealift, self }@arguments:
let
  outputs = import ./outputs.nix arguments;
in
builtins.concatMap builtins.attrValues (builtins.attrValues outputs.packages)
++ map (shells: shells.default) (builtins.attrValues outputs.devShells)
++ map (file: (import file arguments).release) [
  ./channel.nix
  ./steps.nix
]
