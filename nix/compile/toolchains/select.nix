# The toolchain that is asked for, in whichever way.
#
# select :: { universe, choose, wanted } -> { name, isOwn, make : parts -> { versions, build, develop } }
#
#   universe  { name, toolchains, parts, … } as a universe's folder returns it
#   choose    string or null -> value of ./default.nix (../../universe/choose.nix)
#   wanted    null: the universe's default; a name of ./default.nix; { channel, components ? [ ], targets ? [ ],
#             profile ? "minimal" } as a rust-toolchain file has them; { rustc, cargo, … } as ./own.nix takes them; or a
#             derivation that has all of these, or a function from targets to it
#   isOwn     whether the project chose the release itself
{
  universe,
  choose,
  wanted,
}:
let
  inherit (builtins) elem isAttrs isFunction;
  types = import ../../lib/types.nix;
  fail = import ../../prelude/fail.nix;
  arguments =
    example: known:
    import ../../lib/arguments.nix {
      function = "toolchain";
      inherit example known;
    } wanted;

  optional = type: {
    inherit type;
    default = null;
  };
  request = arguments "toolchain = { channel = \"1.92.0\"; };" {
    channel.type = types.text;
    components = {
      type = types.texts;
      default = [ ];
    };
    targets = {
      type = types.texts;
      default = [ ];
    };
    profile = {
      type = types.text;
      default = "minimal";
    };
  };
  own = arguments "toolchain = { rustc = pkgs.rustc; cargo = pkgs.cargo; };" {
    rustc.type = types.tool;
    cargo.type = types.tool;
    clippy = optional types.tool;
    rustfmt = optional types.tool;
    rust-analyzer = optional types.tool;
    version = optional types.text;
  };

  whole = {
    rustc = wanted;
    cargo = wanted;
  };
  usual = choose null universe.parts;
  here = usual.versions.rustc;
in
if isFunction wanted || (isAttrs wanted && wanted ? outPath) then
  {
    name = "the given toolchain";
    isOwn = true;
    make = import ./own.nix whole;
  }
else if isAttrs wanted && wanted ? channel then
  if elem "rust-overlay" universe.toolchains then
    {
      name = "rust-overlay";
      isOwn = true;
      make = parts: import ./rust-overlay.nix (parts // { inherit request; });
    }
  else if import ./satisfies.nix here request.channel then
    {
      name = builtins.head universe.toolchains;
      isOwn = true;
      make = _parts: usual;
    }
  else
    fail "`toolchain` asks for the channel `${request.channel}`, and the ${universe.name} universe has rustc ${here} and no other" "ask for `stable`, or build in the nixpkgs universe, which has every channel: SEALIFT_UNIVERSE=nixpkgs ./nixw …"
else if isAttrs wanted && !(wanted ? rustc) && !(wanted ? cargo) then
  fail "`toolchain` is a table without `channel`, and without `rustc` and `cargo`" "write `toolchain = { channel = \"1.92.0\"; };`, or `toolchain = { rustc = pkgs.rustc; cargo = pkgs.cargo; };`"
else if isAttrs wanted then
  {
    name = "the given toolchain";
    isOwn = true;
    make = import ./own.nix own;
  }
else
  {
    name = if wanted == null then builtins.head universe.toolchains else wanted;
    isOwn = false;
    make = choose wanted;
  }
