# The targets that Nix builds for are those of `sealift targets`, with the same names for packages.
#
# What zig calls them is no concern of the program, so that column is left out.
{ universe, sealift, ... }:
universe.run {
  name = "targets";
  tools = [ sealift.build ];
  env.targets = builtins.toJSON (
    builtins.mapAttrs (_: target: removeAttrs target [ "zig" ]) (import ../nix/table/targets.nix)
  );
  script = ''
    # One value a line: none has a brace, a comma or a blank in it. Both sort their keys.
    lines() { tr -d ' \n' | sed 's/[{},]/&\n/g'; }
    printf '%s' "$targets" | lines >nix
    sealift targets --json | lines >sealift
    [ "$(grep -c machine nix)" -ge 9 ]
    diff nix sealift
    touch $out
  '';
}
