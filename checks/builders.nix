# The program is bit-identical with each of the universe's builders and toolchains.
#
# builders :: { universe, sealift, … } -> { <name> : derivation }, empty if there is nothing to compare
{ universe, sealift, ... }:
let
  inherit (builtins) concatStringsSep length map;

  compare =
    kind:
    let
      names = universe."${kind}s";
      made = map (name: (universe.using { ${kind} = name; }).rust.build sealift.crate) names;
    in
    universe.run {
      name = "same-by-every-${kind}";
      env = {
        inherit names made;
      };
      script = ''
        set -- $names
        first=
        for directory in $made; do
          echo "$1:" >>log
          (cd $directory/bin && sha256sum *) >>log
          shift
          if [ -z "$first" ]; then
            first=$directory
            continue
          fi
          [ "$(ls $first/bin)" = "$(ls $directory/bin)" ]
          for program in $first/bin/*; do
            cmp $program $directory/bin/''${program##*/} || { cat log >&2 && exit 1; }
          done
        done
        [ -n "$(ls $first/bin)" ]
        cat log
        cp log $out
      '';
    };

  several =
    kind: if length (universe."${kind}s" or [ ]) > 1 then { "${kind}s" = compare kind; } else { };
in
several "builder" // several "toolchain"
