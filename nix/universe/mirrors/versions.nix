# The versions of what the universe builds with, from the lock in force.
{ seeds }:
let
  byName = builtins.listToAttrs (
    map (seed: {
      inherit (seed) name;
      value = seed.version;
    }) (seeds.debian ++ seeds.python)
  );
  upstream = version: builtins.head (builtins.split "[+~-]" version);
in
{
  rustc = upstream byName.rustc-web;
  cargo = upstream byName.cargo-web;
  zig = byName.ziglang;
}
