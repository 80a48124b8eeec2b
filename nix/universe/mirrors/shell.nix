# The development shell, for `nix develop` and `nix-shell` alike.
#
# shell :: { name, target, packages ? [ ], env ? { }, greeting ? "" } -> derivation
{
  system,
  tools,
  rustc,
  ...
}@parts:
{
  name,
  target,
  packages ? [ ],
  env ? { },
  greeting ? "",
}:
let
  environment = import ./rust/environment.nix parts { inherit target; };
  # Builds for the host are what a developer means by `cargo build`, so the target is not made the default.
  settings = builtins.removeAttrs environment [ "CARGO_BUILD_TARGET" ];
  path = map (package: "${package}/bin") (packages ++ [ (rustc [ target ]) ]);
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
      ${if greeting == "" then "" else "[ ! -t 1 ] || printf '%s\\n' ${builtins.toJSON greeting}"}
    '';
  }
)
