# What is left of a source when an empty program stands where code would be: less of it changes, so less is compiled
# again.
#
# skeletons :: { run } -> { dependencies, libraries }
#
#   dependencies  :: origin -> derivation           the manifests and the lock; every root is empty
#   libraries     :: origin -> derivation or null   all but the roots of programs; null where the workspace has no library or
#                                                   no program
#
# An origin is what ../../source.nix gives.
{ run }:
let
  inherit (builtins)
    any
    concatLists
    elem
    filter
    stringLength
    substring
    ;
  rootsOf = import ../../roots.nix;

  # Also a library, where somebody depends on it.
  write = ''
    for root in $roots; do
      case $root in */*) mkdir -p $out/''${root%/*} ;; esac
      echo '#![allow(warnings)] fn main() {}' >$out/$root
    done
  '';
in
{
  dependencies =
    origin:
    let
      roots = rootsOf origin;
    in
    run {
      name = "manifests";
      env = {
        # Without the other directories: a new one would compile every dependency again.
        manifests = origin.narrow "manifests-source" (
          path: type:
          if type == "directory" then
            any (directory: substring 0 (stringLength path + 1) directory == "${path}/") roots.directories
          else
            elem (baseNameOf path) [
              "Cargo.toml"
              "Cargo.lock"
            ]
        );
        roots = concatLists [
          roots.programs
          roots.libraries
          roots.others
        ];
      };
      script = ''
        mkdir $out
        cd $manifests
        for file in $(find . -name Cargo.toml -o -name Cargo.lock); do
          mkdir -p $out/''${file%/*}
          cp $file $out/$file
        done
        ${write}
      '';
    };

  libraries =
    origin:
    let
      roots = rootsOf origin;
      programs = filter (root: !(elem root roots.libraries)) roots.programs;
    in
    if roots.libraries == [ ] || programs == [ ] then
      null
    else
      run {
        name = "libraries-source";
        env = {
          source = origin.narrow "source-without-programs" (path: _type: !(elem path programs));
          roots = programs;
        };
        script = ''
          cp -R $source $out
          chmod -R u+w $out
          ${write}
        '';
      };
}
