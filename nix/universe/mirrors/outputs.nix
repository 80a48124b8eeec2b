# What the mirrors universe offers under the name of the `nixpkgs` input.
let
  lock = builtins.fromJSON (builtins.readFile ./seeds.json);
  checkout = builtins.fromJSON (builtins.readFile ./checkout.json);

  # Those of the lock in force: nixw puts only the system that is built on into it. Nix 2.8 evaluates every system that a
  # flake names, and nothing is to be fetched for another one.
  systems = builtins.attrNames lock.systems;
  forSystems =
    make:
    builtins.listToAttrs (
      map (system: {
        name = system;
        value = make system;
      }) systems
    );

  seeds = forSystems (system: lock.systems.${system} // { drift = lock.drift or [ ]; });
  parts = forSystems (
    system:
    import ./parts.nix {
      inherit system;
      seeds = seeds.${system};
    }
  );
in
{
  # What nix/universe/default.nix looks for: a function from the flake's own facts to a universe.
  sealift = forSystems (
    system: facts:
    import ./universe.nix {
      inherit system checkout;
      seeds = seeds.${system};
      parts = import ./parts.nix {
        inherit system;
        seeds = seeds.${system};
        inherit (facts) shared;
      };
    }
  );

  # The names by which the Nix command line itself asks for packages of an input called `nixpkgs`.
  legacyPackages = forSystems (system: {
    # `nix develop` starts this one.
    bashInteractive = parts.${system}.tools;
    # `nixw seed` fetches crates with it.
    inherit (parts.${system}) cargo;
    # `nixw` builds it once per machine.
    sandbox-probe = parts.${system}.probe;
  });
}
