# rustc's sysroot: Debian's own standard library for the host, and one per target compiled from source.
#
# sysroot :: parts -> { now, later, standard }
#
#   now       [ string (Rust target triples) ] -> derivation with lib/rustlib, and with shipped/lib/rustlib for programs that
#             ship for the host's triple
#   later     the same, with links to what is not built yet
#   standard  string -> derivation, the standard library of one target
{
  run,
  root,
  tools,
  zig,
  cc,
  machine,
  targets,
  shared,
  versions,
  ...
}:
let
  # cargo hashes the host's name into the symbols of what depends on a build script. Every host gives this one, so that the
  # standard library is the same from all of them. Nothing in it asks what the host is.
  nominal = "x86_64-unknown-linux-gnu";
  rename =
    if machine.triple == nominal then
      ""
    else
      ''
        if [ "$*" = -vV ]; then
          ${root}/usr/bin/rustc -vV | ${tools}/bin/sed 's/^host: .*/host: ${nominal}/'
          exit
        fi
      '';

  manifest = ''
    [package]
    name = "standard"
    version = "0.0.0"
    edition = "2024"

    [profile.release]
    codegen-units = 1
  '';

  # cargo gives every crate of a profile one panic strategy. These two have their own: panic_abort by definition, and the
  # builtins because programs without std link them and have no unwinder.
  compiler = run {
    name = "rustc-for-std";
    script = ''
      cat >$out <<'EOF'
      #!${tools}/bin/bash
      ${rename}case " $* " in
        *" --crate-name panic_abort "* | *" --crate-name compiler_builtins "*) set -- "$@" -C panic=abort ;;
      esac
      exec ${root}/usr/bin/rustc "$@"
      EOF
      chmod +x $out
    '';
  };

  # For std's build scripts. Not `cc`, so that a change of what ships is linked with does not compile std again.
  linker = run {
    name = "linker-for-std";
    script = ''
      cat >$out <<'EOF'
      #!${tools}/bin/bash
      export ZIG_GLOBAL_CACHE_DIR=$NIX_BUILD_TOP/.zig ZIG_LOCAL_CACHE_DIR=$NIX_BUILD_TOP/.zig
      arguments=()
      for argument; do
        case $argument in
          --target=*) ;;
          -lgcc_s | -lgcc_eh) arguments+=(-lunwind) ;;
          *) arguments+=("$argument") ;;
        esac
      done
      exec ${zig}/bin/zig cc -target ${targets.${machine.triple}.zig} ${targets.${machine.triple}.link} -Wl,--strip-all "''${arguments[@]}"
      EOF
      chmod +x $out
    '';
  };

  standard =
    triple:
    let
      variable = builtins.replaceStrings [ "-" ] [ "_" ] triple;
      upper = shared.upper variable;
      rustflags = shared.rustflags triple;
      source = "${root}/usr/src/rustc-${versions.rustc}";
    in
    run {
      name = "std-${triple}";
      env = {
        # Nothing is linked for the target, and a new linker must not compile std again.
        "CARGO_TARGET_${upper}_LINKER" = "false";
      }
      // {
        # -Zbuild-std is the only way to compile std, and stable rustc has it behind this.
        RUSTC_BOOTSTRAP = "1";
        RUSTC = "${compiler}";
        # The target's triple may be this one.
        "CARGO_TARGET_${shared.upper (builtins.replaceStrings [ "-" ] [ "_" ] nominal)}_LINKER" = "${
          linker
        }";
        # Bitcode beside the machine code lets a program's own link-time optimization reach into std.
        RUSTFLAGS = "-C embed-bitcode=yes --remap-path-prefix=${source}=/rustc/${versions.rustc} --remap-path-prefix=${root}/usr/lib/rustlib/src/rust=/rustc/${versions.rustc} ${builtins.concatStringsSep " " rustflags}";
        inherit manifest;
      };
      script = ''
        cp -R ${(cc machine.triple).cache} $NIX_BUILD_TOP/.zig
        chmod -R u+w $NIX_BUILD_TOP/.zig
        mkdir -p src .cargo
        printf '%s' "$manifest" >Cargo.toml
        printf '#![no_std]\n' >src/lib.rs
        printf '[source.crates-io]\nreplace-with = "std"\n[source.std]\ndirectory = "${source}/library/vendor"\n' >.cargo/config.toml
        ${root}/usr/bin/cargo build --quiet --offline --release --target ${triple} \
          -Z build-std=std,panic_abort,panic_unwind,proc_macro,test
        mkdir -p $out
        rm -f target/${triple}/release/deps/libstandard-*
        mv target/${triple}/release/deps/*.rlib target/${triple}/release/deps/*.rmeta $out/
      '';
    };

  sysroot =
    pathOf: triples:
    run {
      name = "sysroot";
      script = ''
        mkdir -p $out/lib/rustlib
        ln -s ${root}/usr/lib/rustlib/${machine.triple} ${root}/usr/lib/rustlib/src ${root}/usr/lib/rustlib/etc $out/lib/rustlib/
        mkdir -p $out/libexec
        ln -s ${root}/usr/libexec/rust-analyzer-proc-macro-srv $out/libexec/
        ${builtins.concatStringsSep "\n" (
          map (
            triple:
            let
              # What ships must not depend on who compiles, so it has a standard library of its own also for the host's triple.
              place =
                if triple == machine.triple then
                  "$out/shipped/lib/rustlib/${triple}"
                else
                  "$out/lib/rustlib/${triple}";
            in
            ''
              mkdir -p ${place}
              ln -s ${pathOf (standard triple)} ${place}/lib
            ''
          ) triples
        )}
      '';
    };
in
{
  inherit standard;
  now = sysroot (derivation: "${derivation}");
  later = sysroot (derivation: builtins.unsafeDiscardStringContext derivation.outPath);
}
