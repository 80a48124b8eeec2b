# The `sealift` program itself, without a commit in it, so that a new commit recompiles nothing.
#
# sealift :: { universe, root, variation ? null } -> { project, crate, build, runtimes, packerOf }
#
#   build      derivation with bin/sealift; it writes AppImages for the targets of Sealift's own
#   runtimes   the runtimes of these AppImages
#   packerOf   project -> derivation with bin/sealift that writes all of the project's AppImages: `build`, unless the
#              project has some for other targets
{
  universe,
  root,
  variation ? null,
}:
let
  inherit (builtins)
    all
    attrNames
    elem
    filter
    ;
  project = import ./release/project.nix {
    inherit universe;
    src = root;
    manifest = "packaging/sealift.toml";
  };

  # Each machine costs a C library and a standard library, so there are those alone that somebody asks for.
  withAppImages =
    project: filter (target: elem "appimage" (project.formatsFor target)) project.targets;
  own = withAppImages project;
  runtimesFor = targets: import ./runtimes.nix { inherit universe root targets variation; };

  crateFor =
    targets:
    import ./compile/crate.nix {
      inherit variation;
      project = projectFor targets;
      # The program for this machine packages for every target.
      target = import ./table/host.nix universe.system;
    };
  projectFor = targets: project // { env.SEALIFT_APPIMAGE_RUNTIMES = runtimesFor targets; };
  build = universe.rust.build (crateFor own);
in
{
  project = projectFor own;
  crate = crateFor own;
  runtimes = runtimesFor own;
  inherit build;
  packerOf =
    other:
    let
      asked = withAppImages other;
      targets = attrNames (import ./table/targets.nix);
    in
    if all (target: elem target own) asked then
      build
    else
      universe.rust.build (crateFor (filter (target: elem target (own ++ asked)) targets));
}
