# The tools that a manifest can ask for with `[build] tools`. The program has the same ones, and a check compares them.
#
# tools :: [ string ]
[
  "cmake"
  "libclang"
  "make"
  "nasm"
  "perl"
  "pkg-config"
  "protobuf"
]
