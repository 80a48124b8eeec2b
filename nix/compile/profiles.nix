# How programs are optimized, as environment variables for cargo, the same for every builder.
#
# profiles :: { <name> : { environment variables } }
#
# cargo's own profile is always `release`, so these variables name it. What they leave out is as Cargo.toml says.
let
  lean = {
    CARGO_PROFILE_RELEASE_LTO = "fat";
    CARGO_PROFILE_RELEASE_CODEGEN_UNITS = "1";
    CARGO_PROFILE_RELEASE_PANIC = "abort";
    CARGO_PROFILE_RELEASE_STRIP = "symbols";
    CARGO_PROFILE_RELEASE_DEBUG = "none";
  };
in
{
  # A project that writes in Cargo.toml what becomes of its symbols has `cargo` in place of this.
  release.CARGO_PROFILE_RELEASE_STRIP = "symbols";

  cargo = { };

  size = lean // {
    CARGO_PROFILE_RELEASE_OPT_LEVEL = "z";
  };

  speed = lean // {
    CARGO_PROFILE_RELEASE_OPT_LEVEL = "3";
  };

  # `sealift symbols` removes the symbols after linking, so nothing is stripped before. A backtrace needs lines and
  # functions; variables would triple the file.
  debug-symbols = {
    CARGO_PROFILE_RELEASE_STRIP = "none";
    CARGO_PROFILE_RELEASE_DEBUG = "line-tables-only";
  };
}
