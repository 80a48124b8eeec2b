# The source of one crate of the registry.
#
# crate :: { name, version, checksum } -> derivation
{ run, fetchSeed, ... }:
{
  name,
  version,
  checksum,
}:
run {
  name = "${name}-${version}-source";
  script = ''
    tar -xzf ${
      fetchSeed {
        name = "${name}-${version}.crate";
        sha256 = checksum;
      }
    }
    cp -R ${name}-${version} $out
  '';
}
