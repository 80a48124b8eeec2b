# The directory of the files to ship for one target.
#
# tree :: { universe, sealift, project, build, target, outDirs ? null, licenses ? null, host ? null } -> derivation
#
# `outDirs` has what build scripts wrote, by package, and `licenses` is the file with those of the dependencies. `host` is the same project's build for the build machine. It runs the
# commands of `[[generate]]` if the target's programs cannot run here.
{
  universe,
  sealift,
  project,
  build,
  target,
  outDirs ? null,
  licenses ? null,
  host ? null,
}:
let
  packages =
    if outDirs == null then
      [ ]
    else
      import ../prelude/unique.nix (map (each: each.package) project.outDirs);
  options =
    map (package: " --out-dir ${package}=${outDirs}/${package}") packages
    ++ (if licenses == null then [ ] else [ " --licenses ${licenses}" ])
    ++ (if host == null then [ ] else [ " --generate-with ${host}" ]);
in
universe.run (
  project.step "tree" {
    name = "tree-${target}";
    tools = [ sealift ];
    script = ''
      sealift tree --source ${project.metadata}/${project.directory} --manifest ${project.metadata}/${project.manifest} \
        --build ${build} --target ${target} --out $out${builtins.concatStringsSep "" options}
    '';
  }
)
