# The `sealift` program itself, without a commit in it, so that a new commit recompiles nothing.
#
# sealift :: { universe, root, variation ? null } -> { project, crate, build, runtimes, packer, packerOf }
#
#   build      derivation with bin/sealift, in which the AppImage runtimes of Sealift's own targets are embedded: what ships
#   runtimes   these runtimes
#   packer     the same program with none embedded, which all projects share whatever their targets are
#   packerOf   project -> derivation with bin/sealift that has the runtimes for the project's AppImages
{
  universe,
  root,
  variation ? null,
}:
let
  project = import ./release/project.nix {
    inherit universe;
    src = root;
    manifest = "packaging/sealift.toml";
  };

  # Each machine costs a C library and a standard library, so there are those alone that somebody asks for.
  targetsOf =
    project:
    builtins.filter (target: builtins.elem "appimage" (project.formatsFor target)) project.targets;
  runtimesFor =
    targets:
    import ./runtimes.nix {
      inherit
        universe
        root
        targets
        variation
        ;
    };
  runtimes = runtimesFor (targetsOf project);

  # The libraries, which are nearly all of it, are compiled once for both programs: they do not see this variable.
  embedding = runtimes: project // { programEnv.SEALIFT_APPIMAGE_RUNTIMES = runtimes; };
  crateWith =
    runtimes:
    import ./compile/crate.nix {
      inherit variation;
      project = embedding runtimes;
      # The program for this machine packages for every target.
      target = import ./table/host.nix universe.system;
    };
  crate = crateWith runtimes;
  packer = universe.rust.build (crateWith (runtimesFor [ ]));

  packerWith =
    runtimes:
    universe.run {
      name = "sealift-with-runtimes";
      script = ''
        mkdir -p $out/bin
        cat >$out/bin/sealift <<EOF
        #!$(command -v bash)
        export SEALIFT_APPIMAGE_RUNTIMES=${runtimes}
        exec ${packer}/bin/sealift "\$@"
        EOF
        chmod +x $out/bin/sealift
      '';
    };
in
{
  project = embedding runtimes;
  inherit crate runtimes packer;
  build = universe.rust.build crate;
  packerOf =
    other:
    let
      targets = targetsOf other;
    in
    if targets == [ ] then packer else packerWith (runtimesFor targets);
}
