# Foreign readers of what Sealift writes.
{ pkgs }:
{
  inherit (pkgs) dpkg umoci unzip;
  squashfs = pkgs.squashfs-tools;
}
