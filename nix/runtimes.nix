# The programs at the head of AppImages: `runtime-<machine>` for each target, as AppImages name it.
#
# runtimes :: { universe, root, targets : [ string ], variation ? null } -> derivation
{
  universe,
  root,
  targets,
  variation ? null,
}:
import ./embedded.nix {
  inherit universe;
  name = "appimage-runtimes";
  crate = "appimage-runtime";
  source = root + "/crates";
  member = "appimage-runtime";
  paths = [
    "Cargo.toml"
    "Cargo.lock"
    "appimage-runtime"
    "squashfs"
  ];
  # They are static, whatever the program in an AppImage is: one for each processor.
  targets = builtins.foldl' (
    seen: target: if builtins.elem target seen then seen else seen ++ [ target ]
  ) [ ] (map (builtins.replaceStrings [ "-linux-gnu" ] [ "-linux-musl" ]) targets);
  # A variation, which is built for comparison, applies only to the host.
  variation = target: if target == import ./table/host.nix universe.system then variation else null;
  program = "appimage-runtime";
  # AppImages call one machine by another name than the kernel does.
  machine =
    target:
    builtins.replaceStrings [ "armv7l" ] [ "armhf" ] (import ./table/targets.nix).${target}.machine;
  file = machine: "runtime-${machine}";
}
