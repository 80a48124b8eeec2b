# Copies what the manifest ships of what build scripts wrote for the target.
#
# out-dirs :: crate description -> { outputs, script : string -> bash }
#
#   outputs   of the derivation of the programs: `outDirs` has a directory for each package, if there are any
#   script    takes the file with cargo's messages (`--message-format=json`), as bash has it
#
# Messages, because directories of a build script that ran with other features or an earlier version may be there, too. What is
# missing is left to `sealift tree`, which says what asks for it.
crate:
let
  inherit (builtins)
    concatStringsSep
    map
    toFile
    ;
  wanted = crate.outDirs or [ ];
  line = each: "${each.package} ${each.pattern}\n";
in
if wanted == [ ] then
  {
    outputs = { };
    script = _messages: "";
  }
else
  {
    outputs.outputs = [
      "out"
      "outDirs"
    ];
    script = messages: ''
      # Lines of a package and its directory. A package ID (`cargo help pkgid`) leaves the name out where the directory has it.
      sed -n '/"reason":"build-script-executed"/s/.*"package_id":"\([^"]*\)".*"out_dir":"\([^"]*\)".*/\1 \2/p' "${messages}" |
        while read -r id directory; do
          case $directory in */${crate.target}/*) ;; *) continue ;; esac
          name=''${id##*#}
          case $name in
            *@*) name=''${name%@*} ;;
            *) name=''${id%%#*} && name=''${name%%[?]*} && name=''${name##*/} ;;
          esac
          echo "$name $directory"
        done | sort -u >"$NIX_BUILD_TOP/out-dirs"
      while read -r package pattern; do
        mkdir -p "$outDirs/$package"
        directory=$(sed -n "s|^$package ||p" "$NIX_BUILD_TOP/out-dirs")
        [ -n "$directory" ] || continue
        if [ ! -d "$directory" ]; then
          echo "several packages \`$package\` have build scripts:" $directory >&2
          exit 1
        fi
        (
          cd "$directory"
          shopt -s globstar nullglob
          IFS=
          for file in $pattern; do
            [ -e "$file" ] || continue
            mkdir -p "$outDirs/$package/$(dirname "$file")"
            cp -RP "$file" "$outDirs/$package/$(dirname "$file")/"
          done
        )
      done <${toFile "out-dirs" (concatStringsSep "" (map line wanted))}
    '';
  }
