# The list of what is linked into the programs for a target: a CycloneDX document. It reads what compiling reads, and
# compiles nothing.
#
# sbom :: { universe, sealift, project, target } -> derivation
arguments: import ./crates.nix (arguments // { command = "sbom"; })
