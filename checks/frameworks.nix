# A program of crates that use macOS' frameworks, released for both processors and as a universal one: everything that it
# binds is of a library that is loaded, which the gate `macos` judges.
{ universe, lib, ... }:
let
  made = lib.mkRelease {
    inherit (universe) system;
    src = ./fixtures/frameworks;
  };
in
universe.run {
  name = "frameworks";
  script = ''
    mkdir $out
    cp ${made.release}/report.json $out/
    tar -xzf ${made.release}/artifacts/*.tar.gz
    # As a list of load commands has them: what the program is said to be made of is in it.
    for framework in AppKit CoreFoundation CoreServices IOKit Security; do
      grep -q "/System/Library/Frameworks/$framework.framework/" */frameworks
    done
    cp */frameworks $out/
  '';
}
