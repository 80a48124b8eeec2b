# What a manifest's `[build] tools` asks for, by its name there: what Debian's packages of the tool have beyond the root.
#
# build-tools :: parts -> { <name> : { package : derivation with bin/, environment : { <variable> : string },
#                            resources : of libclang, the directory of its own headers' include/ } }
#
# The programs find their loader and libraries in here and in the root, and what they read of /usr by their own place or
# by these variables.
{
  run,
  root,
  tools,
  machine,
  debsOfTools,
  ...
}:
let
  inherit (builtins)
    concatStringsSep
    intersectAttrs
    mapAttrs
    ;

  unpack =
    name:
    {
      programs ? [ ],
      test,
      script ? "",
      ...
    }:
    run {
      name = "tool-${name}";
      env.debs = debsOfTools.${name};
      script = ''
        mkdir -p $out/bin
        for deb in $debs; do
          ar -p $deb data.tar.xz | tar -xJ -C $out
        done
        # As in the root: Debian 12 packages still ship /bin and /lib beside /usr.
        for part in bin lib; do
          [ -d $out/$part ] && [ -n "$(ls -A $out/$part)" ] || continue
          mkdir -p $out/usr/$part
          cp -a $out/$part/. $out/usr/$part/
          rm -rf $out/$part
        done
        mkdir -p $out/bin
        rm -rf $out/etc $out/var $out/usr/share/doc $out/usr/share/man $out/usr/share/locale $out/usr/share/lintian

        loader=${root}/usr/lib/${machine.libraries}/${machine.loader}
        patchelf="$loader --library-path ''${loader%/*} ${root}/usr/bin/patchelf"
        search=$out/usr/lib/${machine.libraries}:''${loader%/*}
        find $out/usr -type f | while IFS= read -r file; do
          case $(head -c 4 "$file" | od -An -tx1 | tr -d ' ') in 7f454c46) ;; *) continue ;; esac
          # Objects to link with, and programs without a loader, have nothing to be set. A library that a build's own program
          # loads finds its own ones here, too.
          if $patchelf --print-interpreter "$file" >/dev/null 2>&1; then
            $patchelf --set-interpreter $loader --force-rpath --set-rpath $search "$file"
          elif $patchelf --print-soname "$file" >/dev/null 2>&1; then
            $patchelf --force-rpath --set-rpath $search "$file"
          fi
        done
        for program in ${concatStringsSep " " programs}; do
          ln -s ../usr/bin/$program $out/bin/$program
        done
        ${script}
        # A library that is missing shows here, and not in somebody's build.
        export PATH=$out/bin:$PATH
        ${test}
      '';
    };

  openssl = import ./openssl.nix { bash = "${tools}/bin/bash"; };
  # before NAME: a script in $out/bin that starts the program of that name in $out/usr/bin.
  before = name: ''
    cat >$out/bin/${name} <<'EOF'
    ${openssl.${name} "@out@/usr/bin/${name}"}EOF
    sed -i "s|@out@|$out|" $out/bin/${name}
    chmod +x $out/bin/${name}
  '';
  make = {
    script = before "make";
    # In a Makefile as OpenSSL's are, and in another one.
    test = ''
      printf '# own\nENGINESDIR=/own\nall:\n\t@echo $(ENGINESDIR)\n' >Makefile
      [ "$(make)" = /own ]
      printf '# openssl\nPLATFORM=linux\nOPENSSLDIR=/build\nENGINESDIR=/build\nall:\n\t@echo $(ENGINESDIR)\n' >Makefile
      [ "$(make)" = /usr/local/lib/engines-3 ]
    '';
  };

  described = {
    cmake = {
      programs = [
        "cmake"
        "ctest"
      ];
      inherit (make) script;
      # Its modules are beside it: it looks for them from where it is itself.
      test = ''
        printf 'cmake_minimum_required(VERSION 3.5)\nproject(x NONE)\ninclude(CheckCSourceCompiles)\n' >CMakeLists.txt
        cmake . && make
      '';
    };

    libclang = {
      script = "(cd $out && ln -s usr/lib/llvm-*/lib lib && ln -s usr/lib/llvm-*/lib/clang/* clang)";
      test = ''
        ls $out/lib/libclang-*.so.* $out/clang/include/stddef.h
        ! $loader --list $(ls $out/lib/libclang-*.so.* | head -n 1) | grep 'not found'
      '';
      environment = package: {
        LIBCLANG_PATH = "${package}/lib";
      };
      resources = package: "${package}/clang";
    };

    inherit make;

    nasm = {
      programs = [ "nasm" ];
      test = "nasm --version";
    };

    # Its modules are found by variables only. What a script starts as `$^X` is perl without this wrapper, so openssl's
    # configuration takes the name of the wrapper from PERL.
    perl = {
      script = ''
        ${before "perl"}
        modules=$(ls -d $out/usr/lib/*/perl/5.* $out/usr/share/perl/5.* $out/usr/lib/*/perl-base | tr '\n' :)
        sed -i "2i export PERL5LIB=\''${PERL5LIB:+\$PERL5LIB:}$modules" $out/bin/perl
        ln -s ../usr/bin/pod2man ../usr/bin/pod2html $out/bin/
      '';
      test = ''
        perl -MIPC::Cmd -MFindBin -MFile::Compare -MPOSIX -MData::Dumper -e 'print qq(perl $]\n)'
        mkdir util
        echo 'print "@ARGV"' >util/mkbuildinf.pl
        [ "$(perl util/mkbuildinf.pl '/build/cc -O2' linux)" = 'cc linux' ]
      '';
      environment = package: {
        PERL = "${package}/bin/perl";
      };
    };

    pkg-config = {
      programs = [
        "pkgconf"
        "pkg-config"
      ];
      test = "pkg-config --version";
    };

    protobuf = {
      programs = [ "protoc" ];
      test = ''
        printf 'syntax = "proto3"; import "google/protobuf/timestamp.proto"; message A { google.protobuf.Timestamp at = 1; }' >a.proto
        protoc --include_imports -o a.bin a.proto
      '';
      environment = package: {
        PROTOC = "${package}/bin/protoc";
        PROTOC_INCLUDE = "${package}/usr/include";
      };
    };
  };
in
# A lock that does not have a tool makes a universe that does not.
mapAttrs (
  name: tool:
  let
    package = unpack name tool;
  in
  {
    inherit package;
    environment = (tool.environment or (_package: { })) package;
    resources = (tool.resources or (_package: null)) package;
  }
) (intersectAttrs debsOfTools described)
