# Programs that Sealift embeds, because packages begin with them: a directory with one for each target, and the table of them
# that it includes.
#
# embedded :: { universe, name, crate, source, member ? ".", paths, targets, variation ? (target: null), program, machine, file }
#   -> derivation
#
#   crate      what its source is called in the store
#   source     the workspace, of which `paths` are compiled and `member` has the crate
#   variation  target -> a variation, or null
#   program    the file below bin/
#   machine    target -> the machine in the table
#   file       machine -> the file's name
{
  universe,
  name,
  crate,
  source,
  member ? ".",
  paths,
  targets,
  variation ? (_: null),
  program,
  machine,
  file,
}:
let
  manifest = builtins.fromTOML (builtins.readFile (source + "/${member}/Cargo.toml"));
  origin = import ./compile/source.nix {
    name = "${crate}-source";
    src = source;
    inherit paths;
  };
  built =
    target:
    universe.rust.build {
      pname = manifest.package.name;
      inherit (manifest.package) version;
      src = origin.outPath;
      inherit origin;
      cargoLock = source + "/Cargo.lock";
      inherit target;
      variation = variation target;
    };
  lines = line: builtins.concatStringsSep "\n" (map line targets);
in
universe.run {
  inherit name;
  script = ''
    mkdir $out
    ${lines (target: "cp ${built target}/bin/${program} $out/${file (machine target)}")}
    {
      echo '&['
      ${lines (
        target: "echo '    (\"${machine target}\", include_bytes!(\"${file (machine target)}\")),'"
      )}
      echo ']'
    } >$out/table.rs
  '';
}
