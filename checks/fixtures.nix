# Small projects with typical features, released in the same way as other projects: the programs in the archive print the
# expected output.
#
# fixtures :: { universe, lib, … } -> { fixture-<name> : derivation }
#
# The Debian packages are kept for lintian. `expected` in each contains the line that each program of its release prints, in the order of their names.
{ universe, lib, ... }:
let
  fixture =
    name:
    let
      src = ./fixtures + "/${name}";
      made = lib.mkRelease {
        inherit (universe) system;
        inherit src;
      };
    in
    universe.run {
      name = "fixture-${name}";
      script = ''
        tar -xzf ${made.release}/artifacts/*.tar.gz
        for program in */*; do
          if [ -f $program ] && [ -x $program ]; then
            echo "''${program##*/}: $($program)" >>said
          fi
        done
        diff ${src + "/expected"} said
        mkdir $out
        cp said ${made.release}/artifacts/*.deb $out/
      '';
    };
in
{
  fixture-build-script = fixture "build-script";
  fixture-features = fixture "features";
  fixture-included = fixture "included";
  fixture-workspace = fixture "workspace";
}
