# Rust as fenix's stable channel has it, with the standard library of every target.
#
# toolchain :: fenix -> { rustc, cargo :: version, build, develop :: derivation with bin/ }
{ lib, targets }:
fenix:
let
  # A new lock of fenix moves the whole channel. Pinned here too, a change of compiler is never a side effect.
  expected = "1.97.1";

  # fenix's manifest names versions only within its addresses, the same for every host.
  versionOf =
    component:
    lib.head (
      builtins.match ".*/${component}-([0-9.]+)-.*"
        fenix.stable.manifest.pkg.${component}.target.x86_64-unknown-linux-gnu.url
    );

  standardLibraries = map (target: fenix.targets.${target}.stable.rust-std) (lib.attrNames targets);

  compile = [
    fenix.stable.cargo
    fenix.stable.clippy-unwrapped
    fenix.stable.rust-std
    fenix.stable.rustc-unwrapped
    fenix.stable.rustfmt
  ]
  ++ standardLibraries;
in
lib.throwIf (versionOf "rustc" != expected)
  ''
    the locked fenix has rustc ${versionOf "rustc"}, this universe expects ${expected}
    hint: write the new version into nix/universe/nixpkgs/toolchain.nix''
  {
    rustc = expected;
    cargo = versionOf "cargo";

    # Without rust-src: where it lies in the sysroot, rustc writes the toolchain's own path in place of the neutral
    # /rustc/<commit> that the standard library's messages carry.
    build = fenix.combine compile;

    develop = fenix.combine (
      compile
      ++ [
        fenix.stable.rust-analyzer
        fenix.stable.rust-src
      ]
    );
  }
