# A project's outputs for one system.
#
# outputs :: { universe, sealift, project, … } -> { packages, checks, apps, devShells, formatter }
#
#   devShell   { packages, env, shellHook }, added to the development shells
#   checks     { <name> : derivation }, beside those that every project has
#   perSystem  { packages, checks, apps, devShells, formatter }, merged over all of these
#   audit, deny   as ./audit.nix and ./deny.nix take them; null: without
#
# The first three can be functions of { system, universe, pkgs, project, release, sealift }.
{
  universe,
  sealift,
  project,
  devShell ? { },
  checks ? { },
  perSystem ? { },
  audit ? null,
  deny ? null,
}:
let
  inherit (builtins)
    attrNames
    filter
    head
    isAttrs
    isFunction
    typeOf
    ;
  types = import ./types.nix;
  fail = import ../prelude/fail.nix;
  release = import ../release/release.nix { inherit universe sealift project; };
  crateFor =
    step:
    import ../compile/crate.nix {
      inherit project step;
      target = import ../table/host.nix universe.system;
    };

  # What a project gives, where it is a function of this system's parts, too.
  given =
    what: value:
    let
      made =
        if isFunction value then
          value {
            inherit (universe) system pkgs;
            inherit universe project release;
            sealift = sealift.packer;
          }
        else
          value;
    in
    if isAttrs made then
      made
    else
      fail "`${what}` gives a ${typeOf made} for the system ${universe.system}" "it must give an attribute set";

  shell = import ./arguments.nix {
    function = "sealift.lib.mkFlake: devShell";
    example = "devShell = { packages = [ ]; env.LOG = \"debug\"; shellHook = \"\"; };";
    known = {
      packages = {
        type = types.derivations;
        default = [ ];
      };
      env = {
        type = types.table;
        default = { };
      };
      shellHook = {
        type = types.text;
        default = "";
      };
    };
  } (given "devShell" devShell);

  kinds = [
    "apps"
    "checks"
    "devShells"
    "formatter"
    "packages"
  ];
  own = given "perSystem" perSystem;
  unknown = filter (name: !(builtins.elem name kinds)) (attrNames own);
  added =
    if unknown != [ ] then
      fail "`perSystem` gives `${head unknown}`, which is not of one system" "expected ${
        builtins.concatStringsSep ", " (map (name: "`${name}`") kinds)
      }; merge other outputs into what mkFlake returns: `sealift.lib.mkFlake { … } // { ${head unknown} = …; }`"
    else
      own;

  tests = {
    test = universe.rust.test (crateFor "test");
    clippy = universe.rust.clippy (crateFor "clippy");
    doc = universe.rust.doc (crateFor "doc");
  };
  judge =
    file: wanted: if wanted == null then { } else import file { inherit universe project; } wanted;
in
{
  packages =
    import ../release/packages.nix { inherit project release tests; } // added.packages or { };

  checks =
    tests
    // {
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
    }
    // import ./gate-checks.nix {
      inherit
        universe
        sealift
        project
        release
        ;
    }
    // judge ./audit.nix audit
    // judge ./deny.nix deny
    // given "checks" checks
    // added.checks or { };

  apps = {
    default = {
      type = "app";
      program = "${release.program}/${project.program}";
      meta = { inherit (project.meta) description; };
    };
    gate = import ./gate-app.nix { inherit universe sealift project release; };
  }
  // added.apps or { };

  devShells =
    import ./shell.nix {
      inherit universe project;
      # A first prompt that waits for Sealift to be compiled comes late.
      packages = shell.packages ++ [
        (import ./program-later.nix {
          inherit universe;
          name = "sealift";
          derivation = sealift.packerOf project;
        })
      ];
      inherit (shell) env;
      hook = shell.shellHook;
      greeting = ''
        ${project.name} ${project.version} with rustc ${universe.versions.rustc} and sealift, from the ${universe.name} universe.
        `cargo build` is for this machine; `--target ${(crateFor "build").target}` is what ships.
      '';
    }
    // added.devShells or { };

  formatter = added.formatter or (import ../formatter.nix { inherit universe; });
}
