# The mirrors universe as nix/universe/README.md describes a universe. Commit and date come from `nixw`: an overridden flake
# is dirty and has no revision of its own.
{
  system,
  seeds,
  checkout,
  parts,
}:
let
  # A package's own times must not say 1970 where a file system or a reader takes that for an error.
  undated = 315532800; # 1980-01-01, the earliest that zip can say
in
{
  name = "mirrors";
  inherit system;
  inherit (checkout) commit dirty;
  date = if checkout.date == null then undated else checkout.date;
  inherit (parts) run;
  versions = { inherit (parts.versions) zig; };
  inherit parts;
  builders = [ "cargo" ];
  toolchains = [ "debian" ];
  inherit (seeds) drift;
  crate = import ./crate.nix parts;

  tools = {
    dpkg = parts.reader "dpkg-deb";
    squashfs = parts.reader "unsquashfs";
    umoci = parts.reader "umoci";
    # That of busybox.
    unzip = parts.tools;
  };

  # Debian 12 has neither cargo-audit nor cargo-deny.
  auditors = { };

  shell = import ./shell.nix;
  nixfmt = null;
}
