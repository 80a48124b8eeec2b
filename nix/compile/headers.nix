# Where zig has the C library's headers of a target, for who reads headers without being zig: bindgen by libclang.
#
# headers :: { zig, targets } -> string (a Rust target triple) -> [ string ], directories in the order in which they are searched,
#            after the compiler's own headers
{ zig, targets }:
triple:
let
  # `x86_64-linux-gnu.2.28` is the processor, the system and what its C library is called.
  name = builtins.match "([^-]*)-linux-([a-z]*)[.0-9]*" targets.${triple}.zig;
  processor = builtins.head name;
  library = builtins.elemAt name 1;
  isMusl = builtins.match "musl.*" library != null;
  family =
    {
      x86_64 = "x86";
      riscv64 = "riscv";
    }
    .${processor} or processor;
  linux = [
    (if isMusl then "${processor}-linux-musl" else "${family}-linux-gnu")
    (if isMusl then "generic-musl" else "generic-glibc")
    "${family}-linux-any"
    "any-linux-any"
  ];
  directories =
    {
      inherit linux;
      macos = [ "any-darwin-any" ];
      windows = [ "any-windows-any" ];
    }
    .${targets.${triple}.os};
in
map (directory: "${zig}/lib/libc/include/${directory}") directories
