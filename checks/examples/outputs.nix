{ sealift, self }:
sealift.lib.mkFlake {
  inherit self;
  src = ./.;
  devShell =
    { project, ... }:
    {
      env.APP_NAME = project.name;
      shellHook = "echo 'run `cargo test` before you push'";
    };
  perSystem =
    { universe, release, ... }:
    {
      packages.checksums = universe.run {
        name = "checksums";
        script = "cp ${release.release}/SHA256SUMS $out";
      };
    };
}
