# The directory of the files to ship for one target.
#
# tree :: { universe, sealift, project, build, target } -> derivation
{
  universe,
  sealift,
  project,
  build,
  target,
}:
universe.run {
  name = "tree-${target}";
  tools = [ sealift ];
  script = ''
    sealift tree --source ${project.metadata} --manifest ${project.metadata}/${project.manifest} \
      --build ${build} --target ${target} --out $out
  '';
}
