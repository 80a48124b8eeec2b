# One package of programs that something else has built.
#
# mkPackage :: arguments -> derivation, a directory that holds the package
#
#   system     the build system, such as "x86_64-linux"
#   format     a format's name (docs/formats.md), such as "appimage"
#   package    a derivation with static programs in bin/; the gates refuse others
#   target     their platform; null: the build machine
#   manifest   a file; null: the arguments below describe the package, and all of bin/ goes into it
#   name, version, summary, license, maintainer
#              as in the manifest's [package]; they override those of `manifest`
#   overrides  merged over the manifest, key by key
#   ociBase    the base of a container image, in place of the manifest's; a path or a derivation
#   self       the calling flake, whose commit and date the package records; null: none
#
#   sealift.lib.mkPackage {
#     system = "x86_64-linux";
#     format = "deb";
#     package = pkgs.pkgsStatic.hello;
#     name = "hello";
#     version = "2.12.1";
#     summary = "greets the world";
#     license = "GPL-3.0-or-later";
#     maintainer = "A. Person <person@example.org>";
#   }
inputs: given:
let
  types = import ./types.nix;
  optional = type: {
    inherit type;
    default = null;
  };
  arguments = import ./arguments.nix {
    function = "sealift.lib.mkPackage";
    example = ''
      sealift.lib.mkPackage {
        system = "x86_64-linux";
        format = "deb";
        package = pkgs.pkgsStatic.hello;
        name = "hello";
        version = "2.12.1";
        summary = "greets the world";
        license = "GPL-3.0-or-later";
        maintainer = "A. Person <person@example.org>";
      }'';
    known = {
      system.type = types.text;
      format.type = types.text;
      package.type = types.package;
      target = optional types.text;
      manifest = optional types.manifest;
      name = optional types.text;
      version = optional types.text;
      summary = optional types.text;
      license = optional types.text;
      maintainer = optional types.text;
      overrides = {
        type = types.table;
        default = { };
      };
      ociBase = optional types.file;
      self = optional types.flake;
    };
  } given;
  inherit (arguments) format package;
  setup = import ./setup.nix inputs { inherit (arguments) system self; };
  inherit (setup) universe sealift;
  target =
    if arguments.target == null then import ../table/host.nix arguments.system else arguments.target;

  written = builtins.filter (name: arguments.${name} != null) [
    "name"
    "version"
    "summary"
    "license"
    "maintainer"
  ];
  plain.files = [
    {
      kind = "binary";
      source = "bin/";
    }
  ];
  project = import ../release/project.nix {
    inherit universe;
    inherit (arguments) ociBase;
    # Other files to ship, such as manual pages below share/, are also looked up there.
    src = package;
    manifest = if arguments.manifest == null then plain else arguments.manifest;
    overrides = builtins.foldl' (import ../prelude/merge.nix) arguments.overrides [
      {
        targets = [ target ];
        formats = [ format ];
        formats-for = null;
      }
      {
        package = builtins.listToAttrs (
          map (name: {
            inherit name;
            value = arguments.${name};
          }) written
        );
      }
    ];
  };
  release = import ../release/release.nix {
    inherit universe sealift project;
    # `[[generate]]` also runs these if the target's programs cannot run.
    programs = builtins.mapAttrs (_target: _: package) (import ../table/targets.nix);
  };
in
universe.run {
  name = "${project.name}-${project.version}-${format}";
  script = ''
    mkdir $out
    cp ${release.release}/artifacts/* $out/
  '';
}
