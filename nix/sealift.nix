# The `sealift` program itself, without a commit in it, so that a new commit recompiles nothing.
#
# sealift :: { universe, root, variation ? null } -> { project, crate, build, runtimes, packer, packerOf }
#
#   build      derivation with bin/sealift, in which the AppImage runtimes and setup stubs of Sealift's own targets are embedded:
#              what ships
#   runtimes   these runtimes
#   packer     the same program with none embedded, which all projects share whatever their targets are
#   packerOf   project -> derivation with bin/sealift that has the runtimes and stubs for the project's AppImages and setups
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
    format: project:
    builtins.filter (target: builtins.elem format (project.formatsFor target)) project.targets;
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
  runtimes = runtimesFor (targetsOf "appimage" project);
  stubsFor = targets: import ./setup-stubs.nix { inherit universe root targets; };
  isWindows = target: (import ./table/targets.nix).${target}.os == "windows";
  stubs = stubsFor (builtins.filter isWindows project.targets);

  # The libraries, which are nearly all of it, are compiled once for both programs: they do not see these variables.
  embedding =
    runtimes: stubs:
    project
    // {
      programEnv = {
        SEALIFT_APPIMAGE_RUNTIMES = runtimes;
        SEALIFT_SETUP_STUBS = stubs;
      };
    };
  crateWith =
    runtimes: stubs:
    import ./compile/crate.nix {
      inherit variation;
      project = embedding runtimes stubs;
      # The program for this machine packages for every target.
      target = import ./table/host.nix universe.system;
    };
  crate = crateWith runtimes stubs;
  packer = universe.rust.build (crateWith (runtimesFor [ ]) (stubsFor [ ]));

  # A line of the script below, or nothing: an empty directory would be refused.
  export =
    variable: directory: targets:
    if targets == [ ] then "" else "export ${variable}=${directory targets}";
  packerWith =
    appimages: setups:
    universe.run {
      name = "sealift-with-runtimes";
      script = ''
        mkdir -p $out/bin
        cat >$out/bin/sealift <<EOF
        #!$(command -v bash)
        ${export "SEALIFT_APPIMAGE_RUNTIMES" runtimesFor appimages}
        ${export "SEALIFT_SETUP_STUBS" stubsFor setups}
        exec ${packer}/bin/sealift "\$@"
        EOF
        chmod +x $out/bin/sealift
      '';
    };
in
{
  project = embedding runtimes stubs;
  inherit crate runtimes packer;
  build = universe.rust.build crate;
  packerOf =
    other:
    let
      appimages = targetsOf "appimage" other;
      setups = targetsOf "setup" other;
    in
    if appimages == [ ] && setups == [ ] then packer else packerWith appimages setups;
}
