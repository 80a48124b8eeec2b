# Third-party programs open the packages and find the contents in release.json: those that a universe has, and Debian's
# programs the rest (checks/acceptance/readers.sh).
{ universe, release, ... }:
universe.run {
  name = "foreign-readers";
  tools = builtins.attrValues universe.tools;
  script = ''
    bash ${./foreign-readers.sh} ${release.release} appimage archive deb npm oci rpm snap tar-xz wheel zip | tee log
    cp log $out
  '';
}
