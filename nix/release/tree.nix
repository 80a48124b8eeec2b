# The directory of the files to ship for one target.
#
# tree :: { universe, sealift, project, build, target, host ? null } -> derivation
#
# `host` is the same project's build for the build machine. It runs the commands of `[[generate]]` if the target's
# programs cannot run here.
{
  universe,
  sealift,
  project,
  build,
  target,
  host ? null,
}:
universe.run {
  name = "tree-${target}";
  tools = [ sealift ];
  script = ''
    sealift tree --source ${project.metadata}/${project.directory} --manifest ${project.metadata}/${project.manifest} \
      --build ${build} --target ${target} --out $out ${
        if host == null then "" else "--generate-with ${host}"
      }
  '';
}
