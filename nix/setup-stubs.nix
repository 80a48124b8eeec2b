# The programs at the head of setups for Windows: a directory with `setup-stub-<machine>.exe` for each target, and the table of
# them that a program embeds.
#
# setup-stubs :: { universe, root, targets : [ string ] } -> derivation
{
  universe,
  root,
  targets,
}:
let
  src = root + "/crates/setup-stub";
  manifest = builtins.fromTOML (builtins.readFile (src + "/Cargo.toml"));
  facts = import ./table/targets.nix;
  name = target: "setup-stub-${facts.${target}.machine}.exe";

  origin = import ./compile/source.nix {
    name = "setup-stub-source";
    inherit src;
    paths = [
      "Cargo.toml"
      "Cargo.lock"
      "src"
    ];
  };

  stub =
    target:
    universe.rust.build {
      pname = manifest.package.name;
      inherit (manifest.package) version;
      src = origin.outPath;
      inherit origin;
      cargoLock = src + "/Cargo.lock";
      inherit target;
    };
in
universe.run {
  name = "setup-stubs";
  script = ''
    mkdir $out
    ${builtins.concatStringsSep "\n" (
      map (target: "cp ${stub target}/bin/setup-stub.exe $out/${name target}") targets
    )}
    {
      echo '&['
      ${builtins.concatStringsSep "\n" (
        map (
          target: "echo '    (\"${facts.${target}.machine}\", include_bytes!(\"${name target}\")),'"
        ) targets
      )}
      echo ']'
    } >$out/table.rs
  '';
}
