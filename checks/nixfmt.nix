# Every Nix file is formatted.
{ universe, root, ... }:
universe.run {
  name = "nixfmt";
  tools = [ universe.nixfmt ];
  script = ''
    find ${
      builtins.path {
        name = "nix-files";
        path = root;
        filter = path: type: type == "directory" || builtins.match ".*\\.nix" path != null;
      }
    } -name '*.nix' -exec nixfmt --check {} +
    touch $out
  '';
}
