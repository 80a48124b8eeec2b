# The universe of a flake's inputs, with a builder and a toolchain: an attribute set as README.md describes it.
#
# universe :: { inputs, system, builder ? null, toolchain ? null, pkgs ? null, facts ? of inputs.self } -> universe
#
# null stands for the universe's own default. `toolchain` is as ../compile/toolchains/select.nix takes it, and `pkgs` a
# package set that stands in for that of the input nixpkgs.
{
  inputs,
  system,
  builder ? null,
  toolchain ? null,
  pkgs ? null,
  facts ? import ./facts.nix inputs.self,
}@arguments:
let
  fail = import ../prelude/fail.nix;
  base =
    if inputs.nixpkgs ? sealift then
      mirrors (facts // { shared = import ./shared.nix; })
    else
      # Of a system that nothing is built on, nixpkgs can have packages.
      builtins.seq (import ../table/host.nix system) (
        import ./nixpkgs {
          inherit inputs system;
          given = pkgs;
        } facts
      );
  mirrors =
    if pkgs != null then
      fail "`pkgs` was given, and the mirrors universe is not made from nixpkgs" "leave `pkgs` out, or build in the nixpkgs universe: SEALIFT_UNIVERSE=nixpkgs ./nixw …"
    else
      inputs.nixpkgs.sealift.${system} or (builtins.seq (import ../table/host.nix system) (
        fail "nothing is built on the system `${system}` in the mirrors universe, only on ${builtins.concatStringsSep ", " (builtins.attrNames inputs.nixpkgs.sealift)}" "programs for other platforms are compiled there, too; the nixpkgs universe has more systems: SEALIFT_UNIVERSE=nixpkgs ./nixw …"
      ));

  choose =
    kind: table: wanted:
    import ./choose.nix {
      inherit kind table wanted;
      universe = base;
    };

  selected = import ../compile/toolchains/select.nix {
    universe = base;
    choose = choose "toolchain" (import ../compile/toolchains);
    wanted = toolchain;
  };
  chosen = selected.make base.parts;
  parts = base.parts // {
    toolchain = chosen;
    vendor = crate: (crate.vendored or (same: same)) (base.parts.vendor crate);
    # What the crates of a lock need of macOS, besides what is known of it.
    stubs =
      crate:
      frameworks {
        symbols = crate.macosSymbols or { };
        crates = parts.vendor crate;
      };
    commonStubs = frameworks { };
    asked = import ../compile/asked.nix (base.parts // { inherit (base) name; });
  };
  frameworks = import ../compile/frameworks (base.parts // { toolchain = chosen; });

  made = choose "builder" (import ../compile/builders) builder parts;
  compiling = removeAttrs made [ "fmt" ];
  # A source of no project is where it is from.
  withOrigin =
    crate:
    {
      origin =
        if import ../compile/builders/is-built.nix crate.src then
          null
        else
          import ../compile/source.nix {
            name = "source";
            inherit (crate) src;
          };
    }
    // crate;
  newEnough = import ./rust-version.nix {
    universe = base.name;
    toolchain = selected.name;
    inherit (chosen.versions) rustc;
  };
in
removeAttrs base [ "parts" ]
// {
  versions = base.versions // chosen.versions;
  inherit (base.parts) cc;
  inherit (selected) isOwn;
  vendor = crate: parts.vendor (withOrigin crate);
  pkgs =
    base.parts.pkgs
      or (fail "the mirrors universe has no packages of nixpkgs" "make derivations with `universe.run`, or ask for `pkgs` only where `universe.name` is `nixpkgs`");
  # What derivations of other targets do not read.
  stubs = crate: parts.stubs (withOrigin crate);
  inherit (parts) commonStubs asked;
  rust =
    made
    // builtins.mapAttrs (
      _name: make: crate:
      make (newEnough (withOrigin crate))
    ) compiling
    // {
      toolchain = chosen.build [ ];
      toolchainFor = chosen.build;
    };
  shell = base.shell parts;

  # The same universe with another builder or toolchain.
  using = others: import ./. (arguments // { inherit facts; } // others);
}
