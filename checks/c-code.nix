# A program whose crates compile C and assembly, built for every target; the one that runs
# in a sandbox is run here, and checks/acceptance/targets.sh runs the others.
{ universe, ... }:
let
  inherit (universe) system;
  src = ./fixtures/c-code;
  table = import ../nix/targets.nix;
  targets = builtins.filter (target: table.${target}.members == [ ]) (builtins.attrNames table);
  program =
    target:
    universe.rust.build {
      pname = "c-code";
      version = "0.1.0";
      src = builtins.path {
        name = "c-code-source";
        path = src;
      };
      cargoLock = src + "/Cargo.lock";
      inherit target;
    };
in
universe.run {
  name = "c-code";
  env.expected = ''
    mimalloc owns the heap
    ring e673b86c8b51f4f98b9db52b3c2ef5edebbb82314cd252035eb884c23dd6763a
    sqlite 42
    zstd same'';
  script = ''
    mkdir $out
    ${builtins.concatStringsSep "\n" (
      map (target: "cp -R ${program target}/bin $out/${target}") targets
    )}
    printf '%s\n' "$expected" >$out/expected
    $out/${import ../nix/host.nix system}/c-code | diff $out/expected -
  '';
}
