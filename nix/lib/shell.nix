# The development shells of a project: `default` has the project's targets and the host's, `all-targets` every one.
#
# shell :: { universe, project, packages ? [ ], env ? { }, hook ? "", greeting } -> { default, all-targets }
{
  universe,
  project,
  packages ? [ ],
  env ? { },
  hook ? "",
  greeting,
}:
let
  inherit (builtins)
    attrNames
    concatMap
    elem
    filter
    ;
  targets = import ../table/targets.nix;
  all = attrNames targets;
  # A universal program is compiled for each of its members.
  thin = target: if targets.${target}.members == [ ] then [ target ] else targets.${target}.members;
  compiled = wanted: filter (target: elem target (concatMap thin wanted)) all;
  make =
    wanted:
    universe.shell {
      inherit (project) name glibc;
      inherit
        packages
        env
        hook
        greeting
        ;
      targets = compiled wanted;
    };
in
{
  default = make ([ (import ../table/host.nix universe.system) ] ++ project.targets);
  all-targets = make all;
}
