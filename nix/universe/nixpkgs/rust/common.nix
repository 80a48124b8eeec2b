# A crate description of the universe interface, in crane's words.
#
# common :: crate description -> arguments of crane's functions
#
# Its `env` is left out: it is for the workspace's own crates alone, so each caller adds it where those are compiled.
{
  lib,
  cc,
  crane,
  environment,
}:
crate:
let
  circumstances = import ./circumstances.nix (crate.variation or null);
  # Where the sandbox is off the build directory is another one, and its path stays in the binary.
  source = "/build/${circumstances.directory}/source";

  # Written anew, so that nothing depends on the tree that the lock lies in.
  cargoLock = builtins.toFile "Cargo.lock" (builtins.readFile crate.cargoLock);
  cargoVendorDir = crane.vendorCargoDeps {
    inherit cargoLock;
    inherit (crate) src;
  };
in
{
  inherit (crate) pname version src;
  inherit cargoLock cargoVendorDir;

  cargoExtraArgs = lib.escapeShellArgs ([ "--locked" ] ++ crate.cargoArgs or [ ]);

  env =
    environment {
      inherit (crate) target;
      rustflags = crate.rustflags or [ ];
      # Replaced by the compilers. crane's way, to overwrite store paths in the output, leaves two builds different.
      remap = [
        "${cargoVendorDir}=/cargo"
        "${source}=/source"
      ];
    }
    // {
      CARGO_PROFILE = crate.profile or "release";
      LC_ALL = circumstances.locale;
      TZ = circumstances.timezone;
      USER = circumstances.user;
    }
    // lib.optionalAttrs (circumstances.cores != null) {
      CARGO_BUILD_JOBS = circumstances.cores;
    };

  # The dependencies and what is built on them lie in the same directory, whatever their sources are called: the flags
  # name it, and cargo compiles anew what was compiled with other flags.
  postUnpack = ''
    umask ${circumstances.umask}
    directory=$NIX_BUILD_TOP/${circumstances.directory}
    mkdir -p "$directory"
    mv "$sourceRoot" "$directory/source"
    sourceRoot=$directory/source

    export ZIG_GLOBAL_CACHE_DIR=$directory/zig ZIG_LOCAL_CACHE_DIR=$directory/zig
    cp -r ${(cc crate.target).cache} "$directory/zig"
    chmod -R u+w "$directory/zig"
  '';
}
