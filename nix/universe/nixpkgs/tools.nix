# Foreign readers of what Sealift writes.
{ pkgs }:
{
  inherit (pkgs)
    cpio
    dpkg
    rpm
    umoci
    unzip
    ;
  squashfs = pkgs.squashfs-tools;
}
