# The components that every toolchain here has, by rustup's names.
#
# usual :: [ string ]
[
  "cargo"
  "clippy"
  "clippy-preview"
  "rust-analyzer"
  "rust-src"
  "rust-std"
  "rustc"
  "rustfmt"
  "rustfmt-preview"
]
