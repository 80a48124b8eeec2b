# The universe of a flake's inputs, with a builder and a toolchain: an attribute set as README.md describes it.
#
# universe :: { inputs, system, builder ? null, toolchain ? null, facts ? of inputs.self } -> universe
#
# null stands for the universe's own default.
{
  inputs,
  system,
  builder ? null,
  toolchain ? null,
  facts ? import ./facts.nix inputs.self,
}@arguments:
let
  base =
    if inputs.nixpkgs ? sealift then
      inputs.nixpkgs.sealift.${system} (facts // { shared = import ./shared.nix; })
    else
      import ./nixpkgs { inherit inputs system; } facts;

  choose =
    kind: table: wanted:
    import ./choose.nix {
      inherit kind table wanted;
      universe = base;
    };

  chosen = choose "toolchain" (import ../compile/toolchains) toolchain base.parts;
  parts = base.parts // {
    toolchain = chosen;
    # What the crates of a lock need of macOS, besides what is known of it.
    stubs =
      crate:
      frameworks {
        symbols = crate.macosSymbols or { };
        crates = base.parts.vendor crate;
      };
    commonStubs = frameworks { };
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
    toolchain = if toolchain == null then builtins.head base.toolchains else toolchain;
    inherit (chosen.versions) rustc;
  };
in
removeAttrs base [ "parts" ]
// {
  versions = base.versions // chosen.versions;
  inherit (base.parts) cc;
  # What derivations of other targets do not read.
  stubs = crate: parts.stubs (withOrigin crate);
  inherit (parts) commonStubs;
  rust =
    made
    // builtins.mapAttrs (
      _name: make: crate:
      make (newEnough (withOrigin crate))
    ) compiling
    // {
      toolchain = chosen.build [ ];
    };
  shell = base.shell parts;

  # The same universe with another builder or toolchain.
  using = others: import ./. (arguments // { inherit facts; } // others);
}
