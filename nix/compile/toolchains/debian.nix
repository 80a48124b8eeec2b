# Debian's Rust, with the standard library of each target compiled from its source.
#
# toolchain :: parts -> { versions, build, develop }
{ versions, debianRust, ... }:
{
  versions = { inherit (versions) rustc cargo; };
  build = debianRust;
  # Debian's programs come with the analyser and the source in any case.
  develop = debianRust;
}
