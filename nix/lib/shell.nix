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
    foldl'
    ;
  facts = import ../table/targets.nix;
  all = attrNames facts;
  # A universal program is compiled for each of its members.
  thin = target: if facts.${target}.members == [ ] then [ target ] else facts.${target}.members;
  compiledFor = wanted: filter (target: elem target (concatMap thin wanted)) all;
  make =
    wanted:
    let
      targets = compiledFor wanted;
      asked = askedFor targets;
    in
    universe.shell {
      inherit (project) name glibc;
      inherit greeting hook targets;
      packages = packages ++ asked.packages;
      env = asked.environment // env;
    };
  askedFor =
    targets:
    let
      each = map (target: universe.asked (project // { inherit target; })) targets;
    in
    {
      # The same for every target.
      inherit (builtins.head each) packages;
      environment = foldl' (all: asked: all // asked.environment) { } each;
    };
in
{
  default = make ([ (import ../table/host.nix universe.system) ] ++ project.targets);
  all-targets = make all;
}
