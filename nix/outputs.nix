# This repository's outputs for one system.
#
# outputs :: { universe, root, lib } -> { packages, checks, apps, devShells, formatter }
{
  universe,
  root,
  lib,
}:
let
  sealift = import ./sealift.nix { inherit universe root; };
  inherit (sealift) project crate;
  release = import ./release/release.nix { inherit universe sealift project; };
  inherit (release) program;
  checks = import ../checks {
    inherit
      universe
      root
      sealift
      release
      lib
      ;
  };
in
{
  packages = import ./release/packages.nix {
    inherit project release;
    tests = { inherit (checks) clippy doc test; };
  };
  inherit checks;

  apps.default = {
    type = "app";
    program = "${program}/bin/sealift";
    meta = { inherit (project.meta) description; };
  };

  devShells = import ./lib/shell.nix {
    inherit universe project;
    greeting = ''
      Sealift ${project.version} with rustc ${universe.versions.rustc}, from the ${universe.name} universe.
      `cargo build` is for this machine; `--target ${crate.target}` is what ships.
    '';
  };

  formatter = import ./formatter.nix { inherit universe; };
}
