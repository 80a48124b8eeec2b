# Links static programs with LLD itself, by the command that zig links an empty one with.
#
# zig has one C library for stripped programs and another, with line numbers, for those that keep their symbols. Linked
# this way, both get the same one, which is compiled once.
#
# link :: { zig } -> { record, define }
#
#   record   bash: writes `$out/link` from `log`, what zig says of how it linked `empty.c` with `-v`
#   define   bash: the function `linker_arguments`, for a cache with that file in `$warm`
{ zig }:
{
  record = ''
    read -ra words <<<"$(grep '^ld\.lld ' log | tail -n 1)"
    before=(${zig}/bin/zig ld.lld) after=() output=
    for word in "''${words[@]:1}"; do
      case $word in
        # Whether symbols stay is said by each call, and the sanitizer's runtime is not wanted.
        -s | -L* | *libubsan_rt.a | empty) ;;
        -o) output=1 ;;
        *crt1.o) before+=("$word") ;;
        *.o) ;;
        *) if [ -n "$output" ]; then after+=("$word"); else before+=("$word"); fi ;;
      esac
    done
    [ ''${#after[@]} -ge 3 ]
    printf 'before=(%s)\nafter=(%s)\n' "''${before[*]}" "''${after[*]}" >$out/link
  '';

  define = ''
    # linker_arguments ARGUMENT...: puts the whole command into `linker`; fails where there is more than objects, libraries
    # and options of the linker, which is left to zig.
    linker_arguments() {
      local argument words previous= before after
      . $warm/link
      linker=("''${before[@]}")
      for argument; do
        case $previous in
          -o | -L) linker+=("$previous" "$argument") previous= && continue ;;
          -Xlinker) linker+=("$argument") previous= && continue ;;
        esac
        case $argument in
          -o | -L | -Xlinker) previous=$argument ;;
          # All of these are in the C library, the unwinder and compiler-rt, which come last.
          -lc | -lm | -lpthread | -ldl | -lrt | -lutil | -lcrypt | -lresolv | -lxnet) ;;
          -lgcc | -lgcc_s | -lgcc_eh | -lunwind | -latomic | -lcompiler_rt) ;;
          # What every static program is, and no dynamic library is there to be found.
          -static | -static-pie | -pie | -no-pie | -nodefaultlibs | -m64 | --target=* | -Wl,-Bdynamic) ;;
          -lc++* | -lstdc++* | -Wl,-plugin*) return 1 ;;
          -Wl,*) IFS=, read -ra words <<<"''${argument#-Wl,}" && linker+=("''${words[@]}") ;;
          -s | -l?* | -L?*) linker+=("$argument") ;;
          -*) return 1 ;;
          *.o | *.a | *.rlib) linker+=("$argument") ;;
          *) return 1 ;;
        esac
      done
      linker+=("''${after[@]}")
    }
  '';
}
