# Third-party programs, unchanged, with a manifest and their Cargo.lock beside them, are released for Linux and Windows.
# The manifest of those in `initialized` is what `sealift init` writes for them. The Debian packages are kept for lintian.
#
# consumers :: { universe, lib, sealift, … } -> { consumer-<name> : derivation }
{
  universe,
  lib,
  sealift,
  ...
}:
let
  initialized = [ "hexyl" ];
  listed = (builtins.fromTOML (builtins.readFile ./consumers/Cargo.lock)).package;
  consumer =
    package:
    let
      beside = ./consumers + "/${package.name}";
      # A source that is itself built: it is not read during evaluation.
      src = universe.crate { inherit (package) name version checksum; };
      manifest = beside + "/sealift.toml";
      made = lib.mkRelease {
        inherit (universe) system;
        inherit src manifest;
        cargoLock = beside + "/Cargo.lock";
        # What the manifest leaves to Cargo.toml, and an evaluation wants to know.
        overrides.package = { inherit (package) name version; };
      };
      isInitialized = builtins.elem package.name initialized;
      program = baseNameOf made.project.program;
    in
    {
      name = "consumer-${package.name}";
      value = universe.run {
        name = "consumer-${package.name}";
        tools = [ universe.tools.unzip ] ++ (if isInitialized then [ sealift.build ] else [ ]);
        env = { inherit src manifest; };
        script = ''
          ${
            if isInitialized then
              ''
                cp -R $src project
                chmod -R u+w project
                sealift init --directory project --only sealift.toml --target x86_64-unknown-linux-musl,windows --format archive,deb
                if ! diff project/sealift.toml $manifest; then
                  echo "checks/consumers/${package.name}/sealift.toml is not what \`sealift init\` writes: copy it from there" >&2
                  exit 1
                fi
              ''
            else
              ""
          }
          cd ${made.release}
          sha256sum -c SHA256SUMS
          cd $NIX_BUILD_TOP
          tar -xzf ${made.release}/artifacts/*-x86_64-unknown-linux-musl.tar.gz
          # It prints its own version, and needs nothing from the machine.
          */${program} --version | grep -F ${package.version}
          unzip -q ${made.release}/artifacts/*-x86_64-pc-windows-gnullvm.zip
          [ "$(head -c 2 */${program}.exe)" = MZ ]
          mkdir $out
          cp ${made.release}/artifacts/*.deb $out/
        '';
      };
    };
in
builtins.listToAttrs (map consumer listed)
