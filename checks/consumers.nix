# Third-party programs, unchanged, with a manifest and their Cargo.lock beside them, are released for Linux and Windows.
# The Debian packages are kept for lintian.
#
# consumers :: { universe, lib, … } -> { consumer-<name> : derivation }
{ universe, lib, ... }:
let
  listed = (builtins.fromTOML (builtins.readFile ./consumers/Cargo.lock)).package;
  consumer =
    package:
    let
      beside = ./consumers + "/${package.name}";
      made = lib.mkRelease {
        inherit (universe) system;
        # A source that is itself built: it is not read during evaluation.
        src = universe.crate { inherit (package) name version checksum; };
        manifest = beside + "/sealift.toml";
        cargoLock = beside + "/Cargo.lock";
      };
      program = baseNameOf made.project.program;
    in
    {
      name = "consumer-${package.name}";
      value = universe.run {
        name = "consumer-${package.name}";
        script = ''
          cd ${made.release}
          sha256sum -c SHA256SUMS
          cd $NIX_BUILD_TOP
          tar -xzf ${made.release}/artifacts/*-x86_64-unknown-linux-musl.tar.gz
          # It prints its own version, and needs nothing from the machine.
          */${program} --version | grep -F ${package.version}
          tar -xzf ${made.release}/artifacts/*-x86_64-pc-windows-gnullvm.tar.gz
          [ "$(head -c 2 */${program}.exe)" = MZ ]
          mkdir $out
          cp ${made.release}/artifacts/*.deb $out/
        '';
      };
    };
in
builtins.listToAttrs (map consumer listed)
