# Every package is opened by programs that are not ours and holds what release.json says.
{ universe, own, ... }:
universe.run {
  name = "foreign-readers";
  tools = builtins.attrValues universe.tools;
  script = ''
    bash ${./foreign-readers.sh} ${own.release} | tee log
    cp log $out
  '';
}
