//! The text of a file for direnv.

/// Writes the file. It does nothing until a person has allowed it (direnv(1), "direnv allow").
pub(super) fn text() -> String {
    "\
# For direnv, once `direnv allow` lets it run: the shell of `./nixw develop`, whenever this directory is entered.
watch_file nixw flake.nix flake.lock sealift.toml
eval \"$(./nixw print-dev-env)\"
"
    .to_owned()
}
