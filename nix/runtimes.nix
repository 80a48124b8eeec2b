# The programs at the head of AppImages: a directory with `runtime-<machine>` for each machine.
#
# runtimes :: { universe, root, variation ? null } -> derivation
{
  universe,
  root,
  variation ? null,
}:
let
  src = root + "/crates/appimage-runtime";
  manifest = builtins.fromTOML (builtins.readFile (src + "/Cargo.toml"));
  machines = {
    x86_64 = "x86_64-unknown-linux-musl";
  };

  runtime =
    target:
    universe.rust.build {
      pname = manifest.package.name;
      inherit (manifest.package) version;
      src = import ./source.nix {
        name = "appimage-runtime-source";
        inherit src;
        paths = [
          "Cargo.toml"
          "Cargo.lock"
          "src"
        ];
      };
      cargoLock = src + "/Cargo.lock";
      inherit target variation;
    };
in
universe.run {
  name = "appimage-runtimes";
  script = ''
    mkdir $out
    ${builtins.concatStringsSep "\n" (
      builtins.attrValues (
        builtins.mapAttrs (
          machine: target: "cp ${runtime target}/bin/appimage-runtime $out/runtime-${machine}"
        ) machines
      )
    )}
  '';
}
