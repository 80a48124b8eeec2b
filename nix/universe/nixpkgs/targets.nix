# What zig and cargo need to know of each Rust target triple that this universe compiles for.
#
# zig :: zig's name of the target.   rustflags :: flags for every rustc call.
{
  "x86_64-unknown-linux-musl" = {
    zig = "x86_64-linux-musl";
    rustflags = [
      "-Ctarget-feature=+crt-static"
      # zig brings the start files and the C library; with rustc's own beside them every symbol is there twice.
      "-Clink-self-contained=no"
      # zig's linker writes no build id of itself, and without one a crash report cannot name its binary.
      "-Clink-arg=-Wl,--build-id=sha1"
    ];
  };
}
