# A part of a project as a separate store path, so that nothing else in the project can affect a build.
#
# source :: { name, src, paths ? null, without ? [ ] } -> { outPath, root, keeps, filter, narrow }
#
#   outPath   the store path
#   root      `src`, from which an evaluation reads: it need not have copied anything, which a read-only one does not
#   keeps     relative path -> type -> bool, what is taken of it
#   filter    the same for whole paths, as `lib.cleanSourceWith` takes it
#   narrow    name -> (relative path -> type -> bool) -> store path, with less than this one
#
# `paths` are relative to `src`, with or without a trailing slash. A directory includes everything in it, and missing
# paths are ignored, and the empty one is `src` itself. Without `paths`, everything is included. `without` lists paths to exclude.
# Build directories (`target`) and git's directory are never included.
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
  ) (builtins.filter (path: path != "") (if paths == null then [ ] else paths));

  startsWith = prefix: text: builtins.substring 0 (builtins.stringLength prefix) text == prefix;
  # Below a listed path, the path itself, or one of its parent directories.
  wanted =
    relative:
    paths == null
    || builtins.elem "" paths
    || builtins.any (
      path: relative == path || startsWith "${path}/" relative || startsWith "${relative}/" path
    ) trimmed;

  length = builtins.stringLength (toString src) + 1;

  keeps =
    relative: type:
    let
      base = baseNameOf relative;
      parent = dirOf relative;
      beside = if parent == "." then "" else "/${parent}";
    in
    wanted relative
    && !(builtins.elem relative without)
    && !(type == "directory" && base == ".git")
    # cargo's build directory; a module could also have that name.
    && !(type == "directory" && base == "target" && builtins.pathExists (src + "${beside}/Cargo.toml"))
    # What `nix build` leaves behind.
    && !(type == "symlink" && builtins.match "result(-.*)?" relative != null);

  relative = path: builtins.substring length (-1) path;
  narrow =
    name: also:
    builtins.path {
      inherit name;
      path = src;
      filter = path: type: keeps (relative path) type && also (relative path) type;
    };
in
{
  outPath = narrow name (_relative: _type: true);
  root = src;
  inherit keeps narrow;
  filter = path: keeps (relative path);
}
