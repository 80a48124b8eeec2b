# The targets of the table, and the build's own programs: build scripts and procedural macros. The sandbox has no
# /lib64, so these carry the loader of the Debian root, whose glibc is 2.36.
{ root, shared, ... }:
let
  library = "${root}/usr/lib/x86_64-linux-gnu";
in
shared.targets
// {
  "x86_64-unknown-linux-gnu" = {
    os = "linux";
    zig = "x86_64-linux-gnu.2.36";
    link = "-Wl,--dynamic-linker=${library}/ld-linux-x86-64.so.2 -Wl,-rpath,${library}";
  };
}
