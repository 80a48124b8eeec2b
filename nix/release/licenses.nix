# The licenses of everything that is linked into the programs for a target: one file. It reads what compiling reads, and
# compiles nothing.
#
# licenses :: { universe, sealift, project, target } -> derivation
arguments: import ./crates.nix (arguments // { command = "licenses"; })
