# The programs at the head of AppImages: a directory with `runtime-<machine>` for each target, as AppImages name it, and the
# table of them that a program embeds.
#
# runtimes :: { universe, root, targets : [ string ], variation ? null } -> derivation
{
  universe,
  root,
  targets,
  variation ? null,
}:
let
  src = root + "/crates";
  manifest = builtins.fromTOML (builtins.readFile (src + "/appimage-runtime/Cargo.toml"));
  facts = import ./table/targets.nix;
  # They are static, whatever the program in an AppImage is: one for each processor.
  static = builtins.foldl' (
    seen: target: if builtins.elem target seen then seen else seen ++ [ target ]
  ) [ ] (map (builtins.replaceStrings [ "-linux-gnu" ] [ "-linux-musl" ]) targets);

  # AppImages call one machine by another name than the kernel does.
  machine = target: builtins.replaceStrings [ "armv7l" ] [ "armhf" ] facts.${target}.machine;

  origin = import ./compile/source.nix {
    name = "appimage-runtime-source";
    inherit src;
    paths = [
      "Cargo.toml"
      "Cargo.lock"
      "appimage-runtime"
      "squashfs"
    ];
  };

  runtime =
    target:
    universe.rust.build {
      pname = manifest.package.name;
      inherit (manifest.package) version;
      src = origin.outPath;
      inherit origin;
      cargoLock = src + "/Cargo.lock";
      inherit target;
      # A variation, which is built for comparison, applies only to the host.
      variation = if target == import ./table/host.nix universe.system then variation else null;
    };
in
universe.run {
  name = "appimage-runtimes";
  script = ''
    mkdir $out
    ${builtins.concatStringsSep "\n" (
      map (target: "cp ${runtime target}/bin/appimage-runtime $out/runtime-${machine target}") static
    )}
    {
      echo '&['
      ${builtins.concatStringsSep "\n" (
        map (
          target: "echo '    (\"${machine target}\", include_bytes!(\"runtime-${machine target}\")),'"
        ) static
      )}
      echo ']'
    } >$out/table.rs
  '';
}
