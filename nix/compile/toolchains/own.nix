# A toolchain of the caller's own derivations.
#
# own :: { rustc, cargo, clippy ? null, rustfmt ? null, rust-analyzer ? null, version ? rustc's } -> parts -> { versions, build, develop }
#
# Each is a derivation with bin/, or a function from the targets whose standard libraries are needed to one.
{
  rustc,
  cargo,
  clippy ? null,
  rustfmt ? null,
  rust-analyzer ? null,
  version ? null,
}:
{ run, ... }:
let
  inherit (builtins) filter isFunction map;
  made = targets: each: if isFunction each then each targets else each;
  versionOf =
    if version != null then version else (made [ ] rustc).version or (parsed (made [ ] rustc).name);
  parsed =
    name:
    let
      found = (builtins.parseDrvName name).version;
    in
    if found == "" then
      import ../../prelude/fail.nix "the derivation `${name}` does not say which rustc it has"
        "give the version: `toolchain = { rustc = …; cargo = …; version = \"1.92.0\"; };`"
    else
      found;

  join =
    programs: targets:
    run {
      name = "rust-${versionOf}";
      env.directories = map (made targets) (filter (each: each != null) programs);
      # What one has twice, such as a whole toolchain in the place of each, is the first's.
      script = ''
        mkdir -p $out/bin
        for directory in $directories; do
          for program in $directory/bin/*; do
            [ -e $out/bin/''${program##*/} ] || ln -s $program $out/bin/
          done
        done
      '';
    };
  compile = [
    rustc
    cargo
    clippy
    rustfmt
  ];
in
{
  versions = {
    rustc = versionOf;
    cargo = (made [ ] cargo).version or versionOf;
  };
  build = join compile;
  develop = join (compile ++ [ rust-analyzer ]);
}
