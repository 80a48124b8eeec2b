# Rust from rust-overlay's list of releases.
#
# rust-overlay :: parts -> { versions, build, develop }
#
# `request` is what a project asks for, as a rust-toolchain file has it; null: the pinned release. rust-overlay holds what
# is in each release, so that none of them is fetched to be evaluated.
{
  lib,
  pkgs,
  inputs,
  request ? null,
  ...
}:
let
  # Not the overlay, which would change `rust-bin` for every package of nixpkgs and evaluate them again.
  all = inputs.rust-overlay.lib.mkRustBin { } pkgs;
  pinned = import ./pinned.nix;
  wanted = {
    channel = pinned;
    components = [ ];
    targets = [ ];
    profile = "minimal";
  }
  // (if request == null then { } else request);

  release = import ./channel.nix {
    inherit lib pinned;
    inherit (all) stable beta nightly;
  } wanted.channel;
  version = release._version;

  # From some releases on, or not in every night.
  here = lib.filter (component: release ? ${component});
  # If rust-src is in the sysroot, rustc writes the toolchain's own path instead of the neutral /rustc/<commit> into the
  # standard library's messages.
  notInBuilds = [
    "rust-analyzer"
    "rust-analyzer-preview"
    "rust-docs"
    "rust-src"
  ];
  profile =
    release._profiles.${wanted.profile}
      or (import ../../prelude/fail.nix "rustc ${version} has no profile `${wanted.profile}`"
        "it has ${lib.concatMapStringsSep ", " (name: "`${name}`") (lib.attrNames release._profiles)}"
      );

  standards = lib.filter (target: release._components.${target} ? rust-std) (
    lib.attrNames release._components
  );
  combine =
    profile: targets: extensions:
    let
      without = lib.filter (target: !(lib.elem target standards)) targets;
    in
    if without != [ ] then
      import ../../prelude/fail.nix "rustc ${version} has no standard library for `${lib.head without}`"
        "choose another channel, or leave the target out; of Sealift's targets it has ${
          lib.concatMapStringsSep ", " (name: "`${name}`") (
            lib.filter (target: lib.elem target standards) (lib.attrNames (import ../../table/targets.nix))
          )
        }"
    else
      profile.override {
        inherit targets;
        extensions = lib.unique extensions;
        # Of no use to a build without network.
        enableLibsecret = false;
      };
  tools = here [
    "clippy"
    "rustfmt"
  ];
in
{
  # rust-overlay names every component by its release.
  versions = {
    rustc = version;
    cargo = version;
  };

  build =
    targets:
    combine release._profiles.minimal (targets ++ wanted.targets) (
      tools ++ lib.subtractLists notInBuilds wanted.components
    );

  develop =
    targets:
    combine profile (targets ++ wanted.targets) (
      tools
      ++ here [
        "rust-analyzer"
        "rust-src"
      ]
      ++ wanted.components
    );
}
