# Compares the sources with what rustfmt would write.
#
# fmt :: { src } -> derivation, empty
{ crane }:
{ src, ... }:
crane.cargoFmt {
  inherit src;
  pname = "sources";
  version = "0";
  cargoExtraArgs = "--all";
  doInstallCargoArtifacts = false;
}
