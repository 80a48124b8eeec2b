# Programs with the commit in them: what differs per commit is written here, after linking.
#
# stamp :: { universe, sealift, project, target, build } -> derivation with bin/
#
# A dirty checkout is no commit, so what is built from one says that it has none. A program without the field (see
# `sealift stamp --help`) is taken as it is.
{
  universe,
  sealift,
  project,
  target,
  build,
}:
if universe.commit == null || universe.dirty then
  build
else
  universe.run {
    name = "${project.name}-${target}-${project.version}";
    tools = [ sealift ];
    script = ''
      mkdir -p $out/bin
      for program in ${build}/bin/*; do
        stamped=$out/bin/''${program##*/}
        if grep -q "[.]sealift[.]stamp" $program; then
          sealift stamp --commit ${universe.commit} --out $stamped $program
        else
          cp $program $stamped
        fi
      done
    '';
  }
