# The current date for build scripts, C compilers and linkers, in seconds since the epoch: the same as in nixpkgs' stdenv.
"315532800"
