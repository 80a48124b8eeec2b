# What cargo is told of a target, in builds and in the development shell alike.
#
# environment :: { target, profile ? "release", rustflags ? [ ], remap ? [ ] } -> attribute set of environment variables
#
# `remap` lists `from=to` prefixes of paths that must not be seen in a binary.
{
  lib,
  cc,
  targets,
}:
{
  target,
  profile ? "release",
  rustflags ? [ ],
  remap ? [ ],
}:
let
  compiler = cc target;
  under = lib.replaceStrings [ "-" ] [ "_" ] target;
  upper = lib.toUpper under;
  prefixed = option: map (prefix: "${option}=${prefix}") remap;
in
lib.throwIfNot (targets ? ${target})
  "the nixpkgs universe has no target `${target}`, only: ${lib.concatStringsSep ", " (lib.attrNames targets)}"
  (import ../../profiles.nix).${profile}
// {
  CARGO_BUILD_TARGET = target;
  "CARGO_TARGET_${upper}_LINKER" = "${compiler}/bin/cc";
  "CARGO_TARGET_${upper}_RUSTFLAGS" = lib.concatStringsSep " " (
    targets.${target}.rustflags ++ prefixed "--remap-path-prefix" ++ rustflags
  );
  # Examples in the documentation are linked by rustdoc, which does not look at the flags above.
  "CARGO_TARGET_${upper}_RUSTDOCFLAGS" = lib.concatStringsSep " " targets.${target}.rustflags;
  "CC_${under}" = "${compiler}/bin/cc";
  "CXX_${under}" = "${compiler}/bin/c++";
  "AR_${under}" = "${compiler}/bin/ar";
  "RANLIB_${under}" = "${compiler}/bin/ranlib";
  "CFLAGS_${under}" = lib.concatStringsSep " " (prefixed "-ffile-prefix-map");
  "CXXFLAGS_${under}" = lib.concatStringsSep " " (prefixed "-ffile-prefix-map");
}
