# The development shell, for `nix develop` and `nix-shell` alike.
#
# shell :: parts -> { name, targets, glibc, packages ? [ ], env ? { }, hook ? "", greeting ? "" } -> derivation
{
  system,
  tools,
  toolchain,
  environmentLater,
  commonStubs,
  ...
}:
{
  name,
  targets,
  glibc,
  packages ? [ ],
  env ? { },
  hook ? "",
  greeting ? "",
}:
let
  quoted = text: "'${builtins.replaceStrings [ "'" ] [ "'\\''" ] text}'";
  # Builds for the host are what a developer means by `cargo build`, so no target is made the default.
  settings = builtins.removeAttrs (builtins.foldl' (
    all: target:
    all
    // environmentLater {
      inherit target glibc;
      stubs = commonStubs;
    }
  ) { } targets) [ "CARGO_BUILD_TARGET" ];
  path = map (package: "${package}/bin") (packages ++ [ (toolchain.develop targets) ]);
in
derivation (
  settings
  // env
  // {
    inherit name system;
    # `nix develop` insists on a builder with this name, and on `outputs`.
    builder = "${tools}/bin/bash";
    args = [
      "-c"
      "echo 'this is a shell: enter it with `nix develop`' >&2; exit 1"
    ];
    outputs = [ "out" ];
    stdenv = "";
    # The host's own PATH stays behind these: a developer wants git and an editor.
    shellHook = ''
      export PATH=${builtins.concatStringsSep ":" path}:$PATH
      ${if greeting == "" then "" else "[ ! -t 1 ] || printf %s ${quoted greeting}"}
      ${hook}
    '';
  }
)
