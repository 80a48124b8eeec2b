# What Nix read from the manifest is what `sealift plan` says.
{
  universe,
  sealift,
  own,
  ...
}:
universe.run {
  name = "plan";
  tools = [ sealift.build ];
  env.planned = builtins.concatStringsSep "\n" (
    map (each: "${each.target} ${each.format}") own.artifacts
  );
  script = ''
    cd ${sealift.project.metadata}
    sealift plan --manifest ${sealift.project.manifest} --json >$NIX_BUILD_TOP/plan.json
    cd $NIX_BUILD_TOP
    # One member a line, so a line-wise reader does for this shape.
    awk -F'"' '$2 == "target" { target = $4 } $2 == "format" { print target " " $4 }' plan.json | sort -u >sealift
    printf '%s\n' "$planned" | sort >nix
    [ -s sealift ]
    diff nix sealift
    touch $out
  '';
}
