# zig as C compiler, linker and C library for one target.
#
# cc :: string (a Rust target triple) -> derivation with bin/{cc,c++,ar,ranlib}
{
  run,
  zig,
  tools,
  targets,
  ...
}:
let
  # A compiled C library and start-up code. Without it every build spends a minute on them; the bytes are the same.
  warmCache =
    triple:
    run {
      name = "zig-cache-${triple}";
      script = ''
        export ZIG_GLOBAL_CACHE_DIR=$out ZIG_LOCAL_CACHE_DIR=$out
        printf 'int main(void) { return 0; }\n' >empty.c
        # zig has one C library for stripped programs and another for those that keep their symbols.
        for strip in "" -Wl,--strip-all; do
          ${zig}/bin/zig cc -target ${targets.${triple}.zig} -fno-sanitize=all ${targets.${triple}.link} $strip \
            empty.c -lunwind -o empty
        done
      '';
    };

  # Rust names the target in its own way and asks for gcc's unwinder; zig has the same under other names. zig also adds
  # undefined-behaviour checks unless told not to, which C that works everywhere else does not survive.
  wrapper = triple: program: ''
    #!${tools}/bin/bash
    link='${targets.${triple}.link}' arguments=()
    for argument; do
      case $argument in
        --target=*) continue ;;
        -lgcc_s | -lgcc_eh) argument=-lunwind ;;
        -c | -S | -E | -M | -MM | -fsyntax-only) link= ;;
      esac
      arguments+=("$argument")
    done
    # In a build the cache is a writable copy of the warm one; in a shell it is the user's own.
    if [ -n "''${NIX_BUILD_TOP-}" ] && [ -z "''${IN_NIX_SHELL-}" ]; then
      export ZIG_GLOBAL_CACHE_DIR=$NIX_BUILD_TOP/.zig-${triple} ZIG_LOCAL_CACHE_DIR=$NIX_BUILD_TOP/.zig-${triple}
      if [ ! -e "$ZIG_GLOBAL_CACHE_DIR" ]; then
        copy=$ZIG_GLOBAL_CACHE_DIR.$$
        # What was compiled is only read, so links do; the rest zig locks or writes.
        ${tools}/bin/mkdir "$copy"
        ${tools}/bin/cp -Rs ${warmCache triple}/o "$copy/"
        for part in ${warmCache triple}/[!o]*; do ${tools}/bin/cp -R "$part" "$copy/"; done
        ${tools}/bin/chmod -R u+w "$copy"
        # Where another call was first, its copy is as good.
        ${tools}/bin/mv -T "$copy" "$ZIG_GLOBAL_CACHE_DIR" 2>/dev/null || ${tools}/bin/rm -rf "$copy"
      fi
    fi
    exec ${zig}/bin/zig ${program} -target ${targets.${triple}.zig} -fno-sanitize=all $link "''${arguments[@]}"
  '';

  plain = program: ''
    #!${tools}/bin/bash
    exec ${zig}/bin/zig ${program} "$@"
  '';
in
triple:
run {
  name = "cc-${triple}";
  env = {
    cc = wrapper triple "cc";
    cxx = wrapper triple "c++";
    ar = plain "ar";
    ranlib = plain "ranlib";
  };
  script = ''
    mkdir -p $out/bin
    printf %s "$cc" >$out/bin/cc
    printf %s "$cxx" >$out/bin/c++
    printf %s "$ar" >$out/bin/ar
    printf %s "$ranlib" >$out/bin/ranlib
    chmod +x $out/bin/*
  '';
}
