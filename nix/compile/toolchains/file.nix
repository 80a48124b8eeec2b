# What a project's rust-toolchain file asks for, in rustup's form of today or in the old one, which is the channel alone.
#
# file :: path (the project) -> { channel, components, targets, profile } or null
root:
let
  inherit (builtins)
    filter
    fromTOML
    head
    match
    pathExists
    readFile
    ;
  found = filter pathExists [
    (root + "/rust-toolchain.toml")
    (root + "/rust-toolchain")
  ];
  # A name of another context than the project's would be fetched to be compared.
  text = builtins.unsafeDiscardStringContext (readFile (head found));
  plain = match "[ \r\n]*([A-Za-z0-9.-]+)[ \r\n]*" text;
  written = if plain != null then { channel = head plain; } else (fromTOML text).toolchain or { };
in
if found == [ ] then
  null
else
  {
    channel = written.channel or "stable";
    components = written.components or [ ];
    targets = written.targets or [ ];
    profile = written.profile or "minimal";
  }
