# The versions of glibc that programs can be linked for; the program has the same ones.
{
  # Rust's standard library needs as much.
  oldest = "2.17";
  default = "2.28";
  # The newest that zig 0.17 knows.
  newest = "2.44";
}
