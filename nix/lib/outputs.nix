# A project's outputs for one system.
#
# outputs :: { universe, sealift, project } -> { packages, checks, apps, devShells, formatter }
{
  universe,
  sealift,
  project,
}:
let
  own = import ../release.nix { inherit universe sealift project; };
  crate = import ../crate.nix {
    inherit project;
    target = import ../host.nix universe.system;
  };
in
{
  packages = import ../packages.nix { inherit project own; };

  checks = {
    test = universe.rust.test crate;
    clippy = universe.rust.clippy crate;
    fmt = universe.rust.fmt { src = project.source; };
    # The gates judge the real release; one that fails makes this fail.
    gates = own.release;
    plan = import ../plan.nix {
      inherit
        universe
        sealift
        project
        own
        ;
    };
  };

  apps.default = {
    type = "app";
    program = "${own.program}/${project.program}";
  };

  devShells.default = universe.shell {
    inherit (project) name;
    packages = [ sealift.build ];
    greeting = ''
      ${project.name} ${project.version} with rustc ${universe.versions.rustc} and sealift, from the ${universe.name} universe.
      `cargo build` is for this machine; `--target ${crate.target}` is what ships.
    '';
  };

  formatter = import ../formatter.nix { inherit universe; };
}
