# Debian's Rust tools with a sysroot that has the targets, under their usual names. The analyzer and the source come with them.
#
# rust :: parts -> { build, develop : [ string (Rust target triples) ] -> derivation with bin/{cargo,rustc,rustdoc,clippy-driver,…} }
#
# `develop` compiles a target's standard library when something is first compiled for the target.
{
  run,
  root,
  tools,
  machine,
  sysroot,
  shared,
  ...
}@parts:
let
  symbols = import ./symbols.nix parts;
  host = machine.triple;

  # cargo names the target only where it compiles what ships.
  select = sysroot: ''
    sysroot=${sysroot} previous=
    for argument; do
      case $previous$argument in
        *--target=${host} | --target${host}) sysroot=${sysroot}/shipped ;;
      esac
      previous=$argument
    done
  '';

  rust =
    sysroot: triples: before:
    run {
      name = "rust";
      env = {
        before = before + (if builtins.elem host triples then select sysroot else "");
        inherit symbols;
      };
      script = ''
        mkdir -p $out/bin
        for program in rustc rustdoc clippy-driver; do
          printf '#!${tools}/bin/bash\n' >$out/bin/$program
          printf %s "$before" >>$out/bin/$program
          [ $program != rustc ] || printf %s "$symbols" >>$out/bin/$program
          # At the end: clippy-driver takes a first argument for the compiler that it stands in for.
          printf 'exec ${root}/usr/bin/%s "$@" --sysroot ${
            if builtins.elem host triples then "\"$sysroot\"" else sysroot
          }\n' $program >>$out/bin/$program
          chmod +x $out/bin/$program
        done
        # cargo-clippy looks for clippy-driver beside itself, so it is a copy and no link.
        cp ${root}/usr/bin/cargo-clippy $out/bin/
        for program in cargo cargo-fmt rustfmt rust-analyzer; do
          ln -s ${root}/usr/bin/$program $out/bin/
        done
        ln -s ${sysroot}/lib ${sysroot}/libexec $out/
      '';
    };

  standardLater = triple: ''
    ${triple})
      ${shared.later {
        derivation = sysroot.standard triple;
        what = "the standard library for ${triple}";
      }}
      ;;
  '';
in
{
  build = triples: rust (sysroot.now triples) triples "";

  develop =
    triples:
    rust (sysroot.later triples) triples ''
      previous= triple=
      for argument; do
        [ "$previous" != --target ] || triple=$argument
        previous=$argument
        case $argument in --target=*) triple=''${argument#--target=} ;; esac
      done
      case $triple in
      ${builtins.concatStringsSep "" (map standardLater triples)}
      esac
    '';
}
