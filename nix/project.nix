# What Nix has to know of a project: little, and a check holds it against `sealift plan --json`.
#
# project :: { src, manifest, cargoLock } -> { name, version, targets, formats, source, metadata, manifest, cargoLock }
{
  src,
  manifest,
  cargoLock,
}:
let
  written = builtins.fromTOML (builtins.readFile (src + "/${manifest}"));
  cargo = builtins.fromTOML (builtins.readFile (src + "/Cargo.toml"));
  inherited = field: if builtins.isAttrs field then cargo.workspace.package.version else field;

  # The files that the manifest takes from the project, as paths relative to it.
  sources = map (file: file.source) (written.files or [ ]);
in
{
  inherit manifest cargoLock;
  name = written.package.name or cargo.package.name;
  version = written.package.version or (inherited cargo.package.version);
  inherit (written) targets formats;

  # What compiling reads.
  source = import ./source.nix {
    name = "source";
    inherit src;
    paths = [
      "Cargo.toml"
      "Cargo.lock"
      "build.rs"
      "src"
      "crates"
      "tests"
      "benches"
      "examples"
      ".cargo/config.toml"
    ];
  };

  # What packaging reads beside the programs: an edit of it compiles nothing.
  metadata = import ./source.nix {
    name = "metadata";
    inherit src;
    paths = [
      "Cargo.toml"
      manifest
    ]
    ++ sources;
  };
}
