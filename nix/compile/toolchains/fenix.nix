# Rust from fenix's stable channel.
#
# fenix :: parts -> { versions, build, develop }
{
  lib,
  pkgs,
  inputs,
  system,
  ...
}:
let
  # Not `inputs.fenix.packages`: its evaluation forces every toolchain and editor plugin that fenix has.
  fenix = import inputs.fenix { inherit lib pkgs system; };
  pinned = import ./pinned.nix;

  # fenix's manifest contains versions only in its addresses, the same for every host.
  versionOf =
    component:
    lib.head (
      builtins.match ".*/${component}-([0-9.]+)-.*"
        fenix.stable.manifest.pkg.${component}.target.x86_64-unknown-linux-gnu.url
    );

  compile =
    targets:
    [
      fenix.stable.cargo
      fenix.stable.clippy-unwrapped
      fenix.stable.rust-std
      fenix.stable.rustc-unwrapped
      fenix.stable.rustfmt
    ]
    ++ map (target: fenix.targets.${target}.stable.rust-std) targets;
in
lib.throwIf (versionOf "rustc" != pinned)
  ''
    the locked fenix has rustc ${versionOf "rustc"}, and ${pinned} is expected
    hint: take a release by its name, `toolchain = { channel = "${versionOf "rustc"}"; };`, or lock the fenix that has the old one''
  {
    versions = {
      rustc = pinned;
      cargo = versionOf "cargo";
    };

    # Without rust-src: if it is in the sysroot, rustc writes the toolchain's own path instead of the neutral
    # /rustc/<commit> into the standard library's messages.
    build = targets: fenix.combine (compile targets);

    develop =
      targets:
      fenix.combine (
        compile targets
        ++ [
          fenix.stable.rust-analyzer
          fenix.stable.rust-src
        ]
      );
  }
