# The roots of a source's crates, as paths relative to it: those of programs, libraries, and whatever else.
#
# roots :: origin (source.nix) -> { directories, programs, libraries, others : [ path ] }
#
# `directories` are those with a Cargo.toml; each ends in a slash, or is empty.
{ root, keeps, ... }:
let
  inherit (builtins)
    attrNames
    concatMap
    filter
    fromTOML
    isString
    map
    pathExists
    readDir
    readFile
    ;
  filterAttrs = keep: table: removeAttrs table (filter (name: !(keep name)) (attrNames table));

  exists = path: pathExists (root + "/${path}") && keeps path "regular";
  # What of a directory is taken. Directories end in a slash here, and are relative to the root.
  entriesOf =
    directory:
    let
      entries = readDir (root + "/${directory}");
    in
    filterAttrs (name: keeps "${directory}${name}" entries.${name}) entries;

  manifests =
    directory:
    let
      entries = entriesOf directory;
      below = filter (name: entries.${name} == "directory" && name != "target") (attrNames entries);
      here = if entries ? "Cargo.toml" then [ directory ] else [ ];
    in
    here ++ concatMap (name: manifests "${directory}${name}/") below;

  roots =
    directory:
    let
      manifest = fromTOML (readFile (root + "/${directory}Cargo.toml"));
      existing = filter (name: exists "${directory}${name}");
      # Directories of src/bin are programs by their main.rs.
      program = name: if builtins.match ".*\\.rs" name == null then "${name}/main.rs" else name;
      found =
        if pathExists (root + "/${directory}src/bin") then
          map (name: "src/bin/${program name}") (attrNames (entriesOf "${directory}src/bin/"))
        else
          [ ];
      explicit = concatMap (target: if target ? path then [ target.path ] else [ ]);
      named = kind: explicit (manifest.${kind} or [ ]);
      build = manifest.package.build or "build.rs";
      within = map (name: "${directory}${name}");
    in
    {
      programs = within (existing [ "src/main.rs" ] ++ found ++ named "bin");
      libraries = within (existing [ "src/lib.rs" ] ++ explicit [ (manifest.lib or { }) ]);
      others = within (
        (if isString build then existing [ build ] else [ ])
        ++ concatMap named [
          "test"
          "bench"
          "example"
        ]
      );
    };

  directories = manifests "";
  all = map roots directories;
in
{
  inherit directories;
  programs = concatMap (roots: roots.programs) all;
  libraries = concatMap (roots: roots.libraries) all;
  others = concatMap (roots: roots.others) all;
}
