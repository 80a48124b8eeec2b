# The arguments that mkRelease and mkFlake share.
#
# release-arguments :: { <name> : { type, default ? } }
let
  types = import ./types.nix;
  optional = type: {
    inherit type;
    default = null;
  };
in
{
  src.type = types.source;
  self = optional types.flake;
  manifest = {
    type = types.manifest;
    default = "sealift.toml";
  };
  cargoLock = optional types.file;
  targets = optional types.texts;
  formats = optional types.texts;
  profile = optional types.text;
  gates = optional types.table;
  overrides = {
    type = types.table;
    default = { };
  };
  nativeBuildInputs = {
    type = types.buildInputs;
    default = [ ];
  };
  ociBase = optional types.file;
  measurements = {
    type = types.files;
    default = [ ];
  };
  steps = {
    type = types.functions;
    default = { };
  };
  builder = optional types.text;
  toolchain = optional types.toolchain;
}
