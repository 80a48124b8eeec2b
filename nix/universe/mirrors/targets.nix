# What zig and cargo need to know of each Rust target triple.
#
# zig :: zig's name of the target.   link :: flags for every call that links.   rustflags :: flags for every rustc call.
{ root, ... }:
let
  library = "${root}/usr/lib/x86_64-linux-gnu";
in
{
  "x86_64-unknown-linux-musl" = {
    zig = "x86_64-linux-musl";
    link = "-Wl,--build-id=sha1";
    # zig brings crt1.o and the C library itself, so rustc must not look for its own.
    rustflags = "-C link-self-contained=no -C target-feature=+crt-static";
  };
  # The build's own programs: build scripts and procedural macros. The sandbox has no /lib64, so they carry the loader
  # of the Debian root, whose glibc is 2.36.
  "x86_64-unknown-linux-gnu" = {
    zig = "x86_64-linux-gnu.2.36";
    link = "-Wl,--dynamic-linker=${library}/ld-linux-x86-64.so.2 -Wl,-rpath,${library}";
    rustflags = "";
  };
}
