# A Nix that is too old for the nixpkgs universe, a builder or toolchain that the universe does not have, and a crate that none of its toolchains can compile, are refused
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

  # As the Nix of that version evaluates it, and Lix, which counts on from 2.18 with versions of its own.
  isTaken =
    nixVersion:
    works
      (builtins.scopedImport
        {
          builtins = builtins // {
            inherit nixVersion;
          };
        }
        ../nix/universe/nixpkgs
        {
          inputs.nixpkgs = { };
          inherit (universe) system;
        }
        {
          rev = null;
          dirty = false;
          lastModified = null;
        }
      ).name;
  nixes =
    map (version: "Nix ${version} is refused") (
      filter (version: !(isTaken version)) [
        "2.18.0"
        "2.18.3-lix"
        "2.94.0"
      ]
    )
    ++ map (version: "Nix ${version} is taken") (
      filter isTaken [
        "2.8.0"
        "2.17.1"
      ]
    );

  findings = nixes ++ wrong "builder" ++ wrong "toolchain" ++ tooOld;
in
if findings != [ ] then
  throw (builtins.concatStringsSep "\n" findings)
else
  universe.run {
    name = "choices";
    script = "touch $out";
  }
