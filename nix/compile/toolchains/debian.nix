# Debian's Rust, with the standard library of each target compiled from its source.
#
# toolchain :: parts -> { versions, build, develop }
{
  versions,
  build,
  develop,
  ...
}:
{
  versions = { inherit (versions) rustc cargo; };
  inherit build develop;
}
