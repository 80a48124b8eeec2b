# What the mirrors universe offers under the name of the `nixpkgs` input.
let
  seeds = builtins.fromJSON (builtins.readFile ./seeds.json);
  checkout = builtins.fromJSON (builtins.readFile ./checkout.json);

  # Written out: Nix 2.8 evaluates every system that a flake names, and the seeds are amd64 packages.
  systems = [ "x86_64-linux" ];
  forSystems =
    make:
    builtins.listToAttrs (
      map (system: {
        name = system;
        value = make system;
      }) systems
    );

  parts = forSystems (system: import ./parts.nix { inherit system seeds; });
in
{
  # What nix/universe/default.nix looks for: a function from the flake's own facts to a universe.
  sealift = forSystems (
    system: facts:
    import ./universe.nix {
      inherit system seeds checkout;
      parts = import ./parts.nix {
        inherit system seeds;
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
