# What cargo is told of a target, in builds and in the development shell alike.
#
# environment :: { target, rustflags ? [ ], remap ? [ ] } -> attribute set of environment variables
#
# `remap` lists `from=to` prefixes that must not be seen in a binary.
{ cc, targets, ... }:
{
  target,
  rustflags ? [ ],
  remap ? [ ],
}:
let
  host = "x86_64-unknown-linux-gnu";
  under = builtins.replaceStrings [ "-" ] [ "_" ];
  upper = triple: import ../upper.nix (under triple);
  compiler = cc target;
  flags = [
    targets.${target}.rustflags
  ]
  ++ map (prefix: "--remap-path-prefix=${prefix}") remap
  ++ rustflags;
in
{
  CARGO_BUILD_TARGET = target;
  "CARGO_TARGET_${upper target}_LINKER" = "${compiler}/bin/cc";
  "CARGO_TARGET_${upper target}_RUSTFLAGS" = builtins.concatStringsSep " " flags;
  # Examples in the documentation are linked by rustdoc, which does not look at the flags above.
  "CARGO_TARGET_${upper target}_RUSTDOCFLAGS" = targets.${target}.rustflags;
  "CC_${under target}" = "${compiler}/bin/cc";
  "CXX_${under target}" = "${compiler}/bin/c++";
  "AR_${under target}" = "${compiler}/bin/ar";
  "RANLIB_${under target}" = "${compiler}/bin/ranlib";
  "CFLAGS_${under target}" = builtins.concatStringsSep " " (
    map (prefix: "-ffile-prefix-map=${prefix}") remap
  );
  "CARGO_TARGET_${upper host}_LINKER" = "${cc host}/bin/cc";
  "CC_${under host}" = "${cc host}/bin/cc";
  "AR_${under host}" = "${cc host}/bin/ar";
}
