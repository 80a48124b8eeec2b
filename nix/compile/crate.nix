# A project as a crate description of the universe interface.
#
# crate :: { project, target, variation ? null } -> crate description (universe/README.md)
{
  project,
  target,
  variation ? null,
}:
{
  pname = project.name;
  inherit (project)
    version
    origin
    cargoLock
    cargoProfile
    gitHashes
    macosSymbols
    outDirs
    profile
    ;
  cargoArgs = project.cargoArgsFor target;
  programArgs = project.programArgsFor target;
  src = project.source;
  # For variables that only the last crate reads, so that they do not reach the dependencies' derivation.
  env = project.env or { };
  # For those that only its programs read.
  programEnv = project.programEnv or { };
  inherit target variation;
}
