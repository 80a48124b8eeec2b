# A linker that fails says in three lines what it missed, with a hint, and leaves them for the end of the build's log.
{ universe, ... }:
universe.run {
  name = "link-errors";
  script = ''
    printf 'int missing(void); int main(void) { return missing(); }\n' >symbol.c
    printf 'int main(void) { return 0; }\n' >main.c

    # refused COMPILER HINT ARGUMENT...: what it says stands at the end, and in the file for the builder.
    refused() {
      local cc=$1 hint=$2
      shift 2
      rm -f $NIX_BUILD_TOP/.link-error
      if $cc/bin/cc "$@" -o program 2>said; then
        echo "cc $* does not fail" >&2
        exit 1
      fi
      cat said
      lines=$(wc -l <$NIX_BUILD_TOP/.link-error)
      tail -n $lines said | cmp - $NIX_BUILD_TOP/.link-error
      grep -q '^cannot link for ' $NIX_BUILD_TOP/.link-error
      tail -n 1 said | grep "^hint: .*$hint"
      [ $lines -le 5 ]
    }
    linux=${universe.cc "x86_64-unknown-linux-musl"}
    # As rustc links, for which the C library is compiled already.
    refused $linux 'a library that defines the symbol is not linked' -static-pie symbol.c
    refused $linux 'nothing of the host is linked' -static-pie main.c -lnowhere
    refused ${universe.cc "aarch64-apple-darwin"} 'frameworks asked for: CoreFoundation' main.c -framework CoreFoundation

    # A question about the compiler is no failed link.
    rm -f $NIX_BUILD_TOP/.link-error
    $linux/bin/cc '-?' 2>/dev/null || true
    [ ! -e $NIX_BUILD_TOP/.link-error ]
    touch $out
  '';
}
