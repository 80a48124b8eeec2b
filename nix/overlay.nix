# `pkgs.sealift`, the program, and `pkgs.sealiftLib`, what flakes call.
#
# overlay :: flake (Sealift's `self`) -> final -> prev -> { sealift, sealiftLib }
self: final: prev: {
  inherit (self.packages.${prev.stdenv.hostPlatform.system}) sealift;
  sealiftLib = self.lib;
}
