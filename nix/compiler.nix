# Refuses a source that asks for another compiler than the universe has, before anything is compiled.
#
# compiler :: { universe, root : path } -> value -> the same value
{ universe, root }:
value:
let
  inherit (builtins)
    compareVersions
    fromTOML
    match
    pathExists
    readFile
    stringLength
    substring
    ;
  fail = import ./fail.nix;
  has = universe.versions.rustc;

  # rustup's file, in its new form or in the old one, which is the channel alone.
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

  cargo =
    if pathExists (root + "/Cargo.toml") then fromTOML (readFile (root + "/Cargo.toml")) else { };
  inherited = cargo.workspace.package.rust-version or null;
  own = cargo.package.rust-version or inherited;
  needed = if builtins.isAttrs own then inherited else own;
in
if !isHere pinned then
  fail "the project's rust-toolchain file asks for the channel `${pinned}`, and the ${universe.name} universe compiles with rustc ${has}" "write `channel = \"stable\"` or `channel = \"${has}\"` there, or choose another `toolchain`"
else if needed != null && compareVersions needed has > 0 then
  fail "the project needs rustc ${needed} (`rust-version` in Cargo.toml), and the ${universe.name} universe compiles with ${has}" "choose another `toolchain` or universe, or lower `rust-version`"
else
  value
