{ sealift, ... }:
sealift.lib.mkRelease {
  system = "x86_64-linux";
  src = ./.;
  toolchain.channel = "stable";
}
