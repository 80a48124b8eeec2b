# Stubs of macOS' frameworks and libraries, with which zig links without Apple's SDK.
#
# frameworks :: parts -> { symbols ? { }, crates ? null } -> derivation
#
#   symbols   what a project adds to the lists: { <framework> : [ symbol ] }
#   crates    a directory of crates, which may declare more
#
# It holds Frameworks/ and lib/, which are for `-F` and `-L`; `implied`, in which a line names a framework and what it brings
# along; and bin/frameworks with lists/, to explain what a linker misses.
{
  run,
  zig,
  toolchain,
  linker,
  ...
}:
let
  inherit (builtins)
    attrNames
    concatMap
    concatStringsSep
    map
    ;

  # Only what the program is made of, so that no other edit compiles it again.
  sources = builtins.path {
    name = "frameworks-source";
    path = ../../../src/frameworks;
  };
  main = builtins.path {
    name = "frameworks-main.rs";
    path = ./main.rs;
  };

  program = run {
    name = "frameworks";
    tools = [ (toolchain.build [ ]) ];
    script = ''
      mkdir -p nix/compile/frameworks src $out/bin
      cp ${main} nix/compile/frameworks/main.rs
      cp -R ${sources} src/frameworks
      rustc --edition 2024 -C opt-level=2 -C strip=symbols -C linker=${linker} --remap-path-prefix $PWD=/source \
        nix/compile/frameworks/main.rs -o $out/bin/frameworks
    '';
  };
in
{
  symbols ? { },
  crates ? null,
}:
run {
  name = "macos-stubs";
  env.symbols = concatStringsSep "\n" (
    concatMap (framework: map (symbol: "${framework} ${symbol}") symbols.${framework}) (
      attrNames symbols
    )
  );
  script = ''
    mkdir -p $out/bin
    ln -s ${program}/bin/frameworks $out/bin/
    ln -s ${sources}/lists $out/lists
    printf '%s\n' "$symbols" >symbols
    # zig keeps its libraries in another place in each distribution.
    system=$(find ${zig}/lib -name libSystem.tbd)
    $out/bin/frameworks stubs $out/lists $system symbols ${if crates == null then "-" else crates} $out
    $out/bin/frameworks implied >$out/implied
  '';
}
