# One package and its record: a directory that holds both.
#
# artifact :: { universe, sealift, project, tree, target, format, variation ? null } -> derivation
{
  universe,
  sealift,
  project,
  tree,
  target,
  format,
  # Conditions that must not matter (universe/README.md, `variation`).
  variation ? null,
}:
let
  circumstances = {
    directory = "work";
    umask = "022";
    locale = "C";
    timezone = "UTC";
    cores = null;
  }
  // (if variation == null then { } else variation);
  commit = if universe.commit == null || universe.dirty then "" else "--commit ${universe.commit}";
  base = if format == "oci" && project.ociBase != null then "--oci-base ${project.ociBase}" else "";
  threads = if circumstances.cores == null then "" else "--threads ${toString circumstances.cores}";
in
universe.run (
  project.step "artifact" {
    name = "${format}-${target}";
    tools = [ sealift ];
    env.SOURCE_DATE_EPOCH = toString universe.date;
    script = ''
      umask ${circumstances.umask}
      unset LC_ALL
      export LANG=${circumstances.locale} TZ=${circumstances.timezone}
      mkdir -p ${circumstances.directory}
      # A tree that is already in the build directory is read from there: where it lies must not matter either.
      cp -R ${tree} ${circumstances.directory}/tree
      sealift package --manifest ${project.metadata}/${project.manifest} --target ${target} \
        --tree ${circumstances.directory}/tree --format ${format} --out $out ${commit} ${threads} ${base}
    '';
  }
)
