{
  description = "Stands in for nixpkgs where only Debian's, PyPI's and crates.io's mirrors can be reached";

  outputs = { self }: import ./outputs.nix;
}
