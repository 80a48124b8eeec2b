# A linker that fails says in three lines what it missed, with a hint. Where rustc called it, it leaves them for the end of
# the build's log.
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
    mac=${universe.cc "aarch64-apple-darwin"}
    export SEALIFT_MACOS_STUBS=${universe.commonStubs}
    # rustc's objects have names like these.
    for name in main symbol; do
      $linux/bin/cc -c $name.c -o $name.rcgu.o
    done
    $mac/bin/cc -c main.c -o mac.rcgu.o
    # Links in the same way as rustc, for which the C library is already compiled.
    refused $linux 'a library that defines the symbol is not linked' -static-pie symbol.rcgu.o
    refused $linux 'nothing of the host is linked' -static-pie main.rcgu.o -lnowhere
    # What no list of a macOS library has; what one has that is not linked.
    printf 'int SecMisspelt(void); int main(void) { return SecMisspelt(); }\n' >misspelt.c
    printf 'int CFRelease(void *); int main(void) { return CFRelease(0); }\n' >elsewhere.c
    for name in misspelt elsewhere; do
      $mac/bin/cc -c $name.c -o $name.rcgu.o
    done
    refused $mac 'in the manifest: `.build.macos. symbols = { Nowhere = \["…"\] }`' -Wl,-s mac.rcgu.o -framework Nowhere
    refused $mac 'in the manifest: `.build.macos. symbols = { Security = \["SecMisspelt"\] }`' misspelt.rcgu.o -framework IOKit -framework Security
    refused $mac 'must link the framework CoreFoundation' elsewhere.rcgu.o -framework Security
    $mac/bin/cc elsewhere.rcgu.o -framework Foundation -o program

    # What keeps its symbols and what does not is linked with the same C library.
    $linux/bin/cc -static-pie main.rcgu.o -o whole
    $linux/bin/cc -static-pie -Wl,--strip-all main.rcgu.o -o stripped
    ./whole
    ./stripped
    [ $(wc -c <stripped) -lt $(wc -c <whole) ]

    # A probe of a build script that fails is explained, but is not what made the build fail.
    rm -f $NIX_BUILD_TOP/.link-error
    ! $linux/bin/cc symbol.c -o program 2>said
    grep '^cannot link for ' said
    [ ! -e $NIX_BUILD_TOP/.link-error ]

    # A query about the compiler is not a failed link.
    rm -f $NIX_BUILD_TOP/.link-error
    $linux/bin/cc '-?' 2>/dev/null || true
    [ ! -e $NIX_BUILD_TOP/.link-error ]
    touch $out
  '';
}
