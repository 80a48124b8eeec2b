# A project's outputs for one system.
#
# outputs :: { universe, sealift, project } -> { packages, checks, apps, devShells, formatter }
{
  universe,
  sealift,
  project,
}:
let
  release = import ../release/release.nix { inherit universe sealift project; };
  crate = import ../compile/crate.nix {
    inherit project;
    target = import ../table/host.nix universe.system;
  };
in
{
  packages = import ../release/packages.nix { inherit project release; };

  checks = {
    test = universe.rust.test crate;
    clippy = universe.rust.clippy crate;
    fmt = universe.rust.fmt { src = project.source; };
    # The gates judge the real release; a failing gate fails this check.
    gates = release.release;
    plan = import ../release/plan.nix {
      inherit
        universe
        sealift
        project
        release
        ;
    };
  };

  apps.default = {
    type = "app";
    program = "${release.program}/${project.program}";
    meta = { inherit (project.meta) description; };
  };

  devShells = import ./shell.nix {
    inherit universe project;
    # A first prompt that waits for Sealift to be compiled comes late.
    packages = [
      (import ./program-later.nix {
        inherit universe;
        name = "sealift";
        derivation = sealift.packerOf project;
      })
    ];
    greeting = ''
      ${project.name} ${project.version} with rustc ${universe.versions.rustc} and sealift, from the ${universe.name} universe.
      `cargo build` is for this machine; `--target ${crate.target}` is what ships.
    '';
  };

  formatter = import ../formatter.nix { inherit universe; };
}
