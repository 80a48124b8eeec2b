# The programs of a project, for every target; only requested ones are built.
#
# programs :: { universe, sealift, project } -> { <target> : { build, debug } }
#
#   build   derivation with bin/, as it ships
#   debug   derivation with lib/debug/ if the profile keeps symbols for the target, else null
{
  universe,
  sealift,
  project,
}:
let
  targets = import ../table/targets.nix;

  compiled = builtins.mapAttrs (
    target: facts:
    if facts.members == [ ] then
      universe.rust.build (import ../compile/crate.nix { inherit project target; })
    else
      import ./universal.nix {
        inherit universe sealift;
        name = "${project.name}-${target}";
        thin = map (member: compiled.${member}) facts.members;
      }
  ) targets;

  # macOS programs do not contain their symbols.
  split =
    target:
    if project.profile == "debug-symbols" && targets.${target}.os != "macos" then
      import ./symbols.nix {
        inherit universe sealift;
        name = "${project.name}-${target}";
        build = compiled.${target};
      }
    else
      { out = compiled.${target}; };
in
builtins.mapAttrs (
  target: _:
  let
    parts = split target;
  in
  {
    build = import ./stamp.nix {
      inherit
        universe
        sealift
        project
        target
        ;
      build = parts.out;
    };
    debug = parts.debug or null;
  }
) targets
