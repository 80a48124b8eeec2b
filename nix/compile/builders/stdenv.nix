# A crate description of the universe interface as attributes for nixpkgs' stdenv, which both crane and naersk use.
# Everything that affects the bytes is written here once for both.
#
# `attributes` are for every derivation of a crate, `program` only for that of the executables. `arguments` are cargo's,
# `checkArguments` those of tests and the like.
#
# `programArguments` are cargo's besides `arguments` where the executables are
# compiled. `profile` is from ../cargo-profile.nix, `outDirs` from ./out-dirs.nix.
#
# stdenv :: parts -> crate description
#        -> { lock, vendor, today, profile, outDirs, arguments, programArguments, checkArguments, attributes, program }
#
# The description's `env` is left out: it is only for the workspace's own crates, so each builder adds it where those
# are compiled.
{
  lib,
  environment,
  vendor,
  stubs,
  asked,
  ...
}:
crate:
let
  today = import ../today.nix;
  circumstances = import ./circumstances.nix (crate.variation or null);
  # Without the sandbox, the build directory differs, and its path stays in the binary.
  source = "/build/${circumstances.directory}/source";

  # A new file, so that nothing depends on the tree that contains the lock.
  lock = builtins.toFile "Cargo.lock" (builtins.readFile crate.cargoLock);
  crates = vendor (crate // { cargoLock = lock; });
  profile = import ../cargo-profile.nix {
    profile = crate.profile or "release";
    cargoProfile = crate.cargoProfile or "release";
  };
  outDirs = import ./out-dirs.nix crate;
  wanted = asked crate;
in
{
  inherit
    lock
    today
    profile
    outDirs
    ;
  vendor = crates;

  # cargo's option to enforce the lock: an outdated Cargo.lock must fail, and not be updated in the sandbox.
  arguments = lib.escapeShellArgs ([ "--locked" ] ++ profile.config ++ crate.cargoArgs or [ ]);
  # Not for the dependencies: what stands in for the project there has other programs, or none.
  programArguments = lib.escapeShellArgs (crate.programArgs or [ ]);
  checkArguments = lib.escapeShellArgs ([ "--locked" ] ++ import ./of-workspace.nix crate);

  attributes = {
    inherit (crate) version src;
    nativeBuildInputs = wanted.packages;

    env =
      environment {
        inherit (crate) target;
        glibc = crate.glibc or (import ../../table/glibc.nix).default;
        profile = crate.profile or "release";
        cargoProfile = profile.name;
        rustflags = crate.rustflags or [ ];
        stubs = stubs crate;
        # Replaced by the compilers. To overwrite store paths in the output afterwards leaves two builds different.
        remap = [
          "${crates}=/cargo"
          "${source}=/source"
          # The last that fits counts: what build scripts write has the name that it has where the target directory lies elsewhere.
          "${source}/target=/target"
        ];
      }
      // {
        LC_ALL = circumstances.locale;
        TZ = circumstances.timezone;
        USER = circumstances.user;
      }
      // lib.optionalAttrs (circumstances.cores != null) {
        CARGO_BUILD_JOBS = circumstances.cores;
      }
      // wanted.environment;

    # The dependencies and what is built on them lie in the same directory, whatever their sources are called: the flags
    # name it, and cargo compiles anew what was compiled with other flags.
    postUnpack = ''
      umask ${circumstances.umask}
      directory=$NIX_BUILD_TOP/${circumstances.directory}
      mkdir -p "$directory"
      mv "$sourceRoot" "$directory/source"
      sourceRoot=$directory/source
      export CARGO_BUILD_JOBS=''${CARGO_BUILD_JOBS:-$NIX_BUILD_CORES}
    '';

    # A newer file in the source has moved it by now.
    preBuild = "export SOURCE_DATE_EPOCH=${today}";

    # What the linker said is what matters of a long log, so it is said again at its end.
    failureHook = ''
      [ ! -e "$NIX_BUILD_TOP/.link-error" ] || cat "$NIX_BUILD_TOP/.link-error" >&2
    '';
  };

  # For the derivation of the programs.
  program = {
    # Tests are separate derivations.
    doCheck = false;

    # nixpkgs' strip and patchelf would change the file after the linker wrote it.
    dontFixup = true;

    # A static program needs nothing of the store: Nix refuses the output where a store path is in it.
    allowedReferences = [ ];
  }
  // outDirs.outputs;
}
