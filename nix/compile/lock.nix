# The Cargo.lock of a project, if it exists and has every dependency in the manifests. cargo would report this only in the
# sandbox, without saying what to do about it.
#
# lock :: { lock : path, manifests : [ path ] } -> path
{ lock, manifests }:
let
  inherit (builtins)
    attrNames
    concatMap
    elem
    filter
    fromTOML
    head
    isAttrs
    map
    readFile
    ;
  fail = import ../prelude/fail.nix;
  advice = "run `cargo update --workspace`, and commit Cargo.lock";

  locked = map (package: package.name) (fromTOML (readFile lock)).package or [ ];
  tables = [
    "dependencies"
    "dev-dependencies"
    "build-dependencies"
  ];
  # A dependency's name in the code can differ from its package name.
  packages =
    inherited: table:
    map (
      name:
      let
        own = table.${name};
        written = if own.workspace or false == true then inherited.${name} or own else own;
      in
      if isAttrs written then written.package or name else name
    ) (attrNames table);
  dependencies =
    manifest:
    let
      cargo = fromTOML (readFile manifest);
      places = [ cargo ] ++ builtins.attrValues (cargo.target or { });
    in
    concatMap (
      place:
      concatMap (table: packages (cargo.workspace.dependencies or { }) (place.${table} or { })) tables
    ) places
    ++ (if cargo ? package.name then [ cargo.package.name ] else [ ]);
  stray = filter (name: !elem name locked) (concatMap dependencies manifests);
in
if !builtins.pathExists lock then
  fail "there is no `${toString lock}`" "run `cargo generate-lockfile`, and add Cargo.lock to git: a flake sees only what git knows"
else if stray != [ ] then
  fail "`${toString lock}` is stale: it does not have `${head stray}`, which Cargo.toml names" advice
else
  lock
