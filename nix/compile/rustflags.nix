# What every rustc call for a target is told, whoever makes it.
#
# rustflags :: string (a Rust target triple) -> [ string ]
triple:
if builtins.match ".*-apple-darwin" triple != null then
  [
    # rustc would strip with a program of its own toolchain (`rust-objcopy`) that not every distribution has.
    "-Cstrip=none"
    "-Clink-arg=-Wl,-s"
  ]
else
  [
    # zig brings the start files and the C library; with rustc's own beside them every symbol is there twice.
    "-Clink-self-contained=no"
    "-Ctarget-feature=+crt-static"
  ]
