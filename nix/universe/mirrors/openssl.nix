# What stands before make and perl, for OpenSSL alone: it writes into programs where it would be installed to, which is a
# directory of the build, and with which options its compiler ran.
#
# openssl :: { bash } -> { make, perl : program -> script }
#
# It is known by its Makefile, and by the script that writes the options down. Its crate asks for a directory that no machine
# has; these are OpenSSL's own defaults, which only administrators can write to.
{ bash }:
{
  make = program: ''
    #!${bash}
    makefile=
    [ ! -f Makefile ] || makefile=$(<Makefile)
    case $makefile in
      *$'\n'PLATFORM=*$'\n'OPENSSLDIR=*$'\n'ENGINESDIR=*)
        case $makefile in
          *$'\n'PLATFORM=mingw*)
            under='C:/Program Files/OpenSSL/lib'
            set -- 'OPENSSLDIR=C:/Program Files/Common Files/SSL' "$@"
            ;;
          *) under=/usr/local/lib ;;
        esac
        set -- "ENGINESDIR=$under/engines-3" "MODULESDIR=$under/ossl-modules" "$@"
        ;;
    esac
    exec ${program} "$@"
  '';

  perl = program: ''
    #!${bash}
    arguments=() options=
    for argument; do
      [ -z "$options" ] || argument=cc
      options=
      arguments+=("$argument")
      case $argument in */mkbuildinf.pl) options=1 ;; esac
    done
    exec ${program} "''${arguments[@]}"
  '';
}
