//! Files beside the sources that packages should have.

use std::collections::BTreeSet;
use std::path::Path;

use super::InitError;
use crate::model::path::RelativePath;
use crate::model::target::Os;
use crate::model::tree::Kind;
use crate::project::cargo::names;
use crate::project::manifest::destination::default_destination;

/// A file that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Beside {
    /// Its kind.
    pub kind: Kind,
    /// Its path in the project.
    pub source: RelativePath,
    /// Where it is installed, if its name does not determine that.
    pub destination: Option<String>,
    /// Permission bits, if its kind does not determine them.
    pub mode: Option<u32>,
    /// The systems whose packages have it, if its kind does not determine that.
    pub system: Option<Os>,
}

/// Files that are recognized by the start of their names, ignoring case. Of some kinds there is only one.
const DOCUMENTS: &[(Kind, &[&str], bool)] = &[
    (
        Kind::License,
        &[
            "LICENSE",
            "LICENCE",
            "COPYING",
            "COPYRIGHT",
            "UNLICENSE",
            "NOTICE",
        ],
        false,
    ),
    (
        Kind::Changelog,
        &["CHANGELOG", "CHANGES", "HISTORY", "NEWS", "RELEASE_NOTES"],
        true,
    ),
    (Kind::Doc, &["README"], true),
];

/// Where projects keep manual pages.
const MANUALS: &[&str] = &[
    "",
    "man",
    "man/man1",
    "doc",
    "docs",
    "doc/man",
    "docs/man",
    "man-page",
    "manpage",
    "gen",
    "share/man/man1",
];

/// Where projects keep completion scripts.
const COMPLETIONS: &[&str] = &[
    "completion",
    "completions",
    "complete",
    "contrib/completion",
    "contrib/completions",
    "assets/completions",
    "gen/completions",
    "shell-completions",
];

/// Finds the files. `package` is the directory of the package below the project; its pages and scripts are named after
/// `programs`.
pub(super) fn find(
    project: &Path,
    package: &str,
    programs: &[String],
) -> Result<Vec<Beside>, InitError> {
    let mut found = documents(project, package)?;
    for directory in both(package, MANUALS) {
        found.extend(files(project, &directory)?.filter_map(|file| manual(file, programs)));
    }
    for directory in both(package, COMPLETIONS) {
        found.extend(files(project, &directory)?.filter_map(|file| completion(file, programs)));
    }
    // Of two scripts with the same install path, the first is used.
    let mut places = BTreeSet::new();
    found.retain(|beside| match beside.kind {
        Kind::Man | Kind::Completion => beside.place("").is_none_or(|place| places.insert(place)),
        _ => true,
    });
    Ok(found)
}

impl Beside {
    /// A file of which the kind and the name say everything.
    pub fn new(kind: Kind, source: RelativePath) -> Self {
        Self {
            kind,
            source,
            destination: None,
            mode: None,
            system: None,
        }
    }

    /// Where it is installed; `None` if its name does not say that.
    pub fn place(&self, package: &str) -> Option<String> {
        if let Some(destination) = &self.destination {
            return Some(destination.clone());
        }
        let name = self.source.file_name();
        let name = name
            .parse()
            .expect("the last component of a valid path is a valid path");
        let place = default_destination(self.kind, package, &name).ok()?;
        Some(place.to_string())
    }
}

/// The kind of a document, by its name.
pub(super) fn document_kind(name: &str) -> Kind {
    let is_named = |words: &[&str]| words.iter().any(|word| is_document(name, word));
    let kinds = DOCUMENTS.iter().find(|(_, words, _)| is_named(words));
    kinds.map_or(Kind::Doc, |(kind, _, _)| *kind)
}

/// Directories in the project and, if it is a different one, in the package.
fn both(package: &str, directories: &[&str]) -> Vec<String> {
    let own = directories.iter().map(ToString::to_string);
    let more = directories.iter().map(|directory| join(package, directory));
    let mut both: Vec<_> = own.chain(more).collect();
    both.sort();
    both.dedup();
    both
}

fn join(directory: &str, name: &str) -> String {
    match (directory, name) {
        ("", name) => name.to_owned(),
        (directory, "") => directory.to_owned(),
        (directory, name) => format!("{directory}/{name}"),
    }
}

/// The regular files in a directory whose paths the manifest can name.
fn files(project: &Path, directory: &str) -> Result<impl Iterator<Item = RelativePath>, InitError> {
    let paths = names(&project.join(directory))?.into_iter();
    let paths = paths.map(|name| join(directory, &name));
    let regular = paths.filter(|path| project.join(path).is_file());
    let files: Vec<RelativePath> = regular.filter_map(|path| path.parse().ok()).collect();
    Ok(files.into_iter())
}

/// Those of the project, or else of the package, separately for each kind.
fn documents(project: &Path, package: &str) -> Result<Vec<Beside>, InitError> {
    let mut found = Vec::new();
    for (kind, beginnings, single) in DOCUMENTS {
        for directory in both(package, &[""]) {
            let mut here =
                documents_of(&files(project, &directory)?.collect::<Vec<_>>(), beginnings);
            here.truncate(if *single { 1 } else { usize::MAX });
            if !here.is_empty() {
                let beside = |source| Beside::new(*kind, source);
                found.extend(here.into_iter().map(beside));
                break;
            }
        }
    }
    Ok(found)
}

/// Those whose names start with one of the words, in the order of the words.
fn documents_of(files: &[RelativePath], beginnings: &[&str]) -> Vec<RelativePath> {
    let of_word = |word: &&str| {
        let is_one = |file: &&RelativePath| is_document(file.file_name(), word);
        files.iter().filter(is_one).cloned().collect::<Vec<_>>()
    };
    beginnings.iter().flat_map(of_word).collect()
}

/// Whether a file is the document of that name: the plain name, the name with a suffix that distinguishes it from
/// others of its kind, or with a text extension.
fn is_document(name: &str, word: &str) -> bool {
    let upper = name.to_uppercase();
    let Some(rest) = upper.strip_prefix(word) else {
        return false;
    };
    let is_code = [
        ".RS", ".TOML", ".YML", ".YAML", ".JSON", ".HTML", ".HBS", ".PY", ".SH",
    ];
    let is_license = !matches!(
        word,
        "README" | "CHANGELOG" | "CHANGES" | "HISTORY" | "NEWS"
    );
    let extensions = ["", ".MD", ".TXT", ".RST", ".ADOC"];
    match is_license {
        // Licenses have their names as suffixes: `LICENSE-MIT`.
        true => {
            (rest.is_empty() || rest.starts_with(['-', '.', '_']))
                && !is_code.iter().any(|e| rest.ends_with(e))
        }
        false => extensions.contains(&rest),
    }
}

/// A page of a program, such as `hello.1` or `hello-plan.1`.
fn manual(source: RelativePath, programs: &[String]) -> Option<Beside> {
    let (stem, section) = source.file_name().rsplit_once('.')?;
    let is_section = matches!(section.as_bytes(), [b'1'..=b'9']);
    let is_page = |program: &String| {
        let rest = stem.strip_prefix(program.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '.']))
    };
    (is_section && programs.iter().any(is_page)).then(|| Beside::new(Kind::Man, source))
}

/// Shells whose scripts are recognized: the shell, the directory of their scripts with what the name in there begins with,
/// and how it ends.
const SHELLS: &[(&str, &str, &str)] = &[
    ("bash", "usr/share/bash-completion/completions/", ""),
    ("fish", "usr/share/fish/vendor_completions.d/", ".fish"),
    ("zsh", "usr/share/zsh/site-functions/_", ""),
    ("elvish", "usr/share/elvish/lib/", ".elv"),
    ("nushell", "usr/share/nushell/vendor/autoload/", ".nu"),
    ("powershell", "", ""),
];

/// Extensions of scripts, with their shells.
const EXTENSIONS: &[(&str, &str)] = &[
    (".bash-completion", "bash"),
    (".zsh", "zsh"),
    (".elv", "elvish"),
    (".nu", "nushell"),
    (".ps1", "powershell"),
];

/// A script of a program, under one of the names that shells and projects use.
fn completion(source: RelativePath, programs: &[String]) -> Option<Beside> {
    let name = source.file_name().to_owned();
    let (program, shell) = programs
        .iter()
        .find_map(|program| Some((program, shell_of(&name, program)?)))?;
    let mut beside = Beside::new(Kind::Completion, source);
    let Some(shell) = shell else {
        return Some(beside);
    };
    let (_, directory, suffix) = SHELLS.iter().find(|(known, ..)| *known == shell)?;
    beside.destination = Some(format!("{directory}{program}{suffix}"));
    // PowerShell has no directory for scripts of packages. Its users on Windows find it in the archive.
    if shell == "powershell" {
        beside.destination = Some(format!("usr/share/{program}/completions/{program}.ps1"));
        beside.system = Some(Os::Windows);
    }
    Some(beside)
}

/// The shell of a program's script: `Some(None)` if the name determines where it is installed, `None` if it is not a
/// script of the program.
fn shell_of(name: &str, program: &str) -> Option<Option<&'static str>> {
    let after = name.strip_prefix(program);
    if matches!(after, Some(".bash" | ".fish")) || name.strip_prefix('_') == Some(program) {
        return Some(None);
    }
    // Generators write `_hello.ps1`.
    let extension = after.or_else(|| name.strip_prefix('_')?.strip_prefix(program));
    if let Some((_, shell)) = EXTENSIONS
        .iter()
        .find(|(known, _)| extension == Some(known))
    {
        return Some(Some(shell));
    }
    let is_of = |(shell, ..): &&(&'static str, &str, &str)| {
        let before = name.strip_suffix(program);
        let is_before = before.and_then(|rest| rest.strip_prefix(shell));
        let is_after = after.and_then(|rest| rest.strip_suffix(shell));
        is_before.is_some_and(|sign| matches!(sign, "_" | "-" | "."))
            || is_after.is_some_and(|sign| matches!(sign, "_" | "-" | "."))
    };
    SHELLS.iter().find(is_of).map(|(shell, ..)| Some(*shell))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(names: &[&str]) -> Vec<String> {
        let project = tempfile::tempdir().expect("a directory");
        for name in names {
            let path = project.path().join(name);
            std::fs::create_dir_all(path.parent().expect("below the root")).expect("writable");
            std::fs::write(path, "text").expect("writable");
        }
        let found = find(project.path(), "crates/hello", &["hello".to_owned()]).expect("readable");
        found
            .iter()
            .map(|beside| format!("{:?} {}", beside.kind, beside.source))
            .collect()
    }

    #[test]
    fn every_license_is_taken_but_no_code() {
        let names = [
            "LICENSE-MIT",
            "license.txt",
            "LICENSES",
            "license.rs",
            "COPYING",
            "LICENSE-Apache-2.0",
        ];
        assert_eq!(
            found(&names),
            [
                "License LICENSE-Apache-2.0",
                "License LICENSE-MIT",
                "License license.txt",
                "License COPYING"
            ]
        );
    }

    #[test]
    fn one_readme_and_one_changelog_are_taken() {
        let names = [
            "CHANGES.md",
            "CHANGELOG.md",
            "README.de.md",
            "README.md",
            "readme.rs",
        ];
        assert_eq!(found(&names), ["Changelog CHANGELOG.md", "Doc README.md"]);
    }

    #[test]
    fn a_package_gives_what_its_project_does_not() {
        let names = [
            "README.md",
            "crates/hello/README.md",
            "crates/hello/LICENSE",
        ];
        assert_eq!(
            found(&names),
            ["License crates/hello/LICENSE", "Doc README.md"]
        );
    }

    #[test]
    fn manual_pages_are_told_by_the_program_s_name() {
        let names = [
            "man/hello.1",
            "doc/hello-sub.1",
            "man/hellooo.1",
            "hello.conf.5",
            "man/other.1",
            "hello.0",
        ];
        assert_eq!(
            found(&names),
            ["Man hello.conf.5", "Man doc/hello-sub.1", "Man man/hello.1"]
        );
    }

    #[test]
    fn completions_are_told_by_the_program_s_name() {
        let names = [
            "completions/_hello",
            "completions/hello.fish",
            "completions/hello.ts",
            "complete/hello.bash",
        ];
        assert_eq!(
            found(&names),
            [
                "Completion complete/hello.bash",
                "Completion completions/_hello",
                "Completion completions/hello.fish"
            ]
        );
    }

    #[test]
    fn completions_can_have_the_shell_s_name_before_or_after_the_program_s() {
        let project = tempfile::tempdir().expect("a directory");
        let directory = project.path().join("completion");
        std::fs::create_dir(&directory).expect("writable");
        let names = [
            "bash_hello",
            "fish_hello",
            "zsh_hello",
            "zsh_other",
            "hello.elv",
            "hello.nu",
            "_hello.ps1",
        ];
        for name in names {
            std::fs::write(directory.join(name), "text").expect("writable");
        }
        let found = find(project.path(), "", &["hello".to_owned()]).expect("readable");
        let destinations: Vec<_> = found
            .iter()
            .map(|beside| (beside.source.as_str(), beside.destination.as_deref()))
            .collect();
        assert_eq!(
            destinations,
            [
                (
                    "completion/_hello.ps1",
                    Some("usr/share/hello/completions/hello.ps1")
                ),
                (
                    "completion/bash_hello",
                    Some("usr/share/bash-completion/completions/hello")
                ),
                (
                    "completion/fish_hello",
                    Some("usr/share/fish/vendor_completions.d/hello.fish")
                ),
                (
                    "completion/hello.elv",
                    Some("usr/share/elvish/lib/hello.elv")
                ),
                (
                    "completion/hello.nu",
                    Some("usr/share/nushell/vendor/autoload/hello.nu")
                ),
                (
                    "completion/zsh_hello",
                    Some("usr/share/zsh/site-functions/_hello")
                ),
            ]
        );
        assert_eq!(shell_of("hello.zsh", "hello"), Some(Some("zsh")));
        assert_eq!(
            shell_of("hello.bash-completion", "hello"),
            Some(Some("bash"))
        );
        assert_eq!(shell_of("bashhello", "hello"), None);
        assert_eq!(shell_of("other.ps1", "hello"), None);
    }
}
