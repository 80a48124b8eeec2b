# The programs at the head of setups for Windows: `setup-stub-<machine>.exe` for each target.
#
# setup-stubs :: { universe, root, targets : [ string ] } -> derivation
{
  universe,
  root,
  targets,
}:
import ./embedded.nix {
  inherit universe targets;
  name = "setup-stubs";
  crate = "setup-stub";
  source = root + "/crates/setup-stub";
  paths = [
    "Cargo.toml"
    "Cargo.lock"
    "src"
  ];
  program = "setup-stub.exe";
  machine = target: (import ./table/targets.nix).${target}.machine;
  file = machine: "setup-stub-${machine}.exe";
}
