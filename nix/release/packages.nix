# A release as the `packages` of a flake.
#
# packages :: { project, release : release.nix's, tests ? { } } -> { <name> : derivation }
#
#   default, <name>          the program, for the build machine
#   <name>-<target>          the program for each known target
#   <name>-<target>-debug    its symbols, if the profile keeps them
#   <format>-<machine>-<os>  each package of the release; for a glibc target `-gnu` follows
#   release, report          those of release.nix
#
# Programs have the attributes `unstamped`, `tests` and, for the targets of the manifest, `tree`, as nixpkgs' `passthru` does it.
{
  project,
  release,
  tests ? { },
}:
let
  inherit (builtins)
    attrNames
    concatMap
    listToAttrs
    map
    mapAttrs
    ;
  targets = import ../table/targets.nix;
  program = target: {
    name = "${project.name}-${target}";
    value = release.builds.${target} // passing target;
  };
  passing =
    target:
    let
      passthru = {
        inherit tests;
        unstamped = release.unstamped.${target};
      }
      // (if release.trees ? ${target} then { tree = release.trees.${target}; } else { });
    in
    passthru // { inherit passthru; };
  forHost = release.program // passing release.host;
  debug =
    target:
    if project.profile == "debug-symbols" && targets.${target}.os == "linux" then
      [
        {
          name = "${project.name}-${target}-debug";
          value = release.debug.${target};
        }
      ]
    else
      [ ];
  artifact = each: {
    inherit (each) name;
    value = each.artifact;
  };
  # `nix run`, `nix search` and `lib.getExe` want to know more than what there is to build.
  describe =
    meta: derivation:
    derivation
    // {
      pname = project.name;
      inherit (project) version;
      inherit meta;
    };
  programs = listToAttrs (map program (attrNames targets)) // {
    ${project.name} = forHost;
    default = forHost;
  };
  others = listToAttrs (map artifact release.artifacts ++ concatMap debug (attrNames targets)) // {
    inherit (release) report release;
  };
in
mapAttrs (_name: describe (removeAttrs project.meta [ "mainProgram" ])) others
// mapAttrs (_name: describe project.meta) programs
