# Debian's Rust tools with a sysroot that has the targets, under their usual names.
#
# rustc :: [ string (Rust target triples) ] -> derivation with bin/{cargo,rustc,rustdoc,clippy-driver,…}
{
  run,
  root,
  tools,
  sysroot,
  ...
}:
triples:
let
  own = sysroot triples;
in
run {
  name = "rust";
  script = ''
    mkdir -p $out/bin
    for program in rustc rustdoc clippy-driver; do
      # At the end: clippy-driver takes a first argument for the compiler that it stands in for.
      printf '#!${tools}/bin/bash\nexec ${root}/usr/bin/%s "$@" --sysroot ${own}\n' $program >$out/bin/$program
      chmod +x $out/bin/$program
    done
    # cargo-clippy looks for clippy-driver beside itself, so it is a copy and no link.
    cp ${root}/usr/bin/cargo-clippy $out/bin/
    for program in cargo cargo-fmt rustfmt rust-analyzer; do
      ln -s ${root}/usr/bin/$program $out/bin/
    done
    ln -s ${own}/lib ${own}/libexec $out/
  '';
}
