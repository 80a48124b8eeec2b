# Rust from rust-overlay's list of stable releases.
#
# rust-overlay :: parts -> { versions, build, develop }
{
  lib,
  pkgs,
  inputs,
  ...
}:
let
  # Not the overlay, which would change `rust-bin` for every package of nixpkgs and evaluate them again.
  inherit (inputs.rust-overlay.lib.mkRustBin { } pkgs) stable;
  pinned = import ./pinned.nix;
  release = stable.${pinned};

  combine =
    targets: extensions:
    release.minimal.override {
      inherit targets;
      extensions = [
        "clippy"
        "rustfmt"
      ]
      ++ extensions;
    };
in
lib.throwIfNot (stable ? ${pinned})
  ''
    the locked rust-overlay has no rustc ${pinned}; its newest is ${stable.latest.rustc.version}
    hint: lock a newer rust-overlay, or write that version into nix/toolchains/pinned.nix''
  {
    # rust-overlay names every component by its release.
    versions = {
      rustc = pinned;
      cargo = pinned;
    };

    # Without rust-src, for the reason in ./fenix.nix.
    build = targets: combine targets [ ];

    develop =
      targets:
      combine targets [
        "rust-analyzer"
        "rust-src"
      ];
  }
