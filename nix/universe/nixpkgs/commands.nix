# bash and the POSIX commands in one directory, for scripts that run outside nixpkgs' stdenv, too.
#
# commands :: { run, pkgs } -> derivation with bin/
{ run, pkgs }:
run {
  name = "commands";
  script = ''
    mkdir -p $out/bin
    for directory in ${toString pkgs.stdenv.initialPath}; do
      # Where two have the same name, stdenv's own order decides.
      for program in $directory/bin/*; do
        [ -e $out/bin/''${program##*/} ] || ln -s $program $out/bin/
      done
    done
    ln -sf ${pkgs.stdenv.shell} $out/bin/bash
  '';
}
