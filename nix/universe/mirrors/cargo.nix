# Debian's cargo, ready to run.
{ root, run, ... }:
run {
  name = "cargo";
  script = ''
    mkdir -p $out/bin
    ln -s ${root}/usr/bin/cargo $out/bin/cargo
  '';
}
