# Every platform that Sealift builds for, by its Rust target triple. The program has the same ones, and a check compares them.
#
# targets :: { <triple> : { os, machine, zig, members } }
#
#   os        "linux" | "windows" | "macos"
#   machine   as in `uname -m` and file names
#   zig       zig's name of the target, with the oldest macOS that a program runs on; null if nothing is compiled
#   members   the targets that a universal program is merged from; empty for one that is compiled
{
  "aarch64-apple-darwin" = {
    os = "macos";
    machine = "aarch64";
    zig = "aarch64-macos.11.0";
    members = [ ];
  };
  "aarch64-pc-windows-gnullvm" = {
    os = "windows";
    machine = "aarch64";
    zig = "aarch64-windows-gnu";
    members = [ ];
  };
  "aarch64-unknown-linux-musl" = {
    os = "linux";
    machine = "aarch64";
    zig = "aarch64-linux-musl";
    members = [ ];
  };
  "armv7-unknown-linux-musleabihf" = {
    os = "linux";
    machine = "armv7l";
    zig = "arm-linux-musleabihf";
    members = [ ];
  };
  "riscv64gc-unknown-linux-musl" = {
    os = "linux";
    machine = "riscv64";
    zig = "riscv64-linux-musl";
    members = [ ];
  };
  "universal2-apple-darwin" = {
    os = "macos";
    machine = "universal2";
    zig = null;
    members = [
      "aarch64-apple-darwin"
      "x86_64-apple-darwin"
    ];
  };
  "x86_64-apple-darwin" = {
    os = "macos";
    machine = "x86_64";
    zig = "x86_64-macos.11.0";
    members = [ ];
  };
  "x86_64-pc-windows-gnullvm" = {
    os = "windows";
    machine = "x86_64";
    zig = "x86_64-windows-gnu";
    members = [ ];
  };
  "x86_64-unknown-linux-musl" = {
    os = "linux";
    machine = "x86_64";
    zig = "x86_64-linux-musl";
    members = [ ];
  };
}
