# What a command of Sealift tells of the crates that are linked into the programs for a target, as cargo knows them.
#
# crates :: { universe, sealift, project, target, command } -> derivation
{
  universe,
  sealift,
  project,
  target,
  command,
}:
let
  # A universal program has the crates of its parts, which have one lock.
  inherit ((import ../table/targets.nix).${target}) members;
  crate = import ../compile/crate.nix {
    inherit project;
    target = if members == [ ] then target else builtins.head members;
  };
in
universe.run {
  name = "${command}-${target}";
  tools = [
    sealift
    universe.rust.toolchain
  ];
  script = ''
    export CARGO_HOME=$PWD/cargo-home CARGO_NET_OFFLINE=true
    mkdir -p $CARGO_HOME
    cp ${universe.vendor crate}/config.toml $CARGO_HOME/
    sealift ${command} --source ${project.source}/${project.directory} \
      --manifest ${project.metadata}/${project.manifest} --target ${target} --out $out
  '';
}
