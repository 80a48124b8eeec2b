# A project in the words of the universe interface.
#
# crate :: { project, target, env ? { }, variation ? null } -> crate description (universe/README.md)
{
  project,
  target,
  env ? { },
  variation ? null,
}:
{
  pname = project.name;
  inherit (project) version cargoLock;
  src = project.source;
  inherit target env variation;
}
