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
  lacking = import ../nix/compile/asked.nix {
    name = "poor";
    run = null;
    buildTools = { };
    targets = { };
    zig = null;
  };
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
    (refused "a channel that there is not" (release {
      toolchain.channel = "nightly-1999-01-01";
    }))
    (refused "a channel that nothing is called" (release {
      toolchain.channel = "stabel";
    }))
    (refused "a toolchain without cargo" (release {
      toolchain.rustc = universe.rust.toolchain;
    }))
    (refused "a toolchain of no known version" (release {
      toolchain = universe.run {
        name = "rust";
        script = "touch $out";
      };
    }))
    (refused "packages of another system" (release {
      pkgs.stdenv.hostPlatform.system = "sparc-solaris";
    }))
    (refused "measurements that are no list" (release {
      measurements = "start.json";
    }))
    (refused "two measurements of one name" (release {
      measurements = [
        ./fixtures/features/Cargo.toml
        ./fixtures/members/Cargo.toml
      ];
    }))
    (refused "an unknown step" (release {
      steps.link = old: old;
    }))
    (refused "a step that is no function" (release {
      steps.tree = { };
    }))
    (refused "a step that returns no arguments" (release {
      steps.tree = _old: "tree";
    }))
    (refused "a shell on a system that nothing is built on"
      (mkFlake {
        systems = [ "riscv64-linux" ];
      }).devShells.riscv64-linux.default.drvPath
    )
    (refused "a shell of something else than derivations"
      (mkFlake {
        devShell.packages = [ "git" ];
      }).devShells.${system}.default.drvPath
    )
    (refused "an output that no system has"
      (mkFlake {
        perSystem.nixosModules = { };
      }).packages.${system}.default.drvPath
    )
    (refused "a system's outputs that are no set"
      (mkFlake {
        perSystem = _parts: [ ];
      }).packages.${system}.default.drvPath
    )
    (refused "an audit without a database" (
      builtins.attrNames
        (mkFlake {
          audit = { };
        }).checks.${system}
    ))
    (refused "an unknown tool" (release {
      overrides.build.tools = [ "protoc" ];
    }))
    (refused "a tool that a universe lacks" (
      builtins.head
        (lacking {
          target = "x86_64-unknown-linux-musl";
          tools = [ "cmake" ];
        }).packages
    ))
    (refused "a tool that is no derivation" (release {
      nativeBuildInputs = [ "cmake" ];
    }))
    (refused "a derivation without a lock" (release {
      src = universe.run {
        name = "built";
        script = "touch $out";
      };
    }))
    (
      let
        target = "x86_64-unknown-linux-gnu";
        formats =
          ociBase:
          (lib.mkRelease {
            inherit system src ociBase;
            targets = [ target ];
            formats = [
              "archive"
              "oci"
            ];
          }).project.formatsFor
            target;
        isRight =
          formats null == [ "archive" ]
          &&
            formats ./fixtures == [
              "archive"
              "oci"
            ];
      in
      if isRight then [ ] else [ "an image for glibc without a base, or none with one" ]
    )
    # The nixpkgs universe has it.
    (
      if universe.name == "mirrors" then
        refused "a rust-toolchain file of another release" (release {
          src = ./fixtures/other-rustc;
        })
      else
        [ ]
    )
  ];

  mkFlake = arguments: lib.mkFlake ({ inherit src; } // arguments);
  # Every output of a flake of three lines is a derivation; which ones, the build need not know.
  flake = mkFlake { };
  own = name: script: universe.run { inherit name script; };
  extended = mkFlake {
    checks.tried = own "tried" "touch $out";
    devShell =
      { project, ... }:
      {
        packages = [ (own "greeter" "mkdir -p $out/bin") ];
        env.PROJECT = project.name;
        shellHook = "echo welcome";
      };
    perSystem =
      { release, ... }:
      {
        packages.tree = release.trees.${builtins.head (builtins.attrNames release.trees)};
        apps.other = {
          type = "app";
          program = "${release.program}/bin/features";
        };
      };
  };
  # Those of the documentation.
  examples = map (each: builtins.unsafeDiscardStringContext each.drvPath) (
    import ./examples {
      sealift = { inherit lib; };
      self = { };
      inherit system;
    }
  );
  shell = extended.devShells.${system}.default;

  # As other people's derivations: the universe's own toolchain, and more features than the manifest says.
  changed = lib.mkRelease {
    inherit system src;
    formats = [ "archive" ];
    toolchain = {
      rustc = universe.rust.toolchainFor;
      cargo = universe.rust.toolchain;
      version = universe.versions.rustc;
    };
    steps.build =
      old:
      old
      // {
        cargoArgs = old.cargoArgs ++ [ "--features=loud" ];
      };
    steps.artifact =
      old:
      old
      // {
        script = old.script + "echo changed >$out/note";
      };
  };
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
  toBundle = sealift.build // {
    name = "sealift-0.1";
    meta.description = "a bundle";
  };
  bundled = bundlers.toDeb toBundle;
  # An image on another one, which was unpacked.
  based = lib.mkPackage {
    inherit system;
    format = "oci";
    package = sealift.build;
    name = "based";
    version = "1.2.3";
    summary = "stands on another image";
    license = "MIT";
    maintainer = "A. Person <person@example.org>";
    ociBase = own "base" "mkdir $out && tar -xf ${bundlers.toOci toBundle}/*.oci.tar -C $out";
  };
in
if taken != [ ] then
  throw "taken: ${builtins.concatStringsSep ", " taken}"
else
  universe.run {
    name = "lib";
    tools = [ sealift.build ];
    # The formats that Nix knows are those of the program.
    env = {
      inherit examples;
      extended = builtins.concatStringsSep "\n" [
        extended.checks.${system}.tried.name
        (if extended.packages.${system} ? tree then "tree" else "none")
        (builtins.head (
          builtins.filter (name: name != "default" && name != "gate") (
            builtins.attrNames extended.apps.${system}
          )
        ))
        shell.PROJECT
        (builtins.head (builtins.match ".*(echo welcome).*" shell.shellHook))
      ];
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

      ${changed.program}/bin/features | grep -w loud
      grep -qx changed ${(builtins.head changed.artifacts).artifact}/note
      [ -x ${flake.packages.${system}.default.unstamped}/bin/features ]
      [ $(wc -w <<<"$examples") -ge 2 ]
      printf '%s\n' "$extended" | diff - <(printf '%s\n' tried tree other features 'echo welcome')
      [ "$(ls ${bundled} | grep -c '^sealift_0.1.0-1_amd64.deb$')" = 1 ]
      tar -xOf ${based}/*.oci.tar manifest.json >images
      [ "$(grep -o '"Layers":.*' images | grep -o blobs/ | wc -l)" = 2 ]

      sealift targets | awk '{ for (i = 2; i <= NF; i++) print $i }' | sort -u | diff - <(tr ' ' '\n' <<<"$formats" | sort)
      touch $out
    '';
  }
