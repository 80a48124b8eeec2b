# Runs a bash script in the sandbox.
#
# run :: { name, script, tools ? [ ], env ? { } } -> derivation
#
# A plain derivation, not nixpkgs' runCommand: that one keeps some names of `env` for itself, and a setup hook of a
# tool can change what the script sees.
{
  lib,
  pkgs,
  system,
}:
{
  name,
  script,
  tools ? [ ],
  env ? { },
}:
derivation (
  {
    LC_ALL = "C";
    TZ = "UTC";
  }
  // env
  // {
    inherit name system;
    builder = pkgs.stdenv.shell;
    args = [
      "-euc"
      ''
        set -o pipefail
        umask 022
        export PATH=${lib.makeBinPath (tools ++ pkgs.stdenv.initialPath)}
        # Nix leaves HOME at a directory that does not exist.
        export HOME=$NIX_BUILD_TOP/home
        mkdir "$HOME" work
        cd work
        ${script}
      ''
    ];
  }
)
