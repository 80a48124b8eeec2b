# How programs are optimized: what Sealift sets in a cargo profile, the same for every builder.
#
# profiles :: { <name> : { <key of a cargo profile> : value } }
#
# cargo-profile.nix passes them to cargo, and so does `sealift make --cargo`, which reads the same file.
builtins.fromTOML (builtins.readFile ./profiles.toml)
