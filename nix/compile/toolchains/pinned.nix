# The rustc that every downloaded toolchain has to be, so that all of them compile the same bytes and a change of
# compiler is never the side effect of a new lock.
"1.97.1"
