//! `sealift --version`.

use sealift::model::commit::Commit;
use sealift::program::stamp::own_commit;

use super::exit::Exit;
use super::stdout;

const NAME: &str = env!("CARGO_PKG_NAME");
const VERSION: &str = env!("CARGO_PKG_VERSION");
const TARGET: &str = env!("SEALIFT_TARGET");

#[derive(serde::Serialize)]
struct Version {
    name: &'static str,
    version: &'static str,
    commit: Option<Commit>,
    target: &'static str,
}

/// Prints the version, the commit and the target.
pub fn print(json: bool) -> anyhow::Result<Exit> {
    let version = Version {
        name: NAME,
        version: VERSION,
        commit: own_commit(),
        target: TARGET,
    };
    if json {
        stdout::print_json(&version)?
    } else {
        let commit = match &version.commit {
            Some(commit) => format!("commit {commit}"),
            None => "no commit".to_owned(),
        };
        stdout::print_text(&format!("{NAME} {VERSION} ({commit}, {TARGET})\n"))?;
    }
    Ok(Exit::Done)
}
