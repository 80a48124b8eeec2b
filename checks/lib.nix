# What flakes call refuses what it does not know, and packages what something else has built.
{
  universe,
  sealift,
  lib,
  ...
}:
let
  inherit (universe) system;
  src = ./fixtures/features;
  release =
    arguments:
    (lib.mkRelease (
      {
        inherit system src;
      }
      // arguments
    )).release.drvPath;
  # The words are in checks/acceptance/consumers.sh: an evaluation cannot see those of its own errors.
  refused = name: value: if (builtins.tryEval value).success then [ name ] else [ ];
  taken = builtins.concatLists [
    (refused "an unknown argument" (release {
      manifst = "sealift.toml";
    }))
    (refused "an argument of another type" (release {
      targets = "x86_64-unknown-linux-musl";
    }))
    (refused "a missing source" (lib.mkRelease { inherit system; }).release.drvPath)
    (refused "a missing manifest" (release {
      manifest = "packaging/sealift.toml";
    }))
    (refused "an unknown target" (release {
      targets = [ "sparc-sun-solaris" ];
    }))
    (refused "an unknown format" (release {
      formats = [ "cab" ];
    }))
    (refused "an unknown builder" (release {
      builder = "make";
    }))
    (refused "a profile that Cargo.toml does not define" (release {
      overrides.build.cargo-profile = "release-lto";
    }))
    (refused "a library" (release {
      src = ./fixtures/workspace/shared;
      cargoLock = ./fixtures/workspace/Cargo.lock;
      manifest = {
        targets = [ "x86_64-unknown-linux-musl" ];
        formats = [ "archive" ];
        package = {
          name = "shared";
          version = "1.2.3";
          summary = "a library";
          license = "MIT";
          maintainer = "A. Person <person@example.org>";
        };
        files = [
          {
            kind = "binary";
            source = "bin/shared";
          }
        ];
      };
    }))
    (refused "a derivation without a lock" (release {
      src = universe.run {
        name = "built";
        script = "touch $out";
      };
    }))
  ];

  # Every output of a flake of three lines is a derivation; which ones, the build need not know.
  flake = lib.mkFlake { inherit src; };
  evaluated =
    kind:
    builtins.attrValues (
      builtins.mapAttrs (
        name: each: "${kind}.${name} ${builtins.unsafeDiscardStringContext each.drvPath}"
      ) flake.${kind}.${system}
    );

  overridden = lib.mkRelease {
    inherit system src;
    formats = [ "deb" ];
    profile = "debug-symbols";
    overrides.package.version = "9.8.7";
  };
  # Each kind of program that has symbols in itself.
  debug = map (target: overridden.debug.${target}) [
    (import ../nix/table/host.nix system)
    "x86_64-pc-windows-gnullvm"
  ];
  bundlers = import ../nix/bundlers.nix {
    inherit system;
    inherit (lib) mkPackage;
  };
  bundled = bundlers.toDeb (
    sealift.build
    // {
      name = "sealift-0.1";
      meta.description = "a bundle";
    }
  );
in
if taken != [ ] then
  throw "taken: ${builtins.concatStringsSep ", " taken}"
else
  universe.run {
    name = "lib";
    tools = [ sealift.build ];
    # The formats that Nix knows are those of the program.
    env = {
      formats = builtins.concatStringsSep " " (builtins.attrNames (import ../nix/table/formats.nix));
      listed = builtins.concatStringsSep "\n" (
        evaluated "packages"
        ++ evaluated "checks"
        ++ evaluated "devShells"
        ++ [
          (builtins.unsafeDiscardStringContext flake.formatter.${system}.drvPath)
          (builtins.unsafeDiscardStringContext flake.apps.${system}.default.program)
        ]
      );
    };
    script = ''
      printf '%s\n' "$listed" | grep -q '^packages.features-universal2-apple-darwin /nix/store/'
      printf '%s\n' "$listed" | grep -q '^checks.gates /nix/store/'
      printf '%s\n' "$listed" | grep -q '/bin/features$'

      # As nixpkgs' `lib.getExe` finds it.
      [ -x ${flake.packages.${system}.default}/bin/${flake.packages.${system}.default.meta.mainProgram} ]
      [ "${flake.packages.${system}.default.pname}" = features ]

      [ "$(ls ${overridden.release}/artifacts)" = features_9.8.7-1_amd64.deb ]
      for directory in ${toString debug}; do
        find $directory/lib/debug/.build-id -name '*.debug' >symbols
        [ "$(wc -l <symbols)" = 1 ]
        grep -q debug_line "$(cat symbols)"
      done
      [ "$(${overridden.program}/bin/features)" = 'quiet polite' ]
      [ "$(ls ${bundled} | grep -c '^sealift_0.1.0-1_amd64.deb$')" = 1 ]

      sealift targets | awk '{ for (i = 2; i <= NF; i++) print $i }' | sort -u | diff - <(tr ' ' '\n' <<<"$formats" | sort)
      touch $out
    '';
  }
