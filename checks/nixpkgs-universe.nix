# The flake's outputs in the nixpkgs universe, with inputs from directories: what checks/nixpkgs-universe.sh evaluates.
#
# nixpkgs-universe :: { system, nixpkgs, crane, naersk, fenix, rust-overlay, flake-parts, path ? nixpkgs } -> the outputs of the flake, and those of nixpkgs-consumers.nix
#
# Each input is the path of its source; `path` is nixpkgs' as its packages know it. A package set that is only derived from nixpkgs may lack some packages, which others of
# the same names stand in for: they are evaluated, and not built.
{
  system,
  nixpkgs,
  crane,
  naersk,
  fenix,
  rust-overlay,
  flake-parts,
  path ? nixpkgs,
}:
let
  packages = import nixpkgs (
    {
      inherit system;
      overlays = [
        (_final: prev: removeAttrs missing (builtins.attrNames prev))
      ]
      ++ (if hasStages then [ ] else [ withoutStages ]);
    }
    // (if hasStages then { } else { inherit stdenvStages; })
  );
  hasStages = builtins.pathExists (path + "/pkgs/${stages}");
  # What such a set has not brought along for macOS, and what that needs to be evaluated.
  withoutStages = _final: prev: {
    darwin =
      prev.darwin
      // lib.genAttrs [
        "DarwinTools"
        "autoSignDarwinBinariesHook"
        "cctools"
        "libffi"
        "libiconv"
        "libutil"
        "ps"
        "signingUtils"
        "sigtool"
        "system_cmds"
      ] standIn
      // {
        bootstrapStdenv = prev.stdenv;
      };
    fetchurl = _: standIn "source";
    # What would need the rest of a system to be compiled.
    coreutils = standIn "coreutils";
    curl = standIn "curl";
    curlMinimal = standIn "curl";
    jq = standIn "jq";
    libiconv = standIn "libiconv";
    ncurses = standIn "ncurses";
    perl = standIn "perl";
    python3 = standIn "python3";
    rsync = standIn "rsync";
    sphinx = standIn "sphinx";
    zig = standIn "zig-0.16.0";
    zlib = standIn "zlib";
    zstd = standIn "zstd";
  };
  # Where the stages of a system's standard environment are missing, one without compilers takes their place.
  stages = if builtins.match ".*-darwin" system != null then "stdenv/darwin" else "stdenv";
  stdenvStages =
    {
      lib,
      localSystem,
      config,
      overlays,
      ...
    }:
    [
      (_: {
        inherit config overlays;
        stdenv = import (nixpkgs + "/stdenv/generic") {
          name = "stdenv-without-compilers";
          buildPlatform = localSystem;
          hostPlatform = localSystem;
          targetPlatform = localSystem;
          inherit config;
          shell = "${standIn "bash"}/bin/bash";
          initialPath = [ (standIn "coreutils") ];
          cc = standIn "cc" // {
            bintools = standIn "bintools" // {
              dynamicLinker = "";
              bintools = standIn "bintools";
              coreutils_bin = standIn "coreutils";
              expandResponseParams = "";
              isLLVM = false;
              shell = standIn "bash";
              suffixSalt = "";
              targetPrefix = "";
              wrapperName = "BINTOOLS_WRAPPER";
            };
            cc = standIn "clang" // {
              libllvm = standIn "libllvm";
            };
            isClang = true;
            isGNU = false;
            libc = standIn "libc";
            stdenv.hostPlatform = localSystem;
            targetPrefix = "";
          };
          fetchurlBoot = _: standIn "source";
        };
      })
    ];
  inherit (packages) lib;
  standIn =
    name:
    derivation {
      inherit name system;
      builder = "/bin/sh";
    }
    // {
      pname = name;
      version = "1";
      passthru = { };
    };
  missing = {
    inherit path;
    remarshal = standIn "remarshal";
    cargo-audit = standIn "cargo-audit";
    cargo-deny = standIn "cargo-deny";
    dpkg = standIn "dpkg";
    nixfmt = standIn "nixfmt";
    squashfs-tools = standIn "squashfs-tools";
    umoci = standIn "umoci";
    zig = standIn "zig-0.16.0";
    formats.toml = _: { generate = name: value: standIn name // { text = builtins.toJSON value; }; };
    # All that a shell is given is evaluated.
    mkShell =
      arguments:
      derivation (
        arguments.env or { }
        // {
          name = "shell";
          inherit system;
          builder = "/bin/sh";
          inherit (arguments) packages shellHook;
        }
      );
  };
  outputsOf = directory: arguments: (import (directory + "/flake.nix")).outputs arguments;
  sealift = import ../nix {
    self = sealift // {
      outPath = ../.;
      rev = "0000000000000000000000000000000000000000";
      lastModified = 1700000000;
    };
    nixpkgs = {
      inherit lib;
      outPath = nixpkgs;
      legacyPackages.${system} = packages;
    };
    crane = outputsOf crane { self = crane; };
    rust-overlay = outputsOf rust-overlay {
      self = { };
      nixpkgs = {
        inherit lib;
        legacyPackages = { };
      };
    };
    inherit fenix naersk;
  };
in
sealift
// import ./nixpkgs-consumers.nix {
  inherit
    system
    sealift
    packages
    standIn
    ;
  flake-parts = outputsOf flake-parts {
    self.outPath = flake-parts;
    nixpkgs-lib = { inherit lib; };
  };
}
