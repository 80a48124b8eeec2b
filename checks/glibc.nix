# A program for glibc, released for both processors with several floors. The gate `portable` has judged each; what they are
# linked with is looked at here once more, and checks/acceptance/glibc.sh runs them.
{ universe, lib, ... }:
let
  release =
    arguments:
    (lib.mkRelease (
      {
        inherit (universe) system;
        src = ./fixtures/glibc;
      }
      // arguments
    )).release;
  with' =
    glibc:
    release {
      targets = [ "x86_64-unknown-linux-gnu" ];
      formats = [ "archive" ];
      overrides.build.linux-gnu = { inherit glibc; };
    };
in
universe.run {
  name = "glibc";
  env = {
    default = release { };
    oldest = with' "2.17";
    newer = with' "2.36";
  };
  script = ''
    mkdir $out
    # For checks/acceptance/glibc.sh. It needs no library, so that every glibc loads it.
    echo 'int answer(void) { return 42; }' >plugin.c
    ${universe.cc "x86_64-unknown-linux-gnu.2.17"}/bin/cc -shared -fPIC -nostdlib plugin.c -o $out/plugin.so
    ln -s $default $out/2.28
    ln -s $oldest $out/2.17
    ln -s $newer $out/2.36
    for floor in 2.17 2.28 2.36; do
      for archive in $out/$floor/artifacts/*.tar.gz; do
        tar -xzf $archive
        program=$(echo glibc-*/glibc)
        # The names of versions are texts of the program, each with a zero behind.
        highest=$(tr '\0' '\n' <$program | grep -x 'GLIBC_[0-9.]*' | sort -t . -k 2n | tail -n 1)
        minor=''${highest#GLIBC_2.}
        [ ''${minor%%.*} -le ''${floor#2.} ]
        echo "$floor ''${archive##*/glibc-1.2.3-} $highest" >>found
        rm -r glibc-*
      done
    done
    cat found
    # The start of a program is of its version.
    grep -q '^2.36 .* GLIBC_2.34$' found
    cp found $out/
  '';
}
