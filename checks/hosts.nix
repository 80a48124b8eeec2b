# A program whose bytes a host could have a hand in, for six targets. They are the same from every host, which
# checks/hosts.sh compares; here, the program for this one runs.
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
  builds = listToAttrs (
    map
      (target: {
        name = target;
        value = universe.rust.build (import ../nix/compile/crate.nix { inherit project target; });
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
  own = builds.${import ../nix/table/host.nix universe.system};
in
universe.run {
  name = "hosts";
  script = ''
    [ "$(${own}/bin/hosts)" = 'digits 7 tables 16 square 25' ]
    # Where a panic is says nothing of the host: cargo's hash is in the directory's own name.
    ! ${own}/bin/hosts $(seq 16) 2>said
    grep -q ' panicked at /target/build/generated-0.1.0/out/squares.rs:2:' said
    mkdir $out
    ${builtins.concatStringsSep "\n" (
      attrValues (mapAttrs (target: build: "cp -R ${build}/bin $out/${target}") builds)
    )}
  '';
}
// {
  inherit builds;
}
