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

  # The tests of all members, whatever the release has; each of these has one.
  tests =
    name: members:
    let
      project = import ../nix/release/project.nix {
        inherit universe;
        src = ./fixtures + "/${name}";
      };
      log = universe.rust.test (
        import ../nix/compile/crate.nix {
          inherit project;
          target = import ../nix/table/host.nix universe.system;
        }
      );
    in
    universe.run {
      name = "tests-of-${name}";
      script = ''
        cat ${log}
        [ "$(grep -c '^test result: ok[.] 1 passed' ${log})" = ${toString members} ]
        cp ${log} $out
      '';
    };
in
{
  fixture-build-script = fixture "build-script";
  fixture-features = fixture "features";
  fixture-included = fixture "included";
  fixture-members = fixture "members";
  fixture-workspace = fixture "workspace";
  tests-of-members = tests "members" 2;
}
