# What Debian and Rust call the machine that builds (systems.json).
#
# machine :: string (a Nix system) -> { triple, processor, libraries, loader, … }
#
#   triple     Rust's name of it
#   libraries  the directory of Debian's libraries below /usr/lib
#   loader     the dynamic loader in there
system:
(builtins.fromJSON (builtins.readFile ./systems.json)).${system}
// {
  processor = builtins.head (builtins.split "-" system);
}
