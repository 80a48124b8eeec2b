# A program of crates that compile large libraries, or run tools for what they make; a feature for each. What bindgen and prost
# make is here: the program is released for this machine, where it runs, and for Windows. `libraries` are releases of some
# features each, for four targets, which take long: `checks/nightly native` builds them. The tools are those that
# `sealift init` writes for the crates.
{
  universe,
  lib,
  sealift,
  ...
}:
let
  src = ./fixtures/native-code;
  release =
    arguments:
    lib.mkRelease (
      {
        inherit (universe) system;
        inherit src;
      }
      // arguments
    );
  only = features: {
    build = {
      default-features = false;
      inherit features;
    };
  };
  made = release {
    targets = [
      "x86_64-pc-windows-gnullvm"
      "x86_64-unknown-linux-musl"
    ];
    overrides = only [
      "bindgen"
      "prost"
    ];
  };
in
universe.run {
  name = "native-code";
  tools = [
    sealift.build
    universe.tools.unzip
  ];
  env = { inherit src; };
  script = ''
    tar -xzf ${made.release}/artifacts/*-x86_64-unknown-linux-musl.tar.gz
    */native-code >said
    grep -E '^(bindgen|prost) ' $src/expected | diff - said
    unzip -q ${made.release}/artifacts/*-x86_64-pc-windows-gnullvm.zip
    [ "$(head -c 2 */native-code.exe)" = MZ ]

    cp -R $src project
    chmod -R u+w project
    rm project/sealift.toml
    sealift init --directory project --only sealift.toml --summary 'calls into large libraries' --maintainer 'A. Person <person@example.org>' --target x86_64-unknown-linux-musl --format archive
    diff <(grep '^tools = ' project/sealift.toml) <(grep '^tools = ' $src/sealift.toml)
    cp said $out
  '';
}
// {
  libraries = builtins.mapAttrs (_: features: release { overrides = only features; }) {
    aws-lc = [ "aws-lc" ];
    generated = [
      "bindgen"
      "prost"
    ];
    # With TLS, which is OpenSSL's.
    rdkafka = [
      "openssl"
      "rdkafka"
    ];
  };
}
