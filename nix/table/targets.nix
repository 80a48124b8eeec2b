# Every platform that Sealift builds for, by its Rust target triple; `src/model/target/mod.rs` has the same table, and a check
# compares them.
#
# targets :: { <triple> : { os, machine, debian, rpm, oci, ociVariant, appimage, homebrew, msi, zig, members } }
#
#   os        "linux" | "windows" | "macos"
#   machine   as `uname -m` and file names have it
#   debian, rpm, oci (with ociVariant), appimage, homebrew, msi
#             the architecture as that format calls it, null where the format does not exist for the target
#   zig       zig's name of the target, with the oldest macOS that a program runs on; null where nothing is compiled
#   members   the targets that a universal program is merged from; empty for one that is compiled
let
  linux =
    names:
    {
      os = "linux";
      ociVariant = null;
      homebrew = null;
      msi = null;
      members = [ ];
    }
    // names;

  windows =
    names:
    {
      os = "windows";
      debian = null;
      rpm = null;
      oci = null;
      ociVariant = null;
      appimage = null;
      homebrew = null;
      members = [ ];
    }
    // names;

  macos =
    names:
    {
      os = "macos";
      debian = null;
      rpm = null;
      oci = null;
      ociVariant = null;
      appimage = null;
      msi = null;
      members = [ ];
    }
    // names;
in
{
  "aarch64-apple-darwin" = macos {
    machine = "aarch64";
    homebrew = "arm";
    zig = "aarch64-macos.11.0";
  };
  "aarch64-pc-windows-gnullvm" = windows {
    machine = "aarch64";
    msi = "Arm64";
    zig = "aarch64-windows-gnu";
  };
  "aarch64-unknown-linux-musl" = linux {
    machine = "aarch64";
    debian = "arm64";
    rpm = "aarch64";
    oci = "arm64";
    appimage = "aarch64";
    homebrew = "arm";
    zig = "aarch64-linux-musl";
  };
  "armv7-unknown-linux-musleabihf" = linux {
    machine = "armv7l";
    debian = "armhf";
    rpm = "armv7hl";
    oci = "arm";
    ociVariant = "v7";
    appimage = "armhf";
    zig = "arm-linux-musleabihf";
  };
  "riscv64gc-unknown-linux-musl" = linux {
    machine = "riscv64";
    debian = "riscv64";
    rpm = "riscv64";
    oci = "riscv64";
    appimage = "riscv64";
    zig = "riscv64-linux-musl";
  };
  "universal2-apple-darwin" = macos {
    machine = "universal2";
    homebrew = "universal";
    zig = null;
    members = [
      "aarch64-apple-darwin"
      "x86_64-apple-darwin"
    ];
  };
  "x86_64-apple-darwin" = macos {
    machine = "x86_64";
    homebrew = "intel";
    zig = "x86_64-macos.11.0";
  };
  "x86_64-pc-windows-gnullvm" = windows {
    machine = "x86_64";
    msi = "x64";
    zig = "x86_64-windows-gnu";
  };
  "x86_64-unknown-linux-musl" = linux {
    machine = "x86_64";
    debian = "amd64";
    rpm = "x86_64";
    oci = "amd64";
    appimage = "x86_64";
    homebrew = "intel";
    zig = "x86_64-linux-musl";
  };
}
