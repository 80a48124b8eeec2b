# The project that the arguments of mkRelease or mkFlake describe.
#
# project :: universe -> arguments -> project (../release/project.nix)
universe:
{
  src,
  manifest,
  cargoLock,
  targets,
  formats,
  profile,
  gates,
  overrides,
  steps,
  nativeBuildInputs,
  ociBase,
  measurements,
  ...
}:
let
  merge = import ../prelude/merge.nix;
  known = import ./steps.nix;
  # Each is named before anything is made by it.
  checked = builtins.deepSeq (map (import ../prelude/known.nix {
    what = "step";
    known = builtins.attrNames known;
  }) (builtins.attrNames steps)) (builtins.mapAttrs change steps);
  # What a step's function returns is of the kind that it was given.
  change =
    name: function: old:
    let
      new = function old;
    in
    if builtins.isAttrs new then
      new
    else
      import ../prelude/fail.nix "`steps.${name}` returns a ${builtins.typeOf new}"
        "it is given ${known.${name}} and returns the same with changes, such as `old: old // { … }`";
  given = name: value: if value == null then { } else { ${name} = value; };
in
import ../release/project.nix {
  inherit
    universe
    src
    manifest
    cargoLock
    ociBase
    measurements
    ;
  steps = checked;
  nativeBuildInputs =
    if builtins.isFunction nativeBuildInputs then
      nativeBuildInputs universe.system
    else
      nativeBuildInputs;
  overrides = builtins.foldl' merge overrides [
    (given "targets" targets)
    # For all targets, even if the manifest has others for some.
    (
      if formats == null then
        { }
      else
        {
          inherit formats;
          formats-for = null;
        }
    )
    (if profile == null then { } else { build.profile = profile; })
    (given "gates" gates)
  ];
}
