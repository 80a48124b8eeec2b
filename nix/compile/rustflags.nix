# The arguments of every rustc call for a target, with any builder.
#
# rustflags :: string (a Rust target triple) -> [ string ]
triple:
if builtins.match ".*-apple-darwin" triple != null then
  [
    # rustc would strip with a program of its own toolchain (`rust-objcopy`), which not every distribution has.
    "-Cstrip=none"
    "-Clink-arg=-Wl,-s"
  ]
else if builtins.match ".*-linux-gnu" triple != null then
  [
    # Where the host has the same triple, this tells what ships from build scripts and procedural macros (./cc.nix).
    "-Clink-arg=--target=${triple}"
  ]
else
  [
    # zig provides the start files and the C library; with rustc's own in addition, every symbol would exist twice.
    "-Clink-self-contained=no"
    "-Ctarget-feature=+crt-static"
  ]
