# The unpacked Debian packages, less what no build reads, with programs that find their loader and libraries in here.
{
  system,
  run,
  debs,
  machine,
  versions,
  ...
}:
run {
  name = "debian-root";
  env = { inherit debs; };
  script = ''
    mkdir -p $out/usr/bin $out/usr/sbin $out/usr/lib $out/usr/lib64
    # Debian 12 packages still ship /bin and /lib beside /usr; one root holds them merged.
    for directory in bin sbin lib lib64; do ln -s usr/$directory $out/$directory; done

    unpack() {
      mkdir $1.d
      case $2 in
        # Of the compiler's sources only the standard library is read, a thirtieth of them.
        *-rust-web-src_*) members='./usr/lib ./usr/src/rustc-${versions.rustc}/library' ;;
        *) members= ;;
      esac
      ar -p $2 data.tar.xz | tar -xJ -C $1.d $members
      rm -rf $1.d/usr/share $1.d/etc $1.d/var
    }
    export -f unpack
    number=0
    for deb in $debs; do
      number=$((number + 1))
      echo $number $deb
    done | xargs -P $NIX_BUILD_CORES -n 2 bash -euc 'unpack $0 $1'

    for unpacked in *.d; do
      for part in bin sbin lib lib64 usr; do
        [ -d $unpacked/$part ] || continue
        case $part in
          usr) cp -a $unpacked/usr/. $out/usr/ ;;
          *) cp -a $unpacked/$part/. $out/usr/$part/ ;;
        esac
      done
      rm -r $unpacked
    done

    library=$out/usr/lib/${machine.libraries}
    loader=$library/${machine.loader}
    patchelf="$loader --library-path $library $out/usr/bin/patchelf"
    # A library with a search path of its own would not use the program's, which is set below.
    for file in $library/*.so.*; do
      [ ! -h $file ] || continue
      [ -z "$($patchelf --print-rpath $file)" ] || $patchelf --remove-rpath $file
    done
    for program in $out/usr/bin/* $out/usr/libexec/rust-analyzer-proc-macro-srv; do
      [ -f $program ] && [ ! -h $program ] || continue
      case $(head -c 4 $program | od -An -tx1 | tr -d ' ') in 7f454c46) ;; *) continue ;; esac
      case $program in */patchelf) continue ;; esac
      $patchelf --print-interpreter $program >/dev/null 2>&1 || continue
      # DT_RPATH and not DT_RUNPATH: the libraries' own dependencies are looked up with it too.
      $patchelf --set-interpreter $loader --force-rpath --set-rpath $library $program
    done
  '';
}
