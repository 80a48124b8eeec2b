# The formats that `sealift` writes; a check compares them with those that the program knows.
#
# formats :: { <format> : [ operating systems that it is for ] }
{
  appimage = [ "linux" ];
  archive = [
    "linux"
    "macos"
    "windows"
  ];
  deb = [ "linux" ];
  oci = [ "linux" ];
}
