# The profile of Cargo.toml that programs are compiled with, and what Sealift sets in it.
#
# cargo-profile :: { build, cargo } -> { profile, cargoProfile }
#
#   build     `[build]` of the manifest, complete
#   cargo     the Cargo.toml of the workspace; null if it cannot be read yet
#   profile   a name in ../compile/profiles.nix
{ build, cargo }:
let
  inherit (builtins)
    any
    attrNames
    concatStringsSep
    elem
    filter
    removeAttrs
    ;
  fail = import ../prelude/fail.nix;
  wanted = build.cargo-profile;
  profiles = if cargo == null then { } else cargo.profile or { };
  # Those of cargo that are for development cannot be chosen.
  known =
    (if profiles ? release then [ ] else [ "release" ])
    ++ filter (
      name:
      !(elem name [
        "dev"
        "test"
        "bench"
      ])
    ) (attrNames profiles);

  # A profile, and those that it inherits from.
  chain =
    profiles: name:
    let
      own = profiles.${name} or { };
    in
    [ own ] ++ (if own ? inherits then chain (removeAttrs profiles [ name ]) own.inherits else [ ]);
  saysOfSymbols = any (own: own ? strip || own ? debug) (chain profiles wanted);
in
{
  # What Cargo.toml says of the symbols counts.
  profile = if build.profile == "release" && saysOfSymbols then "cargo" else build.profile;

  cargoProfile =
    if cargo == null || elem wanted known then
      wanted
    else
      fail "Cargo.toml has no profile `${wanted}`, which the manifest names" "expected one of ${
        concatStringsSep ", " (map (name: "`${name}`") known)
      }";
}
