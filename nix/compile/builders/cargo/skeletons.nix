# What is left of a source when an empty program stands where code would be: less of it changes, so less is compiled
# again.
#
# skeletons :: { run } -> { dependencies, libraries }
#
#   dependencies  :: path (a source) -> derivation           the manifests and the lock; every root is empty
#   libraries     :: path (a source) -> derivation or null   all but the roots of programs; null where the workspace has
#                                                            no library or no program
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

  # The roots of a source's crates, as paths relative to it: those of programs, libraries, and whatever else.
  rootsOf =
    src:
    let
      # Directories, relative to the source and ending in a slash, that hold a Cargo.toml.
      manifests =
        directory:
        let
          entries = readDir (src + "/${directory}");
          below = filter (name: entries.${name} == "directory" && name != "target") (attrNames entries);
          here = if entries ? "Cargo.toml" then [ directory ] else [ ];
        in
        here ++ concatMap (name: manifests "${directory}${name}/") below;

      roots =
        directory:
        let
          manifest = fromTOML (readFile (src + "/${directory}Cargo.toml"));
          existing = filter (name: pathExists (src + "/${directory}${name}"));
          # Directories of src/bin are programs by their main.rs.
          program = name: if builtins.match ".*\\.rs" name == null then "${name}/main.rs" else name;
          found =
            if pathExists (src + "/${directory}src/bin") then
              map (name: "src/bin/${program name}") (attrNames (readDir (src + "/${directory}src/bin")))
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

      all = map roots (manifests "");
    in
    {
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
    src:
    let
      roots = rootsOf src;
    in
    run {
      name = "manifests";
      env = {
        manifests = builtins.path {
          name = "manifests-source";
          path = src;
          filter =
            path: type:
            type == "directory"
            || elem (baseNameOf path) [
              "Cargo.toml"
              "Cargo.lock"
            ];
        };
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
    src:
    let
      roots = rootsOf src;
      programs = filter (root: !(elem root roots.libraries)) roots.programs;
      # Nix says where the source really is, which in a store of one's own is another directory.
      places = map (root: "/${baseNameOf "${src}"}/${root}") programs;
      endsWith =
        path: end:
        let
          start = stringLength path - stringLength end;
        in
        start >= 0 && substring start (-1) path == end;
    in
    if roots.libraries == [ ] || programs == [ ] then
      null
    else
      run {
        name = "libraries-source";
        env = {
          source = builtins.path {
            name = "source-without-programs";
            path = src;
            filter = path: _type: !(any (endsWith path) places);
          };
          roots = programs;
        };
        script = ''
          cp -R $source $out
          chmod -R u+w $out
          ${write}
        '';
      };
}
