# A program by its name, built when it is first called.
#
# program-later :: { universe, name, derivation : with bin/<name> } -> derivation with bin/<name>
{
  universe,
  name,
  derivation,
}:
universe.run {
  inherit name;
  env.text = ''
    ${import ../compile/later.nix {
      inherit derivation;
      what = name;
    }}
    exec "$later/bin/${name}" "$@"
  '';
  script = ''
    mkdir -p $out/bin
    printf '#!%s\n%s' "$(command -v bash)" "$text" >$out/bin/${name}
    chmod +x $out/bin/${name}
  '';
}
