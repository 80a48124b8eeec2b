# The target whose programs run on the build machine; on Linux static ones, which run in any sandbox.
#
# host :: string (a Nix system) -> string (a Rust target triple)
system:
let
  hosts = {
    "aarch64-darwin" = "aarch64-apple-darwin";
    "aarch64-linux" = "aarch64-unknown-linux-musl";
    "x86_64-darwin" = "x86_64-apple-darwin";
    "x86_64-linux" = "x86_64-unknown-linux-musl";
  };
in
hosts.${system} or (throw ''
  nothing is built on the system `${system}`; expected one of ${builtins.concatStringsSep ", " (builtins.attrNames hosts)}
  hint: build on one of these; programs for every other platform are compiled there too'')
