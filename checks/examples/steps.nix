{ sealift, ... }:
sealift.lib.mkRelease {
  system = "x86_64-linux";
  src = ./.;
  steps.build = old: old // { rustflags = [ "-Cforce-frame-pointers=yes" ]; };
  steps.artifact = old: old // { script = old.script + "ls -l $out"; };
}
