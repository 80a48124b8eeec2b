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
  ...
}:
let
  merge = import ../prelude/merge.nix;
  given = name: value: if value == null then { } else { ${name} = value; };
in
import ../release/project.nix {
  inherit
    universe
    src
    manifest
    cargoLock
    ;
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
