# What cargo is told about packages, features and programs.
#
# cargo-arguments :: { universe, written, build, isBuilt, exists : path -> bool } -> { cargoArgsFor, programArgsFor : target -> [ string ] }
#
#   written   the manifest
#   build     its `[build]`, complete
#   exists    whether the project has a file, a path relative to it; not asked where its source is itself built (`isBuilt`)
{
  universe,
  written,
  build,
  isBuilt,
  exists,
}:
let
  inherit (builtins)
    all
    any
    concatMap
    concatStringsSep
    elem
    filter
    head
    map
    match
    ;
  targets = import ../table/targets.nix;

  # The tables for a target, that of its system first.
  tablesFor =
    target:
    concatMap (name: if build.targets ? ${name} then [ build.targets.${name} ] else [ ]) [
      targets.${target}.os
      target
    ];

  # Whether a rule is for a target, or for a universal one that is made of it.
  covers =
    target: file:
    any (
      name: name == targets.${target}.os || name == target || elem target (targets.${name}.members or [ ])
    ) (file.targets or [ target ]);

  binaries = filter (file: file.kind == "binary") (written.files or [ ]);
  programOf =
    path:
    let
      parts = match "bin/([^/*?[]+)" path;
    in
    if parts == null then null else head parts;
  isOfProject = file: programOf file.source != null && exists file.source;
  # Of a directory or a pattern it is unknown which programs it ships.
  isOpen = file: match "bin/(.*[*?[].*)?" file.source != null;
in
{
  cargoArgsFor =
    target:
    let
      tables = tablesFor target;
      features = build.features ++ concatMap (table: table.features) tables;
      default = builtins.foldl' (
        before: table: if table.default-features == null then before else table.default-features
      ) build.default-features tables;
    in
    (
      if build.packages != [ ] then map (name: "--package=${name}") build.packages else [ "--workspace" ]
    )
    ++ (if default then [ ] else [ "--no-default-features" ])
    ++ (if features == [ ] then [ ] else [ "--features=${concatStringsSep "," features}" ]);

  # Where a program is for some targets only, it may not compile for others, so those of a target are named. cargo makes the
  # others, too, if nothing is named.
  programArgsFor =
    target:
    let
      ofTarget = filter (covers target) binaries;
      # The programs of `[[generate]]` run on this machine.
      ofGenerate =
        if target == import ../table/host.nix universe.system then
          map (rule: head rule.command) (written.generate or [ ])
        else
          [ ];
      sources = map (file: file.source) (filter (file: !isOfProject file) ofTarget) ++ ofGenerate;
      names = filter (name: name != null) (map programOf sources);
    in
    if isBuilt || any isOpen ofTarget || all (covers target) binaries then
      [ ]
    else
      map (name: "--bin=${name}") (import ../prelude/unique.nix names);
}
