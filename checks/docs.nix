# The documentation agrees with the program and the sources.
{
  universe,
  root,
  sealift,
  ...
}:
universe.run {
  name = "docs";
  script = ''
    bash ${./docs.sh} ${sealift.build}/bin/sealift ${
      import ../nix/compile/source.nix {
        name = "documented";
        src = root;
        paths = [
          "CHANGELOG.md"
          "CONTRIBUTING.md"
          "Cargo.toml"
          "LICENSE-APACHE"
          "LICENSE-MIT"
          "README.md"
          "SECURITY.md"
          "checks"
          "crates/appimage-runtime/README.md"
          "crates/setup-stub/README.md"
          "docs"
          "fuzz/README.md"
          "nix"
          "nixw"
          "packaging"
          "src"
          "tests"
        ];
      }
    } | tee log
    cp log $out
  '';
}
