# Windows does not tell `PowrProf.h` from `powrprof.h`, and code for it names headers in either way. zig's are in lower case: this
# lets clang find them by any.
#
# anyCase :: { run, zig } -> derivation: a file for clang's option `-ivfsoverlay`
#            (clang's RedirectingFileSystem: a tree of files, the names of which are compared without their case)
{ run, zig }:
run {
  name = "windows-headers-in-any-case";
  script = ''
    headers=${zig}/lib/libc/include/any-windows-any
    entries() {
      local file separator=
      for file in "$1"/*; do
        [ ! -d "$file" ] || continue
        printf '%s\n{"type": "file", "name": "%s", "external-contents": "%s"}' "$separator" "''${file##*/}" "$file"
        separator=,
      done
    }
    {
      printf '{"version": 0, "case-sensitive": "false", "roots": ['
      separator=
      while read -r directory; do
        printf '%s\n{"type": "directory", "name": "%s", "contents": [' "$separator" "$directory"
        entries "$directory"
        printf ']}'
        separator=,
      done < <(find "$headers" -type d | LC_ALL=C sort)
      printf ']}\n'
    } >$out
  '';
}
