# The universe made from the flake's own inputs.
#
# default :: { inputs, system, given ? null } -> { rev, dirty, lastModified } -> what ../default.nix joins to a universe
#
#   given   packages in place of those of the input nixpkgs
{
  inputs,
  system,
  given ? null,
}:
{
  rev,
  dirty,
  lastModified,
}:
let
  inherit (pkgs) lib;
  pkgs =
    if given == null then
      inputs.nixpkgs.legacyPackages.${system}
    else if given.stdenv.hostPlatform.system == system then
      given
    else
      import ../../prelude/fail.nix
        "`pkgs` are of the system `${given.stdenv.hostPlatform.system}`, and `${system}` is built on"
        "give those of the same system: `pkgs = import nixpkgs { system = \"${system}\"; };`";

  run = import ./run.nix { inherit lib pkgs system; };
  targets = import ../../table/targets.nix;
  # nixpkgs' own default can be older than what ../../compile/cc.nix was made for.
  zig = pkgs.zig_0_17 or pkgs.zig_0_16 or pkgs.zig;
  cc = import ../../compile/cc.nix {
    inherit run zig targets;
    tools = import ./commands.nix { inherit run pkgs; };
    linker = "${pkgs.stdenv.cc}/bin/cc";
  };

  environmentWith =
    cc: arguments:
    import ../../compile/environment.nix { inherit cc; } arguments
    // {
      # stdenv has a date for builds. Where there is no stdenv it has to be the same, or programs that carry it differ.
      SOURCE_DATE_EPOCH = import ../../compile/today.nix;
    };

  # As nixpkgs itself. Without this, what an older one says is an error deep in somebody else's code. Lix calls itself by
  # versions such as `2.18.3-lix`, which compare like Nix's own.
  oldest = "2.18";
in
if builtins.compareVersions builtins.nixVersion oldest < 0 then
  throw ''
    Nix ${builtins.nixVersion} is too old for the nixpkgs universe, which needs ${oldest}
    hint: the mirrors universe works with Nix 2.8 and newer: `./nixw build .#release` takes it by itself, or with SEALIFT_UNIVERSE=mirrors''
else
  {
    name = "nixpkgs";
    inherit system dirty run;
    commit = rev;
    # Without a date: the first day that a zip archive can hold.
    date = if lastModified == null then 315532800 else lastModified;

    versions.zig = lib.getVersion zig;

    # Every input is locked by its hash, so none can differ from the lock.
    drift = [ ];

    # The first of each is the default.
    builders = [
      "crane"
      "naersk"
      "cargo"
    ];
    toolchains = [
      "fenix"
      "rust-overlay"
    ];

    parts = {
      inherit
        system
        run
        lib
        pkgs
        inputs
        targets
        cc
        zig
        ;
      environment = environmentWith cc;
      # A shell's: the C libraries are compiled when something is first linked.
      environmentLater = environmentWith (triple: (cc triple).later);
      buildTools = import ./build-tools.nix { inherit lib pkgs run; };
      linker = "${pkgs.stdenv.cc}/bin/cc";
      # Links build scripts and procedural macros where there is no stdenv.
      host = [ pkgs.stdenv.cc ];
      vendor = import ./vendor.nix {
        inherit pkgs;
        inherit (inputs.crane) mkLib;
      };
    };

    crate = import ./crate.nix {
      inherit pkgs;
      inherit (inputs.crane) mkLib;
    };
    tools = import ./tools.nix { inherit pkgs; };
    auditors = { inherit (pkgs) cargo-audit cargo-deny; };
    shell = import ./shell.nix;
    inherit (pkgs) nixfmt;
  }
