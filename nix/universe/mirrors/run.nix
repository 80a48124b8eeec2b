# Runs a bash script in the sandbox.
#
# run :: { name, script, tools ? [ ], env ? { } } -> derivation
#
# `script` must write `$out`. It runs with `-eu` and pipefail, in an empty directory, as one bash with busybox's commands
# and those of `tools` (directories that hold `bin`) on PATH.
{ system, tools, ... }:
{
  name,
  script,
  env ? { },
  ...
}@arguments:
derivation (
  env
  // {
    inherit name system;
    builder = "${tools}/bin/bash";
    args = [
      "-euc"
      ''
        set -o pipefail
        umask 022
        export PATH=${
          builtins.concatStringsSep ":" (map (tool: "${tool}/bin") ((arguments.tools or [ ]) ++ [ tools ]))
        }
        # Nix leaves HOME at a directory that does not exist.
        export HOME=$NIX_BUILD_TOP/home
        mkdir -p $HOME
        ${script}
      ''
    ];
    LC_ALL = "C";
    TZ = "UTC";
  }
)
