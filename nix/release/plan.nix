# What Nix read from the manifest is what `sealift plan` says.
#
# plan :: { universe, sealift, project, release : release.nix's } -> derivation, empty
{
  universe,
  sealift,
  project,
  release,
}:
universe.run {
  name = "plan";
  tools = [ sealift.build ];
  env = {
    planned = builtins.concatStringsSep "\n" (
      map (each: "${each.target} ${each.format}") release.artifacts
    );
    build = builtins.toJSON project.build;
  };
  script = ''
    sealift plan --source ${project.metadata}/${project.directory} --manifest ${project.metadata}/${project.manifest} \
      --json >plan.json
    # One member a line, so a line-wise reader does for this shape.
    awk -F'"' '$2 == "target" { target = $4 } $2 == "format" { print target " " $4 }' plan.json | sort -u >sealift
    printf '%s\n' "$planned" | sort >nix
    [ -s sealift ]
    diff nix sealift

    # One value a line: no value has a brace, a comma or a blank in it.
    values() { tr -d ' \n' | sed 's/[][{},]/\n/g' | grep . | sort; }
    sed -n '/^  "build": {/,/^  }/p' plan.json | sed '1s/.*: //' | values >sealift
    printf '%s' "$build" | values >nix
    grep -q profile nix
    diff nix sealift
    touch $out
  '';
}
