# A check for each gate, which fails with the gate's own words.
#
# gate-checks :: { universe, sealift, project, release } -> { gate-NAME : derivation }
{
  universe,
  sealift,
  project,
  release,
}:
let
  check = gate: {
    name = "gate-${gate}";
    value = universe.run {
      name = "${project.name}-gate-${gate}";
      tools = [ sealift.packer ];
      script = ''
        sealift report ${release.report} --gate ${gate}
        touch $out
      '';
    };
  };
in
builtins.listToAttrs (map check (import ../table/gates.nix))
