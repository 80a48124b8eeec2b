# Every platform that Sealift builds for, by its Rust target triple. The program has the same ones, and a check compares them.
#
# targets :: { <triple> : { os, libc, machine, zig, members } }
#
#   os        "linux" | "windows" | "macos"
#   libc      "musl", linked statically, or "glibc", the machine's own; null where the system has one C library
#   machine   as in `uname -m` and file names
#   zig       zig's name of the target, with the oldest macOS that a program runs on, and without the oldest glibc, which each
#             project chooses (../compile/cc.nix); null if nothing is compiled
#   members   the targets that a universal program is merged from; empty for one that is compiled
{
  "aarch64-apple-darwin" = {
    os = "macos";
    libc = null;
    machine = "aarch64";
    zig = "aarch64-macos.11.0";
    members = [ ];
  };
  "aarch64-pc-windows-gnullvm" = {
    os = "windows";
    libc = null;
    machine = "aarch64";
    zig = "aarch64-windows-gnu";
    members = [ ];
  };
  "aarch64-unknown-linux-gnu" = {
    os = "linux";
    libc = "glibc";
    machine = "aarch64";
    zig = "aarch64-linux-gnu";
    members = [ ];
  };
  "aarch64-unknown-linux-musl" = {
    os = "linux";
    libc = "musl";
    machine = "aarch64";
    zig = "aarch64-linux-musl";
    members = [ ];
  };
  "armv7-unknown-linux-musleabihf" = {
    os = "linux";
    libc = "musl";
    machine = "armv7l";
    zig = "arm-linux-musleabihf";
    members = [ ];
  };
  "riscv64gc-unknown-linux-musl" = {
    os = "linux";
    libc = "musl";
    machine = "riscv64";
    zig = "riscv64-linux-musl";
    members = [ ];
  };
  "universal2-apple-darwin" = {
    os = "macos";
    libc = null;
    machine = "universal2";
    zig = null;
    members = [
      "aarch64-apple-darwin"
      "x86_64-apple-darwin"
    ];
  };
  "x86_64-apple-darwin" = {
    os = "macos";
    libc = null;
    machine = "x86_64";
    zig = "x86_64-macos.11.0";
    members = [ ];
  };
  "x86_64-pc-windows-gnullvm" = {
    os = "windows";
    libc = null;
    machine = "x86_64";
    zig = "x86_64-windows-gnu";
    members = [ ];
  };
  "x86_64-unknown-linux-gnu" = {
    os = "linux";
    libc = "glibc";
    machine = "x86_64";
    zig = "x86_64-linux-gnu";
    members = [ ];
  };
  "x86_64-unknown-linux-musl" = {
    os = "linux";
    libc = "musl";
    machine = "x86_64";
    zig = "x86_64-linux-musl";
    members = [ ];
  };
}
