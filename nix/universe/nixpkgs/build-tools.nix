# What a manifest's `[build] tools` asks for, by its name there.
#
# build-tools :: { lib, pkgs, run } -> { <name> : { package : derivation with bin/, environment : { <variable> : string },
#                                            resources : of libclang, the directory of its own headers' include/ } }
#
# The programs alone, without the packages' setup hooks: those would have cmake configure the project, for example.
{
  lib,
  pkgs,
  run,
}:
let
  programs =
    name: package:
    run {
      name = "tool-${name}";
      script = ''
        mkdir -p $out/bin
        ln -s ${lib.getBin package}/bin/* $out/bin/
      '';
    };
  openssl = import ../mirrors/openssl.nix { bash = "${pkgs.bash}/bin/bash"; };
  # The same with a script before one of them.
  before =
    name: package:
    let
      all = programs name package;
    in
    run {
      name = "tool-${name}";
      env.wrapper = openssl.${name} "${all}/bin/${name}";
      script = ''
        mkdir -p $out/bin
        ln -s ${all}/bin/* $out/bin/
        rm $out/bin/${name}
        printf '%s' "$wrapper" >$out/bin/${name}
        chmod +x $out/bin/${name}
      '';
    };
  tool = name: package: environment: {
    package = programs name package;
    inherit environment;
  };
  libclang = lib.getLib pkgs.llvmPackages.libclang;
in
{
  cmake = tool "cmake" pkgs.cmake { };
  libclang = {
    # It has no programs.
    package = run {
      name = "tool-libclang";
      script = "mkdir -p $out/bin";
    };
    environment.LIBCLANG_PATH = "${libclang}/lib";
    resources = "${libclang}/lib/clang/${lib.versions.major (lib.getVersion pkgs.llvmPackages.libclang)}";
  };
  make = {
    package = before "make" pkgs.gnumake;
    environment = { };
  };
  nasm = tool "nasm" pkgs.nasm { };
  perl = rec {
    package = before "perl" pkgs.perl;
    # The one that OpenSSL's configuration writes down.
    environment.PERL = "${package}/bin/perl";
  };
  # The wrapped one looks for libraries of this machine, which nothing that ships is linked with.
  pkg-config = tool "pkg-config" pkgs.pkg-config-unwrapped { };
  protobuf = tool "protobuf" pkgs.protobuf {
    PROTOC = "${lib.getBin pkgs.protobuf}/bin/protoc";
    PROTOC_INCLUDE = "${pkgs.protobuf}/include";
  };
}
