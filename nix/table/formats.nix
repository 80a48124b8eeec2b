# The formats that `sealift` writes; a check compares them with those that the program knows.
#
# formats :: { <format> : [ what it is for: operating systems, or C libraries of Linux ] }
{
  appimage = [ "linux" ];
  archive = [
    "linux"
    "macos"
    "windows"
  ];
  deb = [ "linux" ];
  dmg = [ "macos" ];
  msi = [ "windows" ];
  npm = [
    "linux"
    "macos"
    "windows"
  ];
  oci = [ "musl" ];
  pkg = [ "macos" ];
  rpm = [ "linux" ];
  setup = [ "windows" ];
  snap = [ "linux" ];
  tar-xz = [
    "linux"
    "macos"
    "windows"
  ];
  tar-zst = [
    "linux"
    "macos"
    "windows"
  ];
  wheel = [
    "macos"
    "musl"
    "windows"
  ];
  # For Windows, `archive` is one.
  zip = [
    "linux"
    "macos"
  ];
}
