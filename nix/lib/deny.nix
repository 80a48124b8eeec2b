# The check `deny`: licenses, sources and duplicates of the crates are as the project's deny.toml allows. Advisories are the
# check `audit`'s.
#
# deny :: { universe, project } -> { config ? "deny.toml" } -> { deny : derivation } or { }
#
#   config   a path below the project
{ universe, project }:
given:
let
  arguments = import ./arguments.nix {
    function = "sealift.lib.mkFlake: deny";
    example = "deny = { };";
    known.config = {
      type = (import ./types.nix).text;
      default = "deny.toml";
    };
  } given;
in
# What is wrong with them is wrong in every universe.
import (builtins.seq arguments ./auditor.nix)
  {
    inherit universe;
    check = "deny";
    program = "cargo-deny";
  }
  (
    cargo-deny:
    universe.run {
      name = "${project.name}-deny";
      tools = [
        cargo-deny
        universe.rust.toolchain
      ];
      env = {
        inherit (project) source;
        lock = "${project.cargoLock}";
        crates = universe.vendor (
          import ../compile/crate.nix {
            inherit project;
            target = import ../table/host.nix universe.system;
          }
        );
        inherit (arguments) config;
      };
      script = ''
        cp -R $source project
        chmod -R u+w project
        cp $lock project/Cargo.lock
        export CARGO_HOME=$PWD/cargo CARGO_NET_OFFLINE=true
        mkdir $CARGO_HOME
        cp $crates/config.toml $CARGO_HOME/
        cd project
        cargo-deny --offline --locked check --config "$config" bans licenses sources 2>&1 | tee ../log
        cp ../log $out
      '';
    }
  )
