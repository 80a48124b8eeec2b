# What is left of a source when an empty program stands where code would be: less of it changes, so less is compiled
# again.
#
# skeletons :: { run } -> { dependencies, libraries }
#
#   dependencies  :: origin -> derivation           the manifests and the lock; every root is empty
#   libraries     :: origin -> derivation or null   all but the roots of programs; null where the workspace has no library or
#                                                   no program
#
# An origin is what ../../source.nix gives.
{ run }:
let
  inherit (builtins)
    any
    attrNames
    concatLists
    concatMap
    elem
    filter
    fromTOML
    isString
    map
    pathExists
    readDir
    readFile
    stringLength
    substring
    ;
  filterAttrs = keep: table: removeAttrs table (filter (name: !(keep name)) (attrNames table));

  # The roots of a source's crates, as paths relative to it: those of programs, libraries, and whatever else.
  rootsOf =
    { root, keeps, ... }:
    let
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
    };

  # Also a library, where somebody depends on it.
  write = ''
    for root in $roots; do
      case $root in */*) mkdir -p $out/''${root%/*} ;; esac
      echo '#![allow(warnings)] fn main() {}' >$out/$root
    done
  '';
in
{
  dependencies =
    origin:
    let
      roots = rootsOf origin;
    in
    run {
      name = "manifests";
      env = {
        # Without the other directories: a new one would compile every dependency again.
        manifests = origin.narrow "manifests-source" (
          path: type:
          if type == "directory" then
            any (directory: substring 0 (stringLength path + 1) directory == "${path}/") roots.directories
          else
            elem (baseNameOf path) [
              "Cargo.toml"
              "Cargo.lock"
            ]
        );
        roots = concatLists [
          roots.programs
          roots.libraries
          roots.others
        ];
      };
      script = ''
        mkdir $out
        cd $manifests
        for file in $(find . -name Cargo.toml -o -name Cargo.lock); do
          mkdir -p $out/''${file%/*}
          cp $file $out/$file
        done
        ${write}
      '';
    };

  libraries =
    origin:
    let
      roots = rootsOf origin;
      programs = filter (root: !(elem root roots.libraries)) roots.programs;
    in
    if roots.libraries == [ ] || programs == [ ] then
      null
    else
      run {
        name = "libraries-source";
        env = {
          source = origin.narrow "source-without-programs" (path: _type: !(elem path programs));
          roots = programs;
        };
        script = ''
          cp -R $source $out
          chmod -R u+w $out
          ${write}
        '';
      };
}
