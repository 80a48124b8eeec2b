# Third-party programs open every package and find the contents in release.json.
{ universe, release, ... }:
universe.run {
  name = "foreign-readers";
  tools = builtins.attrValues universe.tools;
  script = ''
    bash ${./foreign-readers.sh} ${release.release} | tee log
    cp log $out
  '';
}
