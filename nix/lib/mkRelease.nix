# The release of a project, and every step towards it.
#
# mkRelease :: arguments -> { program, builds, debug, trees, artifacts, report, release, project }
#
#   system      the build system, such as "x86_64-linux"
#   src         the project with Cargo.toml: a path, a flake's `self`, or a derivation, which is built first. A
#               derivation is not read during evaluation, so it needs `manifest` and `cargoLock` as files
#   self        the calling flake, whose commit and date the release records; null: none
#   manifest    the path of the manifest below `src`, a file, or a table of its keys; default "sealift.toml"
#   cargoLock   a file; null: src's Cargo.lock
#   targets, formats, profile, gates
#               override the manifest; null: the manifest's
#   overrides   merged over the manifest, key by key
#   steps       functions from the arguments of a step to others, by the step (./steps.nix)
#   nativeBuildInputs
#               derivations with bin/, on PATH wherever the project is compiled; or a function from the system to them
#   ociBase     the base of container images, in place of the manifest's: a path or a derivation, which is an OCI layout as a
#               directory or a tar; null: the manifest's
#   measurements
#               records of what was seen of the programs, such as those of `nix run .#gate`, which the gates judge, too: files,
#               or directories of them. They must not be a part of `src`: it would be another commit then
#   builder     "crane", "naersk" or "cargo"; null: the universe's default
#   toolchain   "fenix", "rust-overlay" or "debian"; a release, as { channel = "1.92.0"; }; or derivations of the caller, as
#               { rustc, cargo } (../compile/toolchains/select.nix); null: what the project's rust-toolchain file asks for,
#               or the universe's default
#   pkgs        packages in place of those of the input nixpkgs, for the same system; null: that input's
#
#   packages.x86_64-linux.default = (sealift.lib.mkRelease { system = "x86_64-linux"; src = ./.; }).release;
inputs: given:
let
  types = import ./types.nix;
  arguments = import ./arguments.nix {
    function = "sealift.lib.mkRelease";
    example = ''
      (sealift.lib.mkRelease {
        system = "x86_64-linux";
        src = ./.;
      }).release'';
    known = import ./release-arguments.nix // {
      system.type = types.text;
      pkgs = {
        type = types.table;
        default = null;
      };
    };
  } given;
  setup = import ./setup.nix inputs {
    inherit (arguments)
      system
      self
      src
      builder
      toolchain
      pkgs
      ;
  };
  project = import ./project.nix setup.universe arguments;
in
import ../release/release.nix {
  inherit (setup) universe sealift;
  inherit project;
}
// {
  inherit project;
}
