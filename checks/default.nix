# What `nix flake check` builds, by name.
#
# checks :: { universe, root, sealift, release, lib } -> { <name> : derivation }
{
  universe,
  root,
  sealift,
  release,
  lib,
}@arguments:
let
  inherit (universe) rust;
  origin = import ../nix/compile/source.nix {
    name = "appimage-runtime-source";
    src = root + "/crates";
    paths = [
      "Cargo.toml"
      "Cargo.lock"
      "appimage-runtime"
      "squashfs"
    ];
  };
  runtime = {
    pname = "sealift-appimage-runtime";
    version = "0";
    target = sealift.crate.target;
    src = origin.outPath;
    inherit origin;
    cargoLock = root + "/crates/Cargo.lock";
  };

  stubOrigin = import ../nix/compile/source.nix {
    name = "setup-stub-source";
    src = root + "/crates/setup-stub";
    paths = [
      "Cargo.toml"
      "Cargo.lock"
      "src"
    ];
  };
  stub = {
    pname = "sealift-setup-stub";
    version = "0";
    target = sealift.crate.target;
    src = stubOrigin.outPath;
    origin = stubOrigin;
    cargoLock = root + "/crates/setup-stub/Cargo.lock";
  };

  os = (import ../nix/table/targets.nix).${sealift.crate.target}.os;

  # What runs programs for Linux, or reads its packages.
  onLinux = {
    test-appimage-runtime = rust.test runtime;
    test-setup-stub = rust.test stub;
    docs = import ./docs.nix arguments;
    link-errors = import ./link-errors.nix arguments;
    foreign-readers = import ./foreign-readers.nix arguments;
  };

  # What runs programs that are released for this one machine.
  onX86 = {
    native-code = import ./native-code.nix arguments;
    template = import ./template.nix arguments;
  }
  // import ./fixtures.nix arguments
  // import ./consumers.nix arguments;
in
{
  test = rust.test sealift.crate;
  clippy = rust.clippy sealift.crate;
  doc = rust.doc sealift.crate;
  fmt = rust.fmt { src = sealift.project.source; };
  fmt-appimage-runtime = rust.fmt { inherit (runtime) src; };
  fmt-setup-stub = rust.fmt { inherit (stub) src; };

  # The gates judge the real release; one that fails makes this fail.
  gates = release.release;

  c-code = import ./c-code.nix arguments;
  frameworks = import ./frameworks.nix arguments;
  glibc = import ./glibc.nix arguments;
  hosts = import ./hosts.nix arguments;
  wine-shim = import ./wine-shim.nix arguments;
  probes = import ./probes.nix arguments;
  plan = import ../nix/release/plan.nix {
    inherit universe sealift release;
    inherit (sealift) project;
  };
  choices = import ./choices.nix arguments;
  targets = import ./targets.nix arguments;
  imports = import ./imports.nix arguments;
  lib = import ./lib.nix arguments;
  reproducible = import ./reproducible.nix arguments;
}
// (if os == "linux" then onLinux else { })
// (if universe.system == "x86_64-linux" then onX86 else { })
// import ./builders.nix arguments
// (if universe.nixfmt == null then { } else { nixfmt = import ./nixfmt.nix arguments; })
