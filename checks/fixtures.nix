# Small projects, each with something that projects have, released as others release theirs: the programs in the archive
# say what they have to.
#
# fixtures :: { universe, lib, … } -> { fixture-<name> : derivation }
#
# The Debian packages are kept for lintian. `expected` in each holds, for every program of its release in the order of their names, the line that it prints.
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
