# A program whose bytes a host could have a hand in, for six targets. They are the same from every host, which
# checks/hosts.sh compares; here, the program for this one runs, and is the same where rustc gives the host another name.
{ universe, ... }:
let
  inherit (builtins)
    attrValues
    listToAttrs
    map
    mapAttrs
    ;
  project = import ../nix/release/project.nix {
    inherit universe;
    src = ./fixtures/hosts;
  };
  crate = target: import ../nix/compile/crate.nix { inherit project target; };
  builds = listToAttrs (
    map
      (target: {
        name = target;
        value = universe.rust.build (crate target);
      })
      [
        "aarch64-apple-darwin"
        "aarch64-pc-windows-gnullvm"
        "aarch64-unknown-linux-musl"
        "x86_64-apple-darwin"
        "x86_64-pc-windows-gnullvm"
        "x86_64-unknown-linux-musl"
      ]
  );
  target = import ../nix/table/host.nix universe.system;
  own = builds.${target};

  # The name goes into what cargo calls its build scripts and procedural macros by.
  triples = {
    aarch64-linux = "aarch64-unknown-linux-gnu";
    x86_64-linux = "x86_64-unknown-linux-gnu";
  };
  other = if universe.system == "x86_64-linux" then triples.aarch64-linux else triples.x86_64-linux;
  compiler = universe.run {
    name = "rustc-of-another-host";
    script = ''
      printf '#!%s\n' "$(command -v bash)" >$out
      cat >>$out <<'EOF'
      [ "$*" != -vV ] || { rustc -vV | sed 's/^host: .*/host: ${other}/'; exit; }
      exec rustc "$@"
      EOF
      chmod +x $out
    '';
  };
  renamed = universe.rust.build (
    crate target
    // {
      env = {
        RUSTC = "${compiler}";
        "CARGO_TARGET_${
          import ../nix/prelude/upper.nix (builtins.replaceStrings [ "-" ] [ "_" ] other)
        }_LINKER" =
          "${universe.cc triples.${universe.system}}/bin/cc";
      };
    }
  );
in
universe.run {
  name = "hosts";
  script = ''
    [ "$(${own}/bin/hosts)" = 'digits 7 tables 16 square 25' ]
    # Where a panic is says nothing of the host: cargo's hash is in the directory's own name.
    ! ${own}/bin/hosts $(seq 16) 2>said
    grep -q ' panicked at /target/build/generated-0.1.0/out/squares.rs:2:' said
    ${if universe.name == "mirrors" then "cmp ${own}/bin/hosts ${renamed}/bin/hosts" else ""}
    mkdir $out
    ${builtins.concatStringsSep "\n" (
      attrValues (mapAttrs (target: build: "cp -R ${build}/bin $out/${target}") builds)
    )}
  '';
}
// {
  inherit builds renamed;
}
