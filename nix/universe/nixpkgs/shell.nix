# The development shell: Rust with its analyser, and cargo told of the target as the builds are.
#
# shell :: { name, packages, env, greeting, target } -> derivation
{
  pkgs,
  environment,
  toolchain,
}:
{
  name,
  packages ? [ ],
  env ? { },
  greeting ? "",
  target,
}:
pkgs.mkShell {
  inherit name;
  packages = [ toolchain.develop ] ++ packages;
  env = environment { inherit target; } // env;
  shellHook = greeting;
}
