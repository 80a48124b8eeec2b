# A part of a project as a store path of its own, so that nothing else of it can matter to a build.
#
# source :: { name, src, paths ? null, without ? [ ] } -> store path
#
# `paths` are relative to `src`, without a slash at the end or with one; a directory stands for all that is in it, and
# what is not there is left out. Without them everything is taken. `without` lists paths that are left out again.
# Build directories (`target`) and git's are never taken.
{
  name,
  src,
  paths ? null,
  without ? [ ],
}:
let
  trimmed = map (
    path:
    let
      parts = builtins.match "(.*[^/])/*" path;
    in
    builtins.head parts
  ) (if paths == null then [ ] else paths);

  startsWith = prefix: text: builtins.substring 0 (builtins.stringLength prefix) text == prefix;
  # Below a listed path, the path itself, or a directory on the way to it.
  wanted =
    relative:
    paths == null
    || builtins.any (
      path: relative == path || startsWith "${path}/" relative || startsWith "${relative}/" path
    ) trimmed;

  root = toString src;
in
builtins.path {
  inherit name;
  path = src;
  filter =
    path: type:
    let
      relative = builtins.substring (builtins.stringLength root + 1) (-1) path;
      base = baseNameOf path;
    in
    wanted relative
    && !(builtins.elem relative without)
    && !(type == "directory" && base == ".git")
    # cargo's build directory; a module may have that name, too.
    && !(type == "directory" && base == "target" && builtins.pathExists (dirOf path + "/Cargo.toml"))
    # What `nix build` leaves behind.
    && !(type == "symlink" && builtins.match "result(-.*)?" relative != null);
}
