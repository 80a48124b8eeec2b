# A release as the `packages` of a flake.
#
# packages :: { project, own : release.nix's } -> { <name> : derivation }
#
#   default, <name>          the program, for the machine that builds
#   <name>-<target>          the program for each target that there is
#   <name>-<target>-debug    its symbols, where the profile keeps them
#   <format>-<machine>-<os>  each package of the release
#   release, report          as release.nix says
{ project, own }:
let
  inherit (builtins)
    attrNames
    concatMap
    listToAttrs
    map
    ;
  targets = import ./targets.nix;
  program = target: {
    name = "${project.name}-${target}";
    value = own.builds.${target};
  };
  debug =
    target:
    if project.profile == "debug-symbols" && targets.${target}.os == "linux" then
      [
        {
          name = "${project.name}-${target}-debug";
          value = own.debug.${target};
        }
      ]
    else
      [ ];
  artifact = each: {
    inherit (each) name;
    value = each.artifact;
  };
in
listToAttrs (
  map artifact own.artifacts ++ map program (attrNames targets) ++ concatMap debug (attrNames targets)
)
// {
  ${project.name} = own.program;
  default = own.program;
  inherit (own) report release;
}
