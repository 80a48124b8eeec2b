# The targets that Nix builds for are those of `sealift targets`, and its gates those of `sealift gate list`.
#
# zig's name for a target does not concern the program, so that column is left out.
{ universe, sealift, ... }:
let
  targets = builtins.mapAttrs (_: target: removeAttrs target [ "zig" ]) (
    import ../nix/table/targets.nix
  );
in
universe.run {
  name = "targets";
  tools = [ sealift.build ];
  env = {
    expected = builtins.toJSON targets;
    names = builtins.concatStringsSep "\n" (builtins.attrNames targets);
    gates = builtins.concatStringsSep "\n" (import ../nix/table/gates.nix);
  };
  script = ''
    printf '%s' "$expected" >expected.json
    sealift targets --expect expected.json
    # Nor does the program have others.
    sealift targets | cut -d " " -f 1 | sort | diff - <(printf '%s\n' "$names" | sort)
    sealift gate list | grep '^[a-z]' | diff - <(printf '%s\n' "$gates")
    touch $out
  '';
}
