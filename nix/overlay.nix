# `pkgs.sealift`, the program, and `pkgs.sealiftLib`, the functions for flakes.
#
# overlay :: flake (Sealift's `self`) -> final -> prev -> { sealift, sealiftLib }
self: final: prev: {
  inherit (self.packages.${prev.stdenv.hostPlatform.system}) sealift;
  sealiftLib = self.lib;
}
