# zig as C compiler, linker and C library for one target.
#
# cc :: { run, zig, tools, targets } -> string (a Rust target triple) -> derivation with bin/{cc,c++,ar,ranlib} and toolchain.cmake, and its `cache`
#
#   zig      derivation with bin/zig
#   tools    derivation with bin/ of bash and the POSIX commands; they run outside builds, too
#   targets  { <triple> : { os, zig, link ? "" } }; `link` is for every call that links
{
  run,
  zig,
  tools,
  targets,
}:
let
  today = import ./today.nix;

  # A static program of Linux is position independent; its start-up code and C library are other ones than usual.
  executable =
    triple:
    if targets.${triple}.os == "linux" && !(targets.${triple} ? link) then "-static -pie" else "";

  # zig's own linker for ELF writes a build id only if it is told to; the others' formats have their own.
  link =
    triple:
    targets.${triple}.link or (if targets.${triple}.os == "macos" then "" else "-Wl,--build-id=sha1");

  compiler =
    triple: program:
    "${zig}/bin/zig ${program} -target ${targets.${triple}.zig} -fno-sanitize=all ${processor triple}";

  # C that says when it was compiled says the same on every day; zig refuses it otherwise. The build's own programs do not
  # ship.
  dates =
    triple:
    if targets.${triple} ? link then
      ""
    else
      " '-D__DATE__=\"Jan  1 1980\"' '-D__TIME__=\"00:00:00\"' -Wno-builtin-macro-redefined -Wno-date-time";

  # zig's baseline for 32-bit ARM is older than Rust's, and its next one needs more: NEON, and twice the registers.
  processor =
    triple:
    if builtins.match "armv7-.*" triple != null then "-mcpu=generic+v7a+vfp3d16-neon-d32" else "";

  unwinder = triple: if targets.${triple}.os == "macos" then "" else "-lunwind";

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
          ${compiler triple "cc"} ${link triple} ${executable triple} $strip empty.c ${unwinder triple} -o empty
        done
      '';
    };

  # Arguments that zig knows by other names or brings by itself, as patterns of `case`.
  adapted = {
    # Position independent where the target can: zig ignores the one word that rustc says for it, and rustc says it for
    # few of the targets that can.
    linux = ''
      -static-pie) arguments+=(-static) argument=-pie ;;
      -no-pie) argument=-pie ;;'';
    # zig's C library of Windows is the universal one (ucrt), with what mingw adds to it.
    # Told of dynamic libraries alone it looks for DLLs and for no import library, which is what crates bring.
    windows = ''
      -nolibc | --unwindlib=none | -no-pie | -lmsvcrt | -lmingw32 | -lmingwex) continue ;;
      -Wl,-Bdynamic) argument=-Wl,-search_paths_first ;;'';
    macos = "";
  };

  # The linker for Windows writes the time into the program. It is that of C's `__DATE__`.
  before = {
    linux = "";
    windows = "export SOURCE_DATE_EPOCH=${today}";
    macos = "";
  };

  # What every call that links is told besides.
  more = {
    linux = "";
    windows = "";
    # A library is only said to be needed where something of it is used.
    macos = ''-Wl,-dead_strip_dylibs -L"''${0%/bin/*}/lib"'';
  };

  # Rust names the target in its own way and asks for gcc's unwinder; zig has the same under other names. zig also adds
  # undefined-behaviour checks unless told not to, which C that works everywhere else does not survive.
  wrapper = triple: program: ''
    #!${tools}/bin/bash
    triple=${triple} link=1 arguments=() frameworks=() previous=
    for argument; do
      [ "$previous" != -framework ] || frameworks+=("$argument")
      previous=$argument
      case $argument in
        --target=*) continue ;;
        -lgcc_s | -lgcc_eh) argument=-lunwind ;;
        -c | -S | -E | -M | -MM | -fsyntax-only | -v | --version | '-?') link= ;;
        ${builtins.getAttr targets.${triple}.os adapted}
      esac
      arguments+=("$argument")
    done
    # The cache is a writable copy of the warm one: a build's own, or the user's, where it outlives the warm one.
    warm=${warmCache triple} links=
    if [ -n "''${NIX_BUILD_TOP-}" ] && [ -z "''${IN_NIX_SHELL-}" ]; then
      cache=$NIX_BUILD_TOP/.zig-${triple} links=s
    else
      cache=''${warm##*/}
      cache=''${XDG_CACHE_HOME:-''${HOME:-/tmp}/.cache}/sealift/zig/${triple}-''${cache%%-*}
    fi
    export ZIG_GLOBAL_CACHE_DIR=$cache ZIG_LOCAL_CACHE_DIR=$cache
    if [ ! -e "$cache" ]; then
      copy=$cache.$$
      ${tools}/bin/mkdir -p "$copy"
      # What was compiled is only read, so links do; the rest zig locks or writes.
      ${tools}/bin/cp -R$links "$warm/o" "$copy/"
      for part in "$warm"/[!o]*; do ${tools}/bin/cp -R "$part" "$copy/"; done
      ${tools}/bin/chmod -R u+w "$copy"
      # Where another call was first, its copy is as good.
      ${tools}/bin/mv -T "$copy" "$cache" 2>/dev/null || ${tools}/bin/rm -rf "$copy"
    fi
    [ -n "$link" ] || exec ${compiler triple program}${dates triple} "''${arguments[@]}"
    log=''${TMPDIR:-/tmp}/link.$$ status=0
    ${before.${targets.${triple}.os}}
    ${compiler triple program}${dates triple} ${link triple} ${more.${targets.${triple}.os}} "''${arguments[@]}" 2>"$log" || status=$?
    ${tools}/bin/cat "$log" >&2
    [ $status = 0 ] || . ${explanation} >&2
    ${tools}/bin/rm -f "$log"
    exit $status
  '';

  # The builder shows it again as the last of all words, for which it leaves a copy where the build can find it.
  explanation = run {
    name = "explain-link-error";
    script = ''
      cat >$out <<'EOF'
      explain() {
        local hint='the whole command and its output stand above'
        if ${tools}/bin/grep -q 'unable to find .*framework' "$log"; then
          hint="what Apple's SDK alone has may not be shipped (frameworks asked for: ''${frameworks[*]}): turn off the dependency's feature that needs it, or build this target on a Mac"
        elif ${tools}/bin/grep -q 'undefined symbol' "$log"; then
          hint='a library that defines the symbol is not linked: its crate was built for another target, or its build script names a library of the host'
        elif ${tools}/bin/grep -q 'unable to find' "$log"; then
          hint='nothing of the host is linked: take a crate that compiles the library from source (a feature such as `bundled` or `vendored`)'
        fi
        printf 'cannot link for %s:\n' "$triple"
        { ${tools}/bin/grep -E 'error|undefined symbol|unable to find' "$log" || ${tools}/bin/tail -n 3 "$log"; } |
          ${tools}/bin/head -n 3 | ${tools}/bin/sed 's/^/  /'
        printf 'hint: %s\n' "$hint"
      }
      if [ -n "''${NIX_BUILD_TOP-}" ]; then explain | ${tools}/bin/tee "$NIX_BUILD_TOP/.link-error"; else explain; fi
      EOF
    '';
  };

  plain = program: ''
    #!${tools}/bin/bash
    exec ${zig}/bin/zig ${program} "$@"
  '';
in
triple:
let
  system =
    {
      linux = "Linux";
      macos = "Darwin";
      windows = "Windows";
    }
    .${targets.${triple}.os};
in
run {
  name = "cc-${triple}";
  env = {
    cc = wrapper triple "cc";
    cxx = wrapper triple "c++";
    ar = plain "ar";
    ranlib = plain "ranlib";
    # Every Mac has this library, which Rust's `libc` crate asks for and zig does not describe. What zig reads is the
    # text that Apple's linker reads (TAPI, version 4).
    iconv = ''
      --- !tapi-tbd
      tbd-version: 4
      targets: [ x86_64-macos, arm64-macos ]
      install-name: '/usr/lib/libiconv.2.dylib'
      current-version: 7
      compatibility-version: 7
      exports:
        - targets: [ x86_64-macos, arm64-macos ]
          symbols: [ _iconv, _iconv_close, _iconv_open, _iconvctl, _libiconv, _libiconv_close, _libiconv_open ]
      ...
    '';
    # For C and C++ that is built with CMake: the `cmake` crate finds it by CMAKE_TOOLCHAIN_FILE_<triple>.
    cmake = ''
      set(CMAKE_SYSTEM_NAME ${system})
      set(CMAKE_SYSTEM_PROCESSOR ${targets.${triple}.machine or "x86_64"})
      set(CMAKE_C_COMPILER "@out@/bin/cc")
      set(CMAKE_CXX_COMPILER "@out@/bin/c++")
      set(CMAKE_AR "@out@/bin/ar")
      set(CMAKE_RANLIB "@out@/bin/ranlib")
      # Nothing of the host is found by accident.
      set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
      set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
      set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
    '';
  };
  script = ''
    mkdir -p $out/bin $out/lib
    ${if targets.${triple}.os == "macos" then ''printf %s "$iconv" >$out/lib/libiconv.tbd'' else ""}
    printf %s "$cmake" | sed "s|@out@|$out|" >$out/toolchain.cmake
    printf %s "$cc" >$out/bin/cc
    printf %s "$cxx" >$out/bin/c++
    printf %s "$ar" >$out/bin/ar
    printf %s "$ranlib" >$out/bin/ranlib
    chmod +x $out/bin/*
  '';
}
// {
  cache = warmCache triple;
}
