//! What git knows of the user and of a directory. Where there is no git, it knows nothing.

use std::path::Path;
use std::process::{Command, Stdio};

use sealift::model::commit::Commit;

/// The user as `Name <address>`, as configured for a directory.
pub fn user(directory: &Path) -> Option<String> {
    let name = ask(directory, &["config", "user.name"])?;
    let address = ask(directory, &["config", "user.email"])?;
    Some(format!("{name} <{address}>"))
}

/// Whether a directory is in a checkout, which can be seen without git.
pub fn is_checkout(directory: &Path) -> bool {
    let Ok(directory) = directory.canonicalize() else {
        return false;
    };
    // A worktree or a submodule has a file that names the place of the rest.
    directory.ancestors().any(|above| {
        let git = above.join(".git");
        git.is_file() || git.join("HEAD").is_file()
    })
}

/// Whether files that git knows have changes that are in no commit.
pub fn is_dirty(directory: &Path) -> bool {
    // A file system monitor that the checkout names would be a command of its own.
    let status = [
        "-c",
        "core.fsmonitor=false",
        "status",
        "--porcelain",
        "--untracked-files=no",
    ];
    ask(directory, &status).is_some_and(|changes| !changes.is_empty())
}

/// The commit that a directory's checkout is at.
pub fn commit(directory: &Path) -> Option<Commit> {
    ask(directory, &["rev-parse", "HEAD"])?.parse().ok()
}

/// The date of that commit, in seconds since 1970.
pub fn commit_date(directory: &Path) -> Option<i64> {
    ask(directory, &["log", "-1", "--format=%ct"])?.parse().ok()
}

fn ask(directory: &Path, arguments: &[&str]) -> Option<String> {
    let mut git = Command::new("git");
    git.args(arguments)
        .current_dir(directory)
        .stdin(Stdio::null())
        .stderr(Stdio::null());
    let output = git.output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?;
    Some(text.trim_end().to_owned())
}
