# What Nix read from the manifest is what `sealift plan` says.
#
# plan :: { universe, sealift, project, release : release.nix's } -> derivation, empty
{
  universe,
  sealift,
  project,
  release,
}:
let
  inherit (builtins) filter map toJSON;
  ofTarget = target: filter (each: each.target == target) release.artifacts;
in
universe.run {
  name = "plan";
  tools = [ (sealift.packer) ];
  env.expected = toJSON {
    inherit (project) name version build;
    targets = map (target: {
      inherit target;
      artifacts = map (each: { inherit (each) format; }) (ofTarget target);
    }) project.targets;
  };
  script = ''
    printf '%s' "$expected" >expected.json
    sealift plan --source ${project.metadata}/${project.directory} --manifest ${project.metadata}/${project.manifest} \
      --expect expected.json ${if project.ociBase == null then "" else "--oci-base ${project.ociBase}"}
    touch $out
  '';
}
