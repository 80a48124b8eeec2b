# One program of the Debian root, as a directory with `bin`.
#
# reader :: string -> derivation
{ root, run, ... }:
program:
run {
  name = program;
  script = ''
    mkdir -p $out/bin
    ln -s ${root}/usr/bin/${program} $out/bin/
    # dpkg-deb unpacks with tar, and with GNU's options.
    [ ${program} != dpkg-deb ] || ln -s ${root}/usr/bin/tar $out/bin/
  '';
}
