# How programs are optimized: what Sealift sets in a cargo profile, the same for every builder.
#
# profiles :: { <name> : { <key of a cargo profile> : value } }
#
# What they leave out is as Cargo.toml says. cargo-profile.nix passes them to cargo.
let
  lean = {
    lto = "fat";
    codegen-units = 1;
    panic = "abort";
    strip = "symbols";
    debug = "none";
  };
in
{
  # A project that writes in Cargo.toml what becomes of its symbols has `cargo` in place of this.
  release.strip = "symbols";

  cargo = { };

  size = lean // {
    opt-level = "z";
  };

  speed = lean // {
    opt-level = 3;
  };

  # `sealift symbols` removes the symbols after linking, so nothing is stripped before. A backtrace needs lines and
  # functions; variables would triple the file.
  debug-symbols = {
    strip = "none";
    debug = "line-tables-only";
  };
}
