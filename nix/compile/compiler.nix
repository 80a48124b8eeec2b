# Refuses a source whose rust-toolchain file requires a compiler other than the universe's, before anything is compiled.
#
# `rust-version` is checked where the crate is compiled, because dependencies have one, too.
#
# compiler :: { universe, root : path } -> value -> the same value
{ universe, root }:
value:
let
  inherit (builtins)
    fromTOML
    match
    pathExists
    readFile
    stringLength
    substring
    ;
  fail = import ../prelude/fail.nix;
  has = universe.versions.rustc;

  # rustup's file, in its new form or in the old one, which contains only the channel.
  pinned =
    if pathExists (root + "/rust-toolchain.toml") then
      readPinned (root + "/rust-toolchain.toml")
    else if pathExists (root + "/rust-toolchain") then
      readPinned (root + "/rust-toolchain")
    else
      null;
  readPinned =
    file:
    let
      text = readFile file;
      plain = match "[ \n]*([A-Za-z0-9.-]+)[ \n]*" text;
    in
    if plain != null then builtins.head plain else (fromTOML text).toolchain.channel or null;
  isHere =
    channel:
    channel == null
    || channel == "stable"
    || channel == has
    || substring 0 (stringLength channel + 1) has == "${channel}.";
in
if !isHere pinned then
  fail "the project's rust-toolchain file asks for the channel `${pinned}`, and the ${universe.name} universe compiles with rustc ${has}" "write `channel = \"stable\"` or `channel = \"${has}\"` there, or choose another `toolchain`"
else
  value
