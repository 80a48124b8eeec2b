# A part of a project as a store path of its own, so that nothing else of it can matter to a build.
#
# source :: { name, src, paths ? null, without ? [ ] } -> { outPath, root, keeps, filter, narrow }
#
#   outPath   the store path
#   root      `src`, from which an evaluation reads: it need not have copied anything, which a read-only one does not
#   keeps     relative path -> type -> bool, what is taken of it
#   filter    the same for whole paths, as `lib.cleanSourceWith` takes it
#   narrow    name -> (relative path -> type -> bool) -> store path, with less than this one
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
    # cargo's build directory; a module may have that name, too.
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
