# A file that `nixw seed` has put into the store: a fixed-output derivation that is never built.
#
# fetchSeed :: { name, sha256, recursive ? false, command ? "./nixw seed" } -> derivation
#
# Nix's own downloader is named as builder because it needs no program; it is asked only for a seed that is missing,
# and then its error repeats the address, which is the advice.
{
  name,
  sha256,
  recursive ? false,
  command ? "./nixw seed",
}:
derivation {
  inherit name;
  system = "builtin";
  builder = "builtin:fetchurl";
  url = "run `${command}`, which fetches the missing seed ${name}";
  outputHash = sha256;
  outputHashAlgo = "sha256";
  outputHashMode = if recursive then "recursive" else "flat";
  # A remote builder has no way to get it either.
  preferLocalBuild = true;
}
