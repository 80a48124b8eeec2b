# The programs of a project, for every target; only requested ones are built.
#
# programs :: { universe, sealift, project } -> { <target> : { build, unstamped, debug, outDirs } }
#
#   build     derivation with bin/, as it ships
#   unstamped the same before data that differs per commit is in it
#   debug     derivation with lib/debug/ if the profile keeps symbols for the target, else null
#   outDirs   derivation with a directory for each package whose build script's files are shipped; null if there are none
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
        inherit universe sealift project;
        name = "${project.name}-${target}";
        thin = map (member: compiled.${member}) facts.members;
      }
  ) targets;

  # What a build script writes for one of the machines of a universal program is there for all.
  first =
    target:
    let
      inherit (targets.${target}) members;
    in
    if members == [ ] then compiled.${target} else compiled.${builtins.head members};

  # macOS programs do not contain their symbols.
  split =
    target:
    if project.profile == "debug-symbols" && targets.${target}.os != "macos" then
      import ./symbols.nix {
        inherit universe sealift project;
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
    unstamped = parts.out;
    debug = parts.debug or null;
    outDirs = if project.outDirs == [ ] then null else (first target).outDirs;
  }
) targets
