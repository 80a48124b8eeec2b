# The manifests and the lock of a source, with an empty program where each crate's roots are: all that compiling the
# dependencies needs, so that it does not happen again when only code has changed.
#
# dummies :: path (a source) -> derivation
{ run }:
src:
let
  inherit (builtins)
    attrNames
    concatLists
    concatMap
    filter
    fromTOML
    pathExists
    readDir
    readFile
    ;

  # Directories, relative to the source, that hold a Cargo.toml.
  manifests =
    directory:
    let
      entries = readDir (src + "/${directory}");
      below = filter (name: entries.${name} == "directory" && name != "target") (attrNames entries);
      here = if entries ? "Cargo.toml" then [ directory ] else [ ];
    in
    here ++ concatMap (name: manifests "${directory}/${name}") below;

  roots =
    directory:
    let
      manifest = fromTOML (readFile (src + "/${directory}/Cargo.toml"));
      existing = filter (name: pathExists (src + "/${directory}/${name}"));
      programs =
        if pathExists (src + "/${directory}/src/bin") then
          map (name: "src/bin/${name}") (attrNames (readDir (src + "/${directory}/src/bin")))
        else
          [ ];
      # Directories of src/bin are programs by their main.rs.
      program = name: if builtins.match ".*\\.rs" name == null then "${name}/main.rs" else name;
      named = concatMap (kind: manifest.${kind} or [ ]) [
        "bin"
        "test"
        "bench"
        "example"
      ];
      explicit = concatMap (target: if target ? path then [ target.path ] else [ ]) (
        named ++ [ (manifest.lib or { }) ]
      );
      build = manifest.package.build or "build.rs";
    in
    map (name: "${directory}/${name}") (
      existing (
        [
          "src/lib.rs"
          "src/main.rs"
        ]
        ++ (if builtins.isString build then [ build ] else [ ])
      )
      ++ map program programs
      ++ explicit
    );

  directories = manifests ".";
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
        || builtins.elem (baseNameOf path) [
          "Cargo.toml"
          "Cargo.lock"
        ];
    };
    roots = concatLists (map roots directories);
  };
  script = ''
    mkdir $out
    cd $manifests
    for file in $(find . -name Cargo.toml -o -name Cargo.lock); do
      mkdir -p $out/''${file%/*}
      cp $file $out/$file
    done
    for root in $roots; do
      mkdir -p $out/''${root%/*}
      echo '#![allow(warnings)] fn main() {}' >$out/$root
    done
  '';
}
