# The check `audit`: no crate of the lock has a known vulnerability.
#
# audit :: { universe, project } -> { database, ignore ? [ ] } -> { audit : derivation } or { }
#
#   database   RustSec's advisories, a flake input or a path: a build has no network
#   ignore     identifiers of advisories, such as "RUSTSEC-2020-0071"
{ universe, project }:
given:
let
  types = import ./types.nix;
  arguments = import ./arguments.nix {
    function = "sealift.lib.mkFlake: audit";
    example = ''
      inputs.advisory-db = { url = "github:rustsec/advisory-db"; flake = false; };
      …
      audit.database = advisory-db;'';
    known = {
      database.type = types.file;
      ignore = {
        type = types.texts;
        default = [ ];
      };
    };
  } given;
in
# What is wrong with them is wrong in every universe.
import (builtins.seq arguments ./auditor.nix)
  {
    inherit universe;
    check = "audit";
    program = "cargo-audit";
  }
  (
    cargo-audit:
    universe.run {
      name = "${project.name}-audit";
      tools = [ cargo-audit ];
      env = {
        database = "${arguments.database}";
        lock = "${project.cargoLock}";
        ignored = map (advisory: "--ignore=${advisory}") arguments.ignore;
      };
      script = ''
        cargo-audit audit --no-fetch --stale --db $database --file $lock $ignored 2>&1 | tee log
        cp log $out
      '';
    }
  )
