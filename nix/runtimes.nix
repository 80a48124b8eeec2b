# The programs at the head of AppImages: a directory with `runtime-<machine>` for each machine, as AppImages name it.
#
# runtimes :: { universe, root, variation ? null } -> derivation
{
  universe,
  root,
  variation ? null,
}:
let
  src = root + "/crates";
  manifest = builtins.fromTOML (builtins.readFile (src + "/appimage-runtime/Cargo.toml"));
  targets = import ./table/targets.nix;
  hasAppImages = target: targets.${target}.appimage != null;

  runtime =
    target:
    universe.rust.build {
      pname = manifest.package.name;
      inherit (manifest.package) version;
      src = import ./compile/source.nix {
        name = "appimage-runtime-source";
        inherit src;
        paths = [
          "Cargo.toml"
          "Cargo.lock"
          "appimage-runtime"
          "squashfs"
        ];
      };
      cargoLock = src + "/Cargo.lock";
      inherit target;
      # What is built twice to compare is built for the host alone.
      variation = if target == import ./table/host.nix universe.system then variation else null;
    };
in
universe.run {
  name = "appimage-runtimes";
  script = ''
    mkdir $out
    ${builtins.concatStringsSep "\n" (
      map (
        target: "cp ${runtime target}/bin/appimage-runtime $out/runtime-${targets.${target}.appimage}"
      ) (builtins.filter hasAppImages (builtins.attrNames targets))
    )}
  '';
}
