# What `nix flake init -t` copies.
#
# templates :: { <name> : { path, description, welcomeText } }
let
  # Where the store has a root of its own, as that of a plain user, Nix 2.8 knows what is in it by its real place, and takes
  # templates only from below the store's usual one.
  real = toString ./default;
  isBelowStore = builtins.match "${builtins.storeDir}/.*" real != null;
in
{
  default = {
    path = if isBelowStore then ./default else "${builtins.storeDir}/../..${real}";
    description = "A small Rust program with what Sealift needs to release it";
    welcomeText = ''
      # A program and its release

      - `cargo test` runs the tests.
      - Put Sealift's address into `inputs.sealift.url` of `flake.nix`, or set `SEALIFT` to a checkout of it.
      - `chmod +x nixw`: Nix copies files without the right to be run. `git add .`: Nix sees only what git knows.
      - `./nixw build .#release` makes the release, in `result/`.

      `sealift.toml` says what is released. A project of your own gets these files by `sealift init`.
    '';
  };
}
