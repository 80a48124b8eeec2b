# Small projects with typical features, released in the same way as other projects: the programs in the archive print the
# expected output.
#
# fixtures :: { universe, lib, … } -> { fixture-<name> : derivation }
#
# The Debian packages are kept for lintian. `expected` in each contains the line that each program of its release prints, in the order of their names.
{ universe, lib, ... }:
let
  release =
    name: manifest:
    lib.mkRelease {
      inherit (universe) system;
      inherit manifest;
      src = ./fixtures + "/${name}";
    };

  fixture = name: fixtureWith name (_made: "");

  # `more` is bash that judges the release, with the content of the archive in the current directory.
  fixtureWith = name: fixtureOf name (release name "sealift.toml");
  fixtureOf =
    name: made: more:
    let
      src = ./fixtures + "/${name}";
    in
    universe.run {
      name = "fixture-${name}";
      tools = [ universe.tools.unzip ];
      script = ''
        tar -xzf ${made.release}/artifacts/*-x86_64-unknown-linux-musl.tar.gz
        for program in */*; do
          if [ -f $program ] && [ -x $program ]; then
            echo "''${program##*/}: $($program)" >>said
          fi
        done
        diff ${src + "/expected"} said
        ${more made}
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
  # Every tool that a manifest can ask for, and one of the flake's own.
  withTools = lib.mkRelease {
    inherit (universe) system;
    src = ./fixtures/build-tools;
    nativeBuildInputs = _system: [ ownTool ];
  };
  ownTool = universe.run {
    name = "own-tool";
    script = ''
      mkdir -p $out/bin
      printf '#!%s\necho of its own\n' "$(command -v bash)" >$out/bin/own-tool
      chmod +x $out/bin/own-tool
    '';
  };

  # The programs of one target only are in its archive, with its features.
  targetFeatures = made: ''
    unzip -q ${made.release}/artifacts/*-x86_64-pc-windows-gnullvm.zip
    cd target-features-1.2.3-x86_64-pc-windows-gnullvm
    [ "$(find . -name '*.exe' | sort | tr '\n' ' ')" = './for-windows.exe ./target-features.exe ' ]
    grep -aq 'features: loud quiet' target-features.exe
    cd ..
  '';

  # The files of build scripts are those of the target, and the same when they are written again elsewhere.
  pages =
    made:
    let
      crate =
        variation:
        universe.rust.build (
          import ../nix/compile/crate.nix {
            inherit variation;
            inherit (made) project;
            target = "x86_64-unknown-linux-musl";
          }
        );
      again = crate {
        directory = "elsewhere";
        umask = "077";
        locale = "tr_TR.UTF-8";
        timezone = "Asia/Kathmandu";
        cores = 1;
        user = "somebody";
      };
    in
    ''
      cd ${(crate null).outDirs}
      find . -type f | sort >$NIX_BUILD_TOP/written
      diff - $NIX_BUILD_TOP/written <<'EOF'
      ./pages/_pages
      ./pages/assets/manual/pages.1
      ./pages/pages.bash
      ./pages/pages.fish
      ./words/notes/more/features
      ./words/notes/target
      EOF
      [ "$(cat words/notes/target words/notes/more/features | tr '\n' ' ')" = 'x86_64-unknown-linux-musl false ' ]
      diff -r . ${again.outDirs}
      cd ${made.trees.x86_64-unknown-linux-musl}
      find share -type f | sort >$NIX_BUILD_TOP/generated
      cd - >/dev/null
      diff - $NIX_BUILD_TOP/generated <<'EOF'
      share/man/man1/pages-help.1
      share/man/man1/pages-man.1
      share/man/man5/pages.5
      EOF
      cd $NIX_BUILD_TOP
    '';

  # Two releases of one workspace, each with a manifest of its own.
  releases =
    let
      client = release "releases" "client/sealift.toml";
      server = release "releases" "server/sealift.toml";
    in
    universe.run {
      name = "fixture-releases";
      script = ''
        for archive in ${client.release}/artifacts/*.tar.gz ${server.release}/artifacts/*.tar.gz; do tar -xzf $archive; done
        [ "$(client-1.2.3-*/client; server-4.5.6-*/server)" = "client 7
        server 7" ]
        for name in client server; do
          grep -q "^The $name" $(find $name-* -name README.md)
          [ "$(find $name-* -type f -perm -u+x | wc -l)" = 1 ]
        done
        mkdir $out
        cp ${client.release}/artifacts/*.deb ${server.release}/artifacts/*.deb $out/
      '';
    };
in
{
  fixture-build-script = fixture "build-script";
  fixture-build-tools = fixtureOf "build-tools" withTools (_made: "");
  fixture-features = fixture "features";
  fixture-included = fixture "included";
  fixture-members = fixture "members";
  fixture-pages = fixtureWith "pages" pages;
  fixture-profile = fixture "profile";
  fixture-releases = releases;
  fixture-target-features = fixtureWith "target-features" targetFeatures;
  fixture-workspace = fixture "workspace";
  tests-of-build-tools = tests "build-tools" 1;
  tests-of-members = tests "members" 2;
}
