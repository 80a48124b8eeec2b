# Universal programs, merged from programs for one machine each.
#
# universal :: { universe, sealift, project, name, thin : [ derivation with bin/ ] } -> derivation with bin/
{
  universe,
  sealift,
  project,
  name,
  thin,
}:
universe.run (
  project.step "universal" {
    inherit name;
    tools = [ sealift ];
    script = ''
      mkdir -p $out/bin
      for program in ${builtins.head thin}/bin/*; do
        name=''${program##*/}
        sealift universal --out $out/bin/$name ${
          builtins.concatStringsSep " " (map (each: "${each}/bin/$name") thin)
        }
      done
    '';
  }
)
