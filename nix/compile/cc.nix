# zig as C compiler, linker and C library for one target.
#
# cc :: { run, zig, tools, targets, linker } -> string (a Rust target triple) -> derivation with bin/{cc,c++,ar,ranlib} and toolchain.cmake,
#       its `cache`, and as `later` the same derivation with a cache that is compiled when something is first linked
#
# The triple of a glibc target is followed by the oldest glibc that programs run with, such as
# `x86_64-unknown-linux-gnu.2.17`; bin/link-cc is what rustc links for it with, which takes a `cc` by its name.
#
#   zig      derivation with bin/zig
#   tools    derivation with bin/ of bash and the POSIX commands; they also run outside builds
#   targets  { <triple> : { os, zig, link ? "" } }; `link` is for every call that links
#   linker   the path of what links build scripts and procedural macros
{
  run,
  zig,
  tools,
  targets,
  linker,
}:
let
  # A triple and its glibc, or null.
  withGlibc = builtins.match "(.*-linux-gnu)[.]([0-9.]+)";
  facts =
    triple:
    let
      split = withGlibc triple;
      target = (import ../table/targets.nix).${builtins.head split};
    in
    if split == null then
      targets.${triple}
    else
      target // { zig = "${target.zig}.${builtins.elemAt split 1}"; };

  today = import ./today.nix;
  anyCase = import ./any-case.nix { inherit run zig; };
  directly = import ./link.nix { inherit zig; };

  # Text for targets with glibc only.
  ofGlibc = triple: text: if withGlibc triple == null then "" else text;

  # Neither the build's own programs are static nor those for glibc.
  isStatic = triple: (facts triple).libc or null == "musl";

  # A static program is position independent; its start-up code and C library are other ones than usual.
  executable = triple: if isStatic triple then "-static -pie" else "";

  # Objects without a word on it have to fit into such a program: what `configure` or cmake try would not link otherwise, and be
  # taken for missing.
  independent = triple: if isStatic triple then " -fPIC" else "";

  # zig's own ELF linker writes a build ID only if told to; the other formats have their own.
  link =
    triple: (facts triple).link or (if (facts triple).os == "macos" then "" else "-Wl,--build-id=sha1");

  compiler =
    triple: program:
    "${zig}/bin/zig ${program} -target ${(facts triple).zig} -fno-sanitize=all ${processor triple}";

  # Makes `__DATE__` and `__TIME__` constant; zig refuses them otherwise. The build's own programs do not
  # ship.
  dates =
    triple:
    if (facts triple) ? link then
      ""
    else
      " '-D__DATE__=\"Jan  1 1980\"' '-D__TIME__=\"00:00:00\"' -Wno-builtin-macro-redefined -Wno-date-time";

  # Headers of Windows are found by names in any case.
  headers = triple: if (facts triple).os == "windows" then " -ivfsoverlay ${anyCase}" else "";

  # zig's baseline for 32-bit ARM is older than Rust's, and its next one needs more: NEON, and twice the registers.
  processor =
    triple:
    if builtins.match "armv7-.*" triple != null then "-mcpu=generic+v7a+vfp3d16-neon-d32" else "";

  unwinder = triple: if (facts triple).os == "macos" then "" else "-lunwind";

  # A compiled C library and start-up code, that for stripped programs. Without it every build spends a minute on them; the
  # bytes are the same.
  warmCache =
    triple:
    run {
      name = "zig-cache-${triple}";
      script = ''
        export ZIG_GLOBAL_CACHE_DIR=$out ZIG_LOCAL_CACHE_DIR=$out
        printf 'int main(void) { return 0; }\n' >empty.c
        if ! ${compiler triple "cc"} ${link triple} ${executable triple} -Wl,--strip-all -v empty.c ${unwinder triple} -o empty >log 2>&1; then
          cat log >&2
          exit 1
        fi
        ${if isStatic triple then directly.record else ""}
      '';
    };

  # Arguments that zig knows by other names or adds itself, as patterns for `case`.
  adapted = {
    # Position independent if the target supports it: zig ignores the option that rustc passes for it, and rustc passes
    # it for only a few of these targets.
    linux = ''
      -static-pie) arguments+=(-static) argument=-pie ;;
      -no-pie) argument=-pie ;;'';
    # zig's C library of Windows is the universal one (ucrt), with what mingw adds to it.
    # With only dynamic libraries allowed, zig looks for DLLs and not for import libraries, which crates contain.
    windows = ''
      -nolibc | --unwindlib=none | -no-pie | -lmsvcrt | -lmingw32 | -lmingwex) continue ;;
      -Wl,-Bdynamic) argument=-Wl,-search_paths_first ;;
      # rustc's list of what a DLL exports; zig takes such a file, and not as an option of the linker.
      -Wl,*.def) argument=''${argument#-Wl,} ;;
      # So are its libraries. Some of the SDK's are there by the names of the DLLs alone.
      -l?*)
        lower=''${argument,,}
        case $lower in
          -ld3dcompiler) argument=-ld3dcompiler_47 ;;
          -lruntimeobject)
            arguments+=(-lapi-ms-win-core-winrt-{error-l1-1-0,error-l1-1-1,registration-l1-1-0,robuffer-l1-1-0,string-l1-1-0})
            argument=-lapi-ms-win-core-winrt-l1-1-0 ;;
          -lsynchronization) argument=-lapi-ms-win-core-synch-l1-2-0 ;;
          -lxinput) argument=-lxinput1_4 ;;
          *)
            for definition in ${zig}/lib/libc/mingw/lib-common/"''${lower#-l}".def*; do
              [ ! -e "$definition" ] || argument=$lower
            done ;;
        esac ;;'';
    # zig brings what it has of the SDK.
    macos = ''
      -isysroot | -framework) continue ;;
      -l?*) libraries+=("lib''${argument#-l}") ;;'';
  };

  # What is done before a call that links. The Windows linker writes the time into the program. It is the same as for C's
  # `__DATE__`.
  before = {
    linux = "";
    windows = "export SOURCE_DATE_EPOCH=${today}";
    # The signature names the program as its file is called. That of rustc has cargo's hash in it, another one on every host.
    macos = ''
      for index in "''${!command[@]}"; do
        if [ "''${command[index]}" = -o ] && [[ ''${command[index + 1]} =~ ^(.*/)?([^/]+)-[0-9a-f]{16}$ ]]; then
          output=''${command[index + 1]} named=''${BASH_REMATCH[1]}.link.$$/''${BASH_REMATCH[2]}
          ${tools}/bin/mkdir "''${named%/*}"
          command[index + 1]=$named
          trap '[ ! -e "$named" ] || ${tools}/bin/mv "$named" "$output"; ${tools}/bin/rm -rf "''${named%/*}"' EXIT
        fi
      done'';
  };

  # Further arguments for every call that links.
  more = {
    linux = "";
    windows = "";
    # A library is recorded as needed only if something in it is used, or it is asked for.
    macos = ''-Wl,-dead_strip_dylibs "''${system[@]}"'';
  };

  # The libraries of macOS: of an SDK where the caller has one, else the stubs (frameworks/default.nix), with what frameworks
  # bring along.
  system = {
    linux = "";
    windows = "";
    macos = ''
      stubs=''${SEALIFT_MACOS_STUBS-} system=()
      if [ -d "''${SDKROOT-}/System/Library/Frameworks" ]; then
        system=(-F"$SDKROOT/System/Library/Frameworks" -L"$SDKROOT/usr/lib")
      elif [ -n "$stubs" ]; then
        system=(-F"$stubs/Frameworks" -L"$stubs/lib")
        while read -ra words; do
          case " ''${libraries[*]} " in *" ''${words[0]} "*) ;; *) continue ;; esac
          for word in "''${words[@]:1}"; do
            case $word in lib*) system+=("-l''${word#lib}") ;; *) system+=(-framework "$word") ;; esac
          done
        done <"$stubs/implied"
      fi'';
  };

  # Rust names the target in its own way and asks for gcc's unwinder; zig has the same under other names. zig also adds
  # undefined-behavior checks unless told not to, which abort C code that works everywhere else.
  wrapper = triple: warm: program: ''
    #!${tools}/bin/bash
    triple=${triple} link=1 arguments=() libraries=() previous= of_rustc= inputs= asks= relocatable=
    # What is compiled and linked in one call, as by the probes of `configure`, gets the C library that there is.
    executable='${if isStatic triple then "${executable triple} -Wl,--strip-all" else ""}'
    ${if isStatic triple then directly.define else "linker_arguments() { return 1; }"}
    for argument; do
      case $previous in
        # It is loaded, even if the program uses classes of it only by their names.
        -framework) previous= libraries+=("$argument") arguments+=("-Wl,-needed_framework,$argument") && continue ;;
        -isysroot) previous= && continue ;;
      esac
      previous=$argument
      case $argument in
        # The linker optimizes by itself, and zig warns of being told.
        --target=* | -Wl,-O[0-9]) continue ;;
        *.rcgu.o) of_rustc=1 ;;
        -shared) executable= ;;
        -r) executable= relocatable=1 ;;
        -lgcc_s | -lgcc_eh) argument=-lunwind ;;
        -c | -S | -E | -M | -MM | -fsyntax-only | --version | '-?') link= ;;
        # Alone it asks for the version. cmake's first probe links with it.
        -v) asks=1 ;;
        [!-]*) inputs=1 ;;
        ${builtins.getAttr (facts triple).os adapted}${ofGlibc triple "\n# rustc's own linker, where it has one.\n-fuse-ld=* | -B*) continue ;;"}
      esac
      arguments+=("$argument")
    done
    [ -z "$asks" ] || [ -n "$inputs" ] || link=
    sandbox=1 caches=''${NIX_BUILD_TOP-}
    if [ -z "$caches" ] || [ -n "''${IN_NIX_SHELL-}" ]; then
      sandbox= caches=''${XDG_CACHE_HOME:-''${HOME:-/tmp}/.cache}/sealift
    fi
    export ZIG_GLOBAL_CACHE_DIR=$caches/zig ZIG_LOCAL_CACHE_DIR=$caches/zig
    if [ -z "$link" ]; then
      # Two places have other names on another host: that of zig's headers, and the directory of a build script.
      arguments+=("-ffile-prefix-map=${zig}=/zig")
      [ -z "''${OUT_DIR-}" ] || arguments+=("-ffile-prefix-map=$OUT_DIR=/target/build/''${CARGO_PKG_NAME-}-''${CARGO_PKG_VERSION-}/out")
      exec ${compiler triple program}${dates triple}${headers triple}${independent triple} "''${arguments[@]}"
    fi
    ${warm}
    ${if program == "c++" then ofCpp else "plain=1"}
    if [ -n "$plain" ] && linker_arguments "$@"; then
      command=("''${linker[@]}")
    else
      . ${copyWarmCache}
      ${stripped triple}
      ${system.${(facts triple).os}}
      command=(${compiler triple program}${dates triple}${headers triple} ${link triple} ${more.${(facts triple).os}} $executable "''${arguments[@]}")
    fi
    log=''${TMPDIR:-/tmp}/link.$$ status=0
    ${before.${(facts triple).os}}
    "''${command[@]}" 2>"$log" || status=$?
    ${tools}/bin/cat "$log" >&2
    [ $status = 0 ] || . ${explanation triple} >&2
    ${tools}/bin/rm -f "$log"
    exit $status
  '';

  # zig links with a writable copy of the warm cache: a build's own, or the user's, where it outlives the warm one.
  copyWarmCache = run {
    name = "copy-warm-cache";
    script = ''
      cat >$out <<'EOF'
      links=
      [ -z "$sandbox" ] || links=s
      cache=''${warm##*/}
      cache=$caches/zig-$triple-''${cache%%-*}
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
      EOF
    '';
  };

  # Nobody debugs the programs that a build runs, nor what build scripts try to link, and another C library would have to be
  # compiled for them: for symbols one, and one for small programs. Of Windows' that takes minutes.
  stripped =
    triple:
    if (facts triple) ? link then
      ''[ -z "$sandbox" ] || arguments+=(-Wl,--strip-all)''
    else
      ''
        if [ -z "$of_rustc$relocatable" ]; then
          for index in "''${!arguments[@]}"; do
            case ''${arguments[index]} in -O[sz]) arguments[index]=-O2 ;; esac
          done
          arguments+=(-Wl,--strip-all)
        fi'';

  # What cmake tries a compiler with needs nothing of the C++ library, which would have to be compiled: a file that it names, or
  # one in the directory where it is. Anything else in C++ is not left to the linker alone.
  ofCpp = ''
    plain=
    for tried in "$@" CMakeFiles/*.dir/{CMakeCXXCompilerABI.cpp,testCXXCompiler.cxx}.o*; do
      case $tried in
        *CMakeCXXCompilerId.cpp) plain=1 ;;
        CMakeFiles/*.dir/CMakeCXXCompilerABI.cpp.o* | CMakeFiles/*.dir/testCXXCompiler.cxx.o*) [ ! -e "$tried" ] || plain=1 ;;
      esac
    done
    [ -z "$plain" ] || arguments+=(-nostdlib++)'';

  # What rustc cannot link fails the build. The builder shows that again as the last of all words, for which a copy is left
  # where the build can find it. Other links may be probes of a build script, which go wrong as a matter of course.
  explanation =
    triple:
    run {
      name = "explain-link-error";
      script = ''
        cat >$out <<'EOF'
        explain() {
          local hint='the whole command and its output stand above' missing=
          # A framework or a symbol of macOS that no list has.
          if [ -n "''${stubs-}" ]; then
            missing=$("$stubs/bin/frameworks" explain "$stubs/lists" "$log" "''${libraries[@]}") || missing=
          fi
          if [ -n "$missing" ]; then
            printf 'cannot link for %s:\n%s\n' "$triple" "$missing"
            return
          elif ${tools}/bin/grep -q 'undefined symbol' "$log"; then
            hint='a library that defines the symbol is not linked: its crate was built for another target, or its build script names a library of the host${ofGlibc triple "; a symbol of a newer glibc needs a higher `glibc` below `[build.linux-gnu]`"}'
          elif ${tools}/bin/grep -q 'unable to find' "$log"; then
            hint='nothing of the host is linked: take a crate that compiles the library from source (a feature such as `bundled` or `vendored`)'
          fi
          printf 'cannot link for %s:\n' "$triple"
          { ${tools}/bin/grep -E 'error|undefined symbol|unable to find' "$log" || ${tools}/bin/tail -n 3 "$log"; } |
            ${tools}/bin/head -n 3 | ${tools}/bin/sed 's/^/  /'
          printf 'hint: %s\n' "$hint"
        }
        if [ -n "$of_rustc" ] && [ -n "''${NIX_BUILD_TOP-}" ]; then explain | ${tools}/bin/tee "$NIX_BUILD_TOP/.link-error"; else explain; fi
        EOF
      '';
    };

  # For a glibc target: where the host has the same triple, cargo lets one program link for both.
  chooses = triple: ''
    #!${tools}/bin/bash
    for argument; do
      # From ./rustflags.nix.
      [ "$argument" != --target=${builtins.head (withGlibc triple)} ] || exec "''${0%/*}/cc" "$@"
    done
    exec ${linker} "$@"
  '';

  plain = program: ''
    #!${tools}/bin/bash
    exec ${zig}/bin/zig ${program} "$@"
  '';
  # The directory for one target; `warm` is bash that sets the variable of this name to the warm cache.
  directory =
    triple: warm:
    let
      system =
        {
          linux = "Linux";
          macos = "Darwin";
          windows = "Windows";
        }
        .${(facts triple).os};
    in
    run {
      name = "cc-${triple}";
      env = {
        cc = wrapper triple warm "cc";
        cxx = wrapper triple warm "c++";
        ar = plain "ar";
        ranlib = plain "ranlib";
        # For C and C++ that is built with CMake: the `cmake` crate finds it by CMAKE_TOOLCHAIN_FILE_<triple>.
        cmake = ''
          set(CMAKE_SYSTEM_NAME ${system})
          set(CMAKE_SYSTEM_PROCESSOR ${(facts triple).machine or "x86_64"})
          set(CMAKE_C_COMPILER "@out@/bin/cc")
          set(CMAKE_CXX_COMPILER "@out@/bin/c++")
          set(CMAKE_AR "@out@/bin/ar")
          set(CMAKE_RANLIB "@out@/bin/ranlib")
          # Nothing of the host is found by accident.
          set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
          set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
          set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
        '';
      }
      // (if withGlibc triple == null then { } else { link = chooses triple; });
      script = ''
        mkdir -p $out/bin
        printf %s "$cmake" | sed "s|@out@|$out|" >$out/toolchain.cmake
        printf %s "$cc" >$out/bin/cc
        printf %s "$cxx" >$out/bin/c++
        printf %s "$ar" >$out/bin/ar
        printf %s "$ranlib" >$out/bin/ranlib${ofGlibc triple "\nprintf %s \"$link\" >$out/bin/link-cc"}
        chmod +x $out/bin/*
      '';
    };
in
triple:
directory triple "warm=${warmCache triple}"
// {
  cache = warmCache triple;
  later = directory triple ''
    ${import ./later.nix {
      derivation = warmCache triple;
      what = "the C library of ${triple}";
    }}
    warm=$later
  '';
}
