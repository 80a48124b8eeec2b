# Makes what a crate compiles to the same from every host, as bash that stands before a call of rustc and changes its arguments.
#
# symbols :: { tools, … } -> bash
#
# cargo gives each crate a hash that becomes part of its symbols, and of their order. The host's name is in the hashes of
# build scripts and procedural macros, and so in those of every crate that has one. The hash that takes its place is that of
# the call, less what names a directory.
{ tools, ... }:
''
  metadata= target= previous= key=
  for argument; do
    [ "$previous" != --target ] || target=$argument
    case $previous in
      -C) case $argument in metadata=*) metadata=$argument ;; esac ;;
    esac
    previous=$argument
    case $argument in
      --target=*) target=''${argument#--target=} ;;
      metadata=* | extra-filename=* | --json=* | --error-format=* | --diagnostic-width=* | --color=* | --cap-lints=*) continue ;;
      *.rs) argument=''${argument#"''${CARGO_MANIFEST_DIR-}/"} ;;
      */*) continue ;;
    esac
    key+=$argument$'\n'
  done
  # Build scripts and procedural macros are compiled for no target: they stay here.
  if [ -n "$metadata" ] && [ -n "$target" ]; then
    key=$(printf '%s' "''${CARGO_PKG_NAME-} ''${CARGO_PKG_VERSION-} $key" | ${tools}/bin/sha256sum)
    arguments=()
    for argument; do
      [ "$argument" != "$metadata" ] || argument=metadata=''${key:0:16}
      arguments+=("$argument")
    done
    # The directory's name has such a hash, too, and panics in generated code name the file.
    [ -z "''${OUT_DIR-}" ] || arguments+=("--remap-path-prefix=$OUT_DIR=/target/build/''${CARGO_PKG_NAME-}-''${CARGO_PKG_VERSION-}/out")
    set -- "''${arguments[@]}"
  fi
''
