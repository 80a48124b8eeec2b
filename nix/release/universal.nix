# Universal programs, merged from programs for one machine each.
#
# universal :: { universe, sealift, name, thin : [ derivation with bin/ ] } -> derivation with bin/
{
  universe,
  sealift,
  name,
  thin,
}:
universe.run {
  inherit name;
  tools = [ sealift ];
  script = ''
    mkdir -p $out/bin
    for program in ${builtins.head thin}/bin/*; do
      name=''${program##*/}
      sealift universal --out $out/bin/$name ${
        builtins.concatStringsSep " " (map (each: "${each}/bin/$name") thin)
      }
    done
  '';
}
