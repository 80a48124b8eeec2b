# zig as C compiler, linker and C library for one target.
#
# cc :: string (a Rust target triple) -> derivation with bin/{cc,c++,ar,ranlib}, and `cache`, another derivation
{
  lib,
  pkgs,
  targets,
}:
target:
let
  zig = lib.getExe' pkgs.zig "zig";

  # Rust and the `cc` crate name the target in a way that zig does not know, so that argument is dropped; gcc's
  # unwinder is in zig under another name. Without -fno-sanitize=all zig compiles C with checks that abort on
  # undefined behaviour, which much C that works everywhere else has.
  compiler =
    program:
    pkgs.writeShellScript "${target}-${program}" ''
      arguments=()
      for argument; do
        case $argument in
          --target=*) continue ;;
          -lgcc_s | -lgcc_eh) argument=-lunwind ;;
        esac
        arguments+=("$argument")
      done
      exec ${zig} ${program} -target ${targets.${target}.zig} -fno-sanitize=all "''${arguments[@]}"
    '';

  plain = program: pkgs.writeShellScript program ''exec ${zig} ${program} "$@"'';

  # The C library and the unwinder, compiled once for all builds: the first link of a cold cache takes a minute.
  cache = pkgs.runCommand "zig-cache-${target}" { } ''
    export ZIG_GLOBAL_CACHE_DIR=$out ZIG_LOCAL_CACHE_DIR=$out
    printf 'int main(void) { return 0; }\n' >empty.c
    ${compiler "cc"} empty.c -lunwind -o empty
  '';
in
pkgs.runCommand "cc-${target}" { passthru = { inherit cache; }; } ''
  mkdir -p $out/bin
  ln -s ${compiler "cc"} $out/bin/cc
  ln -s ${compiler "c++"} $out/bin/c++
  ln -s ${plain "ar"} $out/bin/ar
  ln -s ${plain "ranlib"} $out/bin/ranlib
''
