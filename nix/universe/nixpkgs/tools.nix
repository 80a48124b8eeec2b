# Foreign readers of what Sealift writes.
{ pkgs }:
{
  inherit (pkgs) dpkg umoci;
  squashfs = pkgs.squashfs-tools;
}
