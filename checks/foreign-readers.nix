# Every package is opened by programs that are not ours and holds what release.json says.
{ universe, release, ... }:
universe.run {
  name = "foreign-readers";
  tools = builtins.attrValues universe.tools;
  script = ''
    bash ${./foreign-readers.sh} ${release.release} | tee log
    cp log $out
  '';
}
