# The universe made from the flake's own inputs: nixpkgs, crane and fenix.
#
# default :: { inputs, system } -> { rev, dirty, lastModified } -> universe, as ../README.md describes it
{ inputs, system }:
{
  rev,
  dirty,
  lastModified,
}:
let
  inherit (inputs.nixpkgs) lib;
  pkgs = inputs.nixpkgs.legacyPackages.${system};

  targets = import ./targets.nix;
  toolchain = import ./toolchain.nix { inherit lib targets; } (
    # Not `inputs.fenix.packages`: its evaluation forces every toolchain and editor plugin that fenix has.
    import inputs.fenix { inherit lib pkgs system; }
  );
  cc = import ./cc.nix { inherit lib pkgs targets; };
  crane = import ./crane.nix {
    inherit pkgs toolchain;
    inherit (inputs.crane) mkLib;
  };
  environment = import ./rust/environment.nix { inherit lib cc targets; };
in
{
  name = "nixpkgs";
  inherit system dirty;
  commit = rev;
  # Without a date: the first day that a zip archive can hold.
  date = if lastModified == null then 315532800 else lastModified;

  versions = {
    inherit (toolchain) rustc cargo;
    zig = lib.getVersion pkgs.zig;
  };

  # Every input is locked by its hash, so none can differ from the lock.
  drift = [ ];

  run = import ./run.nix { inherit lib pkgs system; };

  rust = import ./rust {
    inherit
      lib
      cc
      crane
      environment
      toolchain
      ;
  };

  tools = import ./tools.nix { inherit pkgs; };

  shell = import ./shell.nix {
    inherit
      lib
      pkgs
      environment
      toolchain
      ;
  };

  inherit (pkgs) nixfmt;
}
