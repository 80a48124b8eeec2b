# The profile of Cargo.toml that programs are compiled with, and what Sealift sets in it.
#
# cargo-profile :: { cargoProfile ? "release", profile ? "release" } -> { name, env, config, arguments }
#
#   cargoProfile   the profile of Cargo.toml; cargo puts programs into a directory of this name
#   profile        a name in ./profiles.nix
#   env            environment variables that set the keys
#   config         arguments that set the keys
#   arguments      `config`, and what selects the profile
#
# The keys of `release` are in the environment, those of others in the arguments: a variable for a key of `release-lto` is to
# cargo one for the key `lto` of `release`, and refused.
{
  cargoProfile ? "release",
  profile ? "release",
}:
let
  inherit (builtins)
    attrNames
    listToAttrs
    map
    replaceStrings
    toJSON
    ;
  upper = import ../prelude/upper.nix;
  known = import ../prelude/known.nix {
    what = "profile";
    known = attrNames profiles;
  };
  profiles = import ./profiles.nix;
  keys = profiles.${known profile};
  isCargos = cargoProfile == "release";
  config =
    if isCargos then
      [ ]
    else
      # TOML has numbers and plain texts as JSON has them.
      map (key: "--config=profile.${cargoProfile}.${key}=${toJSON keys.${key}}") (attrNames keys);
in
{
  name = cargoProfile;

  env =
    if isCargos then
      listToAttrs (
        map (key: {
          name = "CARGO_PROFILE_RELEASE_${upper (replaceStrings [ "-" ] [ "_" ] key)}";
          value = toString keys.${key};
        }) (attrNames keys)
      )
    else
      { };

  inherit config;
  arguments = [ (if isCargos then "--release" else "--profile=${cargoProfile}") ] ++ config;
}
