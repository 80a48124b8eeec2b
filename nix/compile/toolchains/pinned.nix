# The rustc version of every downloaded toolchain, so that all of them compile the same bytes and a new lock never
# changes the compiler as a side effect.
"1.97.1"
