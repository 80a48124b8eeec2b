# From a project to its release: one derivation per program, tree, package and report.
#
# release :: { universe, sealift, project } -> { builds, trees, artifacts, report, release }
#
#   builds, trees  per target
#   artifacts      list of { name, target, format, artifact : derivation }
#   report         the release directory with report.json, also where a gate fails
#   release        the same directory; fails to build where a gate fails
{
  universe,
  sealift,
  project,
}:
let
  inherit (builtins)
    concatMap
    concatStringsSep
    listToAttrs
    mapAttrs
    toJSON
    ;

  # The packer is the unstamped program: packages of other projects do not change with Sealift's own commit.
  packer = sealift.build;

  perTarget =
    make:
    listToAttrs (
      map (target: {
        name = target;
        value = make target;
      }) project.targets
    );

  builds = perTarget (
    target:
    let
      isOwn = project.source == sealift.project.source && target == sealift.crate.target;
    in
    import ./stamp.nix {
      inherit universe;
      sealift = packer;
      build =
        if isOwn then packer else universe.rust.build (import ./crate.nix { inherit project target; });
    }
  );

  trees = mapAttrs (
    target: build:
    import ./tree.nix {
      sealift = packer;
      inherit
        universe
        project
        build
        target
        ;
    }
  ) builds;

  # `x86_64-unknown-linux-musl` is `x86_64-linux` in the names of outputs.
  short =
    target:
    let
      parts = builtins.match "([^-]+)-[^-]+-([^-]+)(-.*)?" target;
    in
    "${builtins.elemAt parts 0}-${builtins.elemAt parts 1}";

  artifacts = concatMap (
    target:
    map (format: {
      name = "${format}-${short target}";
      inherit target format;
      artifact = import ./artifact.nix {
        sealift = packer;
        tree = trees.${target};
        inherit
          universe
          project
          target
          format
          ;
      };
    }) project.formats
  ) project.targets;

  report = universe.run {
    name = "${project.name}-${project.version}-report";
    tools = [ packer ];
    env.builtWith = toJSON {
      universe = universe.name;
      inherit (universe) versions drift;
    };
    script = ''
      printf '%s' "$builtWith" >built-with.json
      files=
      for record in ${concatStringsSep " " (map (each: "${each.artifact}/*.artifact.json") artifacts)}; do
        files="$files ''${record%.artifact.json}"
      done
      sealift release --manifest ${project.metadata}/${project.manifest} --built-with built-with.json \
        --out $out --artifact $files
      # A gate that fails is a finding of the report, which is what is built here; one that cannot be run is an error.
      status=0
      sealift gate $out || status=$?
      [ $status -le 1 ]
    '';
  };

  release = universe.run {
    name = "${project.name}-${project.version}-release";
    tools = [ packer ];
    script = ''
      status=0
      sealift gate ${report} --report report.json || status=$?
      if [ $status -ne 0 ]; then
        echo "the release is refused by its gates; the whole report: ${report}/report.json" >&2
        exit $status
      fi
      cp -R ${report} $out
    '';
  };
in
{
  inherit
    builds
    trees
    artifacts
    report
    release
    ;
}
