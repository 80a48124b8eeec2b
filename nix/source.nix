# Some paths of a project as a store path of their own, so that nothing else of it can matter to a build.
#
# source :: { name, src, paths : [ string ] } -> store path
#
# `paths` are relative to `src`, without a slash at the end or with one; a directory stands for all that is in it, and
# what is not there is left out. Build directories (`target`) are never taken.
{
  name,
  src,
  paths,
}:
let
  trimmed = map (
    path:
    let
      parts = builtins.match "(.*[^/])/*" path;
    in
    builtins.head parts
  ) paths;

  startsWith = prefix: text: builtins.substring 0 (builtins.stringLength prefix) text == prefix;
  # Below a listed path, the path itself, or a directory on the way to it.
  wanted =
    relative:
    builtins.any (
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
    in
    wanted relative && !(type == "directory" && baseNameOf path == "target");
}
