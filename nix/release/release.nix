# From a project to its release: one derivation per program, tree, package and report.
#
# release :: { universe, sealift, project } -> { program, builds, debug, trees, artifacts, report, release, … }
#
#   builds         by target, for every known target
#   unstamped      by target, the same before data that differs per commit is in it
#   debug          by target, the programs' symbols or null
#   trees          by target of the manifest
#   artifacts      list of { name, target, format, artifact : derivation }
#   host           the target of the build machine
#   report         the release directory with report.json and report.html; builds even if a gate fails
#   release        the same directory; fails to build if a gate fails
#
# `programs` replaces compiling: derivations with bin/, by target.
{
  universe,
  sealift,
  project,
  programs ? null,
}:
let
  inherit (builtins)
    concatMap
    concatStringsSep
    listToAttrs
    map
    mapAttrs
    toJSON
    ;
  targets = import ../table/targets.nix;
  host = import ../table/host.nix universe.system;

  # The packer is the unstamped program, so packages of other projects do not change with Sealift's commit. What writes and
  # judges AppImages has their runtimes, and what writes setups their stubs.
  inherit (sealift) packer;
  packerOfAppImages = sealift.packerOf project;

  compiled = import ./programs.nix {
    inherit universe project;
    sealift = packer;
  };
  builds = if programs == null then mapAttrs (_: each: each.build) compiled else programs;

  trees = listToAttrs (
    map (target: {
      name = target;
      value = import ./tree.nix {
        inherit universe project target;
        sealift = packer;
        build = builds.${target};
        outDirs = if programs == null then compiled.${target}.outDirs else null;
        licenses =
          if programs == null && project.shipsLicenses then
            import ./licenses.nix {
              inherit universe project target;
              sealift = packer;
            }
          else
            null;
        host = if project.generates && target != host then builds.${host} else null;
      };
    }) project.targets
  );

  artifacts = concatMap (
    target:
    map (format: {
      # `x86_64-unknown-linux-musl` is `x86_64-linux` in the names of outputs, and that of glibc `x86_64-linux-gnu`.
      name = "${format}-${targets.${target}.machine}-${targets.${target}.os}${
        if targets.${target}.libc == "glibc" then "-gnu" else ""
      }";
      inherit target format;
      artifact = import ./artifact.nix {
        sealift = packerOfAppImages;
        tree = trees.${target};
        inherit
          universe
          project
          target
          format
          ;
      };
    }) (project.formatsFor target)
  ) project.targets;

  # What a program binds and no list has, a crate has declared or the manifest says.
  ofMacOs = builtins.filter (target: targets.${target}.os == "macos") project.targets;
  symbols =
    if ofMacOs == [ ] || programs != null then
      ""
    else
      "--macos-symbols ${
        universe.stubs (
          import ../compile/crate.nix {
            inherit project;
            target = builtins.head ofMacOs;
          }
        )
      }/more ";

  # What programs from elsewhere are made of is not known.
  sboms =
    if programs == null then
      map (
        target:
        "--sbom ${target}=${
          import ./sbom.nix {
            inherit universe project target;
            sealift = packer;
          }
        } "
      ) project.targets
    else
      [ ];

  report = universe.run (
    project.step "report" {
      name = "${project.name}-${project.version}-report";
      tools = [ packerOfAppImages ];
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
          ${symbols}${concatStringsSep "" sboms}${if universe.dirty then "--dirty " else ""}--out $out --artifact $files
        # A failed gate is a finding in the report, which is built here; a gate that cannot run is an error.
        status=0
        ${evidence}
        sealift gate $out "''${evidence[@]}" || status=$?
        [ $status -le 1 ]
      '';
    }
  );

  evidence = import ./evidence.nix project.measurements;

  release = universe.run (
    project.step "release" {
      name = "${project.name}-${project.version}-release";
      tools = [ packerOfAppImages ];
      script = ''
        status=0
        ${evidence}
        sealift gate ${report} "''${evidence[@]}" --report report.json || status=$?
        if [ $status -ne 0 ]; then
          echo "the release is refused by its gates; the whole report: ${report}/report.json" >&2
          exit $status
        fi
        cp -R ${report} $out
      '';
    }
  );
in
{
  inherit
    builds
    trees
    artifacts
    report
    release
    host
    ;
  program = builds.${host};
  unstamped = mapAttrs (_: each: each.unstamped) compiled;
  debug = mapAttrs (_: each: each.debug) compiled;
}
