# A program whose crates compile C and assembly, released for every target: the gates judge it for each, the one that can run
# in a sandbox runs here, and checks/acceptance/targets.sh runs the others.
{ universe, lib, ... }:
let
  inherit (universe) system;
  made = lib.mkRelease {
    inherit system;
    src = ./fixtures/c-code;
  };
  inherit (builtins) attrNames concatStringsSep map;
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
    ${concatStringsSep "\n" (
      map (target: "cp -R ${made.builds.${target}}/bin $out/${target}") (attrNames made.builds)
    )}
    cp ${made.release}/report.json ${made.release}/artifacts/*.deb $out/
    printf '%s\n' "$expected" >$out/expected
    $out/${import ../nix/table/host.nix system}/c-code | diff $out/expected -
  '';
}
