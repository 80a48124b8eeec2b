//! What git knows of a project.

use super::project::none;
use super::{Host, Verdict, needed};

/// How many files are named.
const NAMED: usize = 5;

/// Whether git knows the files that a flake needs: Nix sees no others.
pub(super) fn tracked(host: &Host<'_>) -> Verdict {
    let Some(project) = host.project() else {
        return none();
    };
    if !host.machine.exists(&project.directory.join("flake.nix")) {
        return Verdict::NotApplicable("the project has no flake.nix".to_owned());
    }
    let directory = project.directory.to_string_lossy();
    // A file system monitor that the checkout names would be a command of its own.
    let git = [
        "-C",
        &directory,
        "-c",
        "core.fsmonitor=false",
        "--literal-pathspecs",
    ];
    let list = [
        "ls-files",
        "-z",
        "--others",
        "--",
        "flake.nix",
        "flake.lock",
    ];
    let files = project.files.iter().map(String::as_str);
    let arguments: Vec<_> = git.into_iter().chain(list).chain(files).collect();
    let Ok(unknown) = host.ask("git", &arguments) else {
        return Verdict::NotApplicable(
            "the project is in no git checkout that can be read".to_owned(),
        );
    };
    let unknown: Vec<_> = unknown
        .split('\0')
        .filter(|name| !name.is_empty())
        .collect();
    if unknown.is_empty() {
        return Verdict::Ok("git knows the files that the flake needs".to_owned());
    }
    let named = &unknown[..unknown.len().min(NAMED)];
    let more = match unknown.len() - named.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    needed(
        format!(
            "git does not know `{}`{more}, and Nix sees only what git knows",
            named.join("`, `")
        ),
        format!(
            "run `git add --intent-to-add` with {}",
            if unknown.len() == 1 { "it" } else { "them" }
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::super::Status;
    use super::super::testing::{LS_FILES, Recorded};

    #[test]
    fn files_that_git_does_not_know_are_named() {
        let finding = Recorded::complete()
            .says(LS_FILES, "LICENSE\0flake.nix\0")
            .find("tracked");
        assert_eq!((finding.status, finding.blocks), (Status::Missing, true));
        assert_eq!(
            finding.found,
            "git does not know `LICENSE`, `flake.nix`, and Nix sees only what git knows"
        );
        let many = "a\0b\0c\0d\0e\0f\0g\0";
        let found = Recorded::complete()
            .says(LS_FILES, many)
            .find("tracked")
            .found;
        assert!(found.contains("`e` and 2 more,"), "{found}");
    }

    #[test]
    fn without_git_nothing_is_judged() {
        let machine = Recorded::complete().fails(LS_FILES, "fatal: not a git repository\n");
        assert_eq!(machine.find("tracked").status, Status::NotApplicable);
    }
}
