# Environment variables of cargo for a target, both in builds and in the development shell.
#
# environment :: { cc, host ? null } -> { target, glibc ? of ../table/glibc.nix, profile ? "cargo", cargoProfile ? "release",
#                                                rustflags ? [ ], remap ? [ ], stubs ? null } -> environment variables
#
#   cc       from ./cc.nix
#   host     the triple of build scripts and procedural macros if `cc` also has to link these; null if the
#            platform's own compiler does
#   glibc    the oldest one that programs run with, if the target has glibc
#   profile, cargoProfile  as in ./cargo-profile.nix
#   remap    `from=to` prefixes of paths that must not appear in a binary
#   stubs    of macOS' libraries (./frameworks); null if nothing is linked with them
{
  cc,
  host ? null,
}:
{
  target,
  glibc ? (import ../table/glibc.nix).default,
  profile ? "cargo",
  cargoProfile ? "release",
  rustflags ? [ ],
  remap ? [ ],
  stubs ? null,
}:
let
  inherit (builtins)
    attrNames
    concatStringsSep
    map
    replaceStrings
    ;
  targets = import ../table/targets.nix;
  upper = import ../prelude/upper.nix;
  listOf = table: "`${concatStringsSep "`, `" (attrNames table)}`";

  under = replaceStrings [ "-" ] [ "_" ];
  own = import ./rustflags.nix target;
  prefixed = option: concatStringsSep " " (map (prefix: "${option}=${prefix}") remap);

  hasGlibc = targets.${target}.libc == "glibc";
  compiler = cc (if hasGlibc then "${target}.${glibc}" else target);

  # The variables through which cargo, the `cc` crate and the `cmake` crate find the tools for a triple.
  programs = triple: directory: linker: {
    "CARGO_TARGET_${upper (under triple)}_LINKER" = "${directory}/bin/${linker}";
    "CC_${under triple}" = "${directory}/bin/cc";
    "CXX_${under triple}" = "${directory}/bin/c++";
    "AR_${under triple}" = "${directory}/bin/ar";
    "RANLIB_${under triple}" = "${directory}/bin/ranlib";
    "CMAKE_TOOLCHAIN_FILE_${under triple}" = "${directory}/toolchain.cmake";
  };
in
if !(targets ? ${target}) then
  throw "unknown target `${target}`; expected one of ${listOf targets}"
else
  (if host == null then { } else programs host (cc host) "cc")
  // programs target compiler (if hasGlibc then "link-cc" else "cc")
  // {
    # For `configure` and make, which know no triples. The system's own may be unable to write archives.
    AR = "${compiler}/bin/ar";
    RANLIB = "${compiler}/bin/ranlib";
  }
  // (import ./cargo-profile.nix { inherit profile cargoProfile; }).env
  // {
    CARGO_BUILD_TARGET = target;
    "CARGO_TARGET_${upper (under target)}_RUSTFLAGS" = concatStringsSep " " (
      own ++ [ (prefixed "--remap-path-prefix") ] ++ rustflags
    );
    # rustdoc links the examples in the documentation, and ignores the flags above.
    "CARGO_TARGET_${upper (under target)}_RUSTDOCFLAGS" = concatStringsSep " " own;
    "CFLAGS_${under target}" = prefixed "-ffile-prefix-map";
    "CXXFLAGS_${under target}" = prefixed "-ffile-prefix-map";
    # zig's C++ library has a different name than the one that the `cc` crate assumes.
    "CXXSTDLIB_${under target}" = "c++";
  }
  // (
    # rustc and the `cc` crate have other defaults for the minimum macOS version than the table.
    if targets.${target}.os == "macos" then
      {
        MACOSX_DEPLOYMENT_TARGET = "11.0";
        # Any directory will do: without one rustc looks for the SDK with a program that other systems do not have, and warns.
        SDKROOT = "${cc target}";
      }
      // (if stubs == null then { } else { SEALIFT_MACOS_STUBS = "${stubs}"; })
    else
      { }
  )
