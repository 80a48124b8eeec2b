# The universe and the packer of a call, which every function here needs.
#
# setup :: inputs -> { system, self, src ? null, builder ? null, toolchain ? null, pkgs ? null } -> { universe, sealift }
#
#   src   a project, whose rust-toolchain file chooses the compiler where `toolchain` does not
#
# Commit and date are those of the calling flake, or none if it does not pass `self`, but never Sealift's.
inputs:
{
  system,
  self,
  src ? null,
  builder ? null,
  toolchain ? null,
  pkgs ? null,
}:
let
  plain = import ../universe {
    inherit inputs system pkgs;
    facts = import ../universe/facts.nix (if self == null then { } else self);
  };
  # The same programs are asked of the default toolchain where it has them: its downloads are then shared.
  wanted =
    let
      file =
        if src == null || import ../compile/builders/is-built.nix src then
          null
        else
          import ../compile/toolchains/file.nix (import ../compile/root.nix src);
      usual = builtins.all (component: builtins.elem component (import ../compile/toolchains/usual.nix));
      isUsual =
        import ../compile/toolchains/satisfies.nix plain.versions.rustc file.channel
        && usual file.components
        && builtins.all (target: import ../table/targets.nix ? ${target}) file.targets;
    in
    if
      file == null
      || !(builtins.elem toolchain [
        null
        "rust-overlay"
      ])
      || !(builtins.elem "rust-overlay" plain.toolchains)
      || isUsual
    then
      toolchain
    else
      file;
in
{
  universe = plain.using {
    inherit builder;
    toolchain = wanted;
  };
  # With the universe's own toolchain and builder, whatever the project has: it is the same for all projects.
  sealift = import ../sealift.nix {
    universe = plain;
    root = ../../.;
  };
}
