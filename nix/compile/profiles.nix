# How programs are optimised, as the environment that cargo reads it from: one for every builder.
#
# profiles :: { <name> : { environment variables } }
#
# cargo's own profile is always `release`, so that these variables name it. `release` itself is as the project's
# Cargo.toml says.
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
  release = { };

  size = lean // {
    CARGO_PROFILE_RELEASE_OPT_LEVEL = "z";
  };

  speed = lean // {
    CARGO_PROFILE_RELEASE_OPT_LEVEL = "3";
  };

  # The symbols leave the program after linking (`sealift symbols`), so nothing is stripped before. Lines and functions
  # are what a backtrace says; variables would triple the file.
  debug-symbols = {
    CARGO_PROFILE_RELEASE_STRIP = "none";
    CARGO_PROFILE_RELEASE_DEBUG = "line-tables-only";
  };
}
