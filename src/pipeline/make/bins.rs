//! The programs that cargo is told to compile. Where one is for some targets only, it may not compile for others, so those of
//! a target are named; cargo makes all of them if none is.

use crate::model::target::Target;
use crate::model::tree::Kind;
use crate::project::manifest::values::Origin;
use crate::project::sources::PROGRAMS;
use crate::project::{FileRule, Project};

/// The programs to name for a target; empty where all are compiled. `runs_here` is whether `[[generate]]` runs them.
pub fn bins(project: &Project, target: Option<Target>, runs_here: bool) -> Vec<String> {
    let covers = |rule: &&FileRule| {
        let for_target = |each: &Target| {
            target.is_some_and(|target| *each == target || each.members.contains(&target.triple))
        };
        rule.targets.iter().any(for_target)
    };
    let binaries = project
        .files
        .iter()
        .filter(|rule| rule.kind == Kind::Binary);
    let binaries: Vec<_> = binaries.collect();
    let own: Vec<_> = binaries.iter().copied().filter(covers).collect();
    if own.len() == binaries.len() || own.iter().any(|rule| is_open(&rule.origin)) {
        return Vec::new();
    }
    let is_built = |path: &str| !project.root.join(path).exists();
    let shipped = own.iter().filter_map(|rule| match &rule.origin {
        Origin::File(path) => Some(path.as_str()),
        _ => None,
    });
    let run = project
        .generate
        .iter()
        .map(|rule| rule.command.program.as_str());
    let run = run.filter(|_| runs_here);
    let paths = shipped.chain(run).filter(|path| is_built(path));
    let names = paths.filter_map(|path| path.strip_prefix(PROGRAMS));
    let mut names: Vec<_> = names.map(str::to_owned).collect();
    names.sort();
    names.dedup();
    names
}

/// Of a directory or a pattern it is unknown which programs it ships.
fn is_open(origin: &Origin) -> bool {
    match origin {
        Origin::File(_) => false,
        Origin::Directory(_) | Origin::Glob(_) => format!("{origin}/").starts_with(PROGRAMS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestProject;

    const TARGETS: [&str; 3] = [
        "x86_64-unknown-linux-musl",
        "x86_64-pc-windows-gnullvm",
        "universal2-apple-darwin",
    ];

    fn of(rules: &str, triple: &str, runs_here: bool) -> String {
        let project = TestProject::new(rules).targets(&TARGETS).project();
        bins(&project, triple.parse().ok(), runs_here).join(" ")
    }

    const COMMON: &str = "[[files]]\nkind = 'binary'\nsource = 'bin/hello'\n";
    const WINDOWS: &str =
        "[[files]]\nkind = 'binary'\nsource = 'bin/tray'\ntargets = ['windows', 'macos']\n";

    #[test]
    fn programs_are_named_where_some_are_for_other_targets() {
        let rules = format!("{COMMON}{WINDOWS}");
        assert_eq!(of(COMMON, TARGETS[0], false), "");
        assert_eq!(of(&rules, TARGETS[0], false), "hello");
        assert_eq!(of(&rules, TARGETS[1], false), "");
        // A part of a universal program has its programs.
        assert_eq!(of(&rules, "aarch64-apple-darwin", false), "");
        let open = "[[files]]\nkind = 'binary'\nsource = 'bin/extra-*'\n";
        assert_eq!(of(&format!("{rules}{open}"), TARGETS[0], false), "");
    }

    #[test]
    fn what_generates_files_is_compiled_for_this_machine() {
        let generate = "[[files]]\nkind = 'man'\nsource = 'hello.1'\n[[generate]]\ncommand = ['bin/pages']\noutput = 'hello.1'\n";
        let rules = format!("{COMMON}{WINDOWS}{generate}");
        assert_eq!(of(&rules, TARGETS[0], true), "hello pages");
        // A machine that is no target of the project.
        assert_eq!(of(&rules, "x86_64-unknown-freebsd", true), "pages");
    }
}
