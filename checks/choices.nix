# A builder or toolchain that the universe does not have, and a crate that none of its toolchains can compile, are refused
# during evaluation with every builder. Existing ones are accepted.
{ universe, sealift, ... }:
let
  inherit (builtins)
    attrNames
    concatMap
    elem
    filter
    ;
  tables = {
    builder = attrNames (import ../nix/compile/builders);
    toolchain = attrNames (import ../nix/compile/toolchains);
  };

  newer = {
    pname = "newer-rustc";
    version = "1.0.0";
    src = ./fixtures/newer-rustc;
    cargoLock = ./fixtures/newer-rustc/Cargo.lock;
    inherit (sealift.crate) target;
  };

  works = value: (builtins.tryEval value).success;
  build = choice: (universe.using choice).rust.build;

  wrong =
    kind:
    let
      here = universe."${kind}s";
      elsewhere = filter (name: !(elem name here)) tables.${kind};
      made = name: (build { ${kind} = name; } sealift.crate).drvPath;
    in
    map (name: "${kind} ${name} is taken") (
      filter (name: works (made name)) (elsewhere ++ [ "no-${kind}" ])
    )
    ++ map (name: "${kind} ${name} is refused") (filter (name: !(works (made name))) here);

  tooOld = concatMap (
    builder:
    if works (build { inherit builder; } newer).drvPath then
      [ "builder ${builder} takes a crate that needs a newer rustc" ]
    else
      [ ]
  ) universe.builders;

  findings = wrong "builder" ++ wrong "toolchain" ++ tooOld;
in
if findings != [ ] then
  throw (builtins.concatStringsSep "\n" findings)
else
  universe.run {
    name = "choices";
    script = "touch $out";
  }
