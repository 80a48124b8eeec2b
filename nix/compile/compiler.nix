# Refuses a source whose rust-toolchain file asks for a compiler other than the universe's, before anything is compiled.
#
# `rust-version` is checked where the crate is compiled, because dependencies have one, too.
#
# compiler :: { universe, root : path } -> value -> the same value
{ universe, root }:
value:
let
  file = import ./toolchains/file.nix root;
  has = universe.versions.rustc;
in
if
  # What a project's flake says counts more than what its rustup file does.
  universe.isOwn || file == null || import ./toolchains/satisfies.nix has file.channel
then
  value
else
  import ../prelude/fail.nix
    "the project's rust-toolchain file asks for the channel `${file.channel}`, and the ${universe.name} universe compiles with rustc ${has}"
    (
      if builtins.elem "rust-overlay" universe.toolchains then
        "choose the toolchain `rust-overlay`, which has every channel, or write `channel = \"stable\"` there"
      else
        "write `channel = \"stable\"` or `channel = \"${has}\"` there; or let the flake choose, which counts more, by `toolchain.channel = \"stable\";` in mkFlake; or build in the nixpkgs universe, which has every channel: SEALIFT_UNIVERSE=nixpkgs ./nixw …"
    )
