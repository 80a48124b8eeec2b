# The template matches what `sealift init` writes for its Cargo project, and its flake releases that project.
{
  universe,
  root,
  sealift,
  lib,
  ...
}:
let
  template = (import ../templates).default.path;
  written = [
    ".envrc"
    "flake.nix"
    "nixw"
    "sealift.toml"
  ];
  # The flake itself, called as Nix calls it; only the release and its checks are used.
  flake = (import (template + "/flake.nix")).outputs {
    self = { };
    sealift = { inherit lib; };
  };
in
universe.run {
  name = "template";
  env = {
    whole = import ../nix/compile/source.nix {
      name = "template";
      src = template;
    };
    plain = import ../nix/compile/source.nix {
      name = "template-project";
      src = template;
      without = written;
    };
    release = flake.packages.${universe.system}.release;
    checks = builtins.attrValues flake.checks.${universe.system};
  };
  script = ''
    cp -R $plain project
    chmod -R u+w project
    ${sealift.build}/bin/sealift init --directory project --sealift path:/where/sealift/is
    if ! diff -r project $whole; then
      echo "templates/default is not what \`sealift init\` writes: copy ${toString written} from there" >&2
      exit 1
    fi
    [ -x $whole/nixw ]
    for artifact in hello-0.1.0-x86_64-unknown-linux-musl.tar.gz hello_0.1.0-1_amd64.deb hello-0.1.0-x86_64.oci.tar; do
      [ -s $release/artifacts/$artifact ]
    done
    ls $release/artifacts >$out
  '';
}
