# A project as a crate description of the universe interface.
#
# crate :: { project, target, step ? "build", variation ? null } -> crate description (universe/README.md)
#
#   step   what it is for: what the project changes of the step is changed
{
  project,
  target,
  step ? "build",
  variation ? null,
}:
project.step step {
  pname = project.name;
  inherit (project)
    version
    origin
    cargoLock
    cargoProfile
    gitHashes
    glibc
    macosSymbols
    outDirs
    profile
    tools
    environment
    nativeBuildInputs
    ;
  cargoArgs = project.cargoArgsFor target;
  programArgs = project.programArgsFor target;
  src = project.source;
  # For variables that only the last crate reads, so that they do not reach the dependencies' derivation.
  env = project.env or { };
  # For those that only its programs read.
  programEnv = project.programEnv or { };
  vendored = project.step "vendor";
  inherit target variation;
}
