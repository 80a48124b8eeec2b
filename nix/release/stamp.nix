# Programs as they ship: data that differs per commit, Windows resources and macOS signatures are written here, after
# linking.
#
# stamp :: { universe, sealift, project, target, build } -> derivation with bin/
#
# A dirty checkout is not a commit, so programs built from one have none.
{
  universe,
  sealift,
  project,
  target,
  build,
}:
let
  metadata = "${project.metadata}/${project.directory}";
  commit = if universe.commit == null || universe.dirty then "" else "--commit ${universe.commit}";
in
universe.run (
  project.step "stamp" {
    name = "${project.name}-${target}-${project.version}";
    tools = [ sealift ];
    script = ''
      mkdir -p $out/bin
      for program in ${build}/bin/*; do
        sealift stamp ${commit} --manifest ${project.metadata}/${project.manifest} --source ${metadata} \
          --target ${target} --out $out/bin/''${program##*/} $program
      done
    '';
  }
)
