# Programs without their symbols, and the symbols in separate files by build ID, where debuggers look for them.
#
# symbols :: { universe, sealift, project, name, build } -> derivation with the outputs `out` (bin/) and `debug` (lib/debug/.build-id/)
{
  universe,
  sealift,
  project,
  name,
  build,
}:
universe.run (
  project.step "symbols" {
    inherit name;
    tools = [ sealift ];
    env.outputs = [
      "out"
      "debug"
    ];
    script = ''
      mkdir -p $out/bin $debug/lib/debug
      for program in ${build}/bin/*; do
        sealift symbols --out $out/bin/''${program##*/} --debug $debug/lib/debug $program
      done
    '';
  }
)
