# The programs and every package, built a second time in another directory with another umask, locale, time zone and
# number of cores, are bit-identical; so is a small program for every target.
{
  universe,
  root,
  sealift,
  release,
  ...
}:
let
  variation = {
    directory = "elsewhere/and/deeper";
    umask = "077";
    locale = "tr_TR.UTF-8";
    timezone = "Asia/Kathmandu";
    cores = 1;
    user = "somebody";
  };
  other = import ../nix/sealift.nix { inherit universe root variation; };

  again = map (
    each:
    each
    // {
      second = import ../nix/release/artifact.nix {
        # Packed by the second program, which must also write the same bytes.
        sealift = other.build;
        inherit universe variation;
        inherit (sealift) project;
        tree = release.trees.${each.target};
        inherit (each) target format;
      };
    }
  ) release.artifacts;

  # Each system's linker may add other data to a program, such as the time.
  template = import ../nix/release/project.nix {
    inherit universe;
    src = (import ../templates).default.path;
  };
  targets = import ../nix/table/targets.nix;
  compiled = builtins.filter (target: targets.${target}.members == [ ]) (builtins.attrNames targets);
  small =
    variation: target:
    universe.rust.build (
      import ../nix/compile/crate.nix {
        inherit target variation;
        project = template;
      }
    );
in
universe.run {
  name = "reproducible";
  script = ''
    compare() {
      cmp "$1" "$2"
      echo "equal: ''${1##*/}" >>log
    }
    [ "$(ls ${sealift.build}/bin)" = "$(ls ${other.build}/bin)" ]
    for program in ${sealift.build}/bin/*; do
      compare $program ${other.build}/bin/''${program##*/}
    done
    ${builtins.concatStringsSep "\n" (
      map (target: ''
        for program in ${small null target}/bin/*; do
          compare $program ${small variation target}/bin/''${program##*/}
        done
      '') compiled
    )}
    ${builtins.concatStringsSep "\n" (
      map (each: ''
        for file in ${each.artifact}/*; do
          compare $file ${each.second}/''${file##*/}
        done
      '') again
    )}
    cp log $out
  '';
}
