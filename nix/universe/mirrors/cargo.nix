# Debian's cargo, ready to fetch: it asks rustc for the host even then.
{ root, run, ... }:
run {
  name = "cargo";
  script = ''
    mkdir -p $out/bin
    ln -s ${root}/usr/bin/cargo ${root}/usr/bin/rustc $out/bin/
  '';
}
