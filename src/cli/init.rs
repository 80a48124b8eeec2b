//! `sealift init`: the first files of a project.

use std::path::{Path, PathBuf};

use anyhow::Context;
use sealift::format::FORMATS;
use sealift::init::address::Address;
use sealift::init::answers::Answers;
use sealift::init::platforms::Platforms;
use sealift::init::{FILES, KeptFile, Note, Scope, draft};
use sealift::model::license::License;
use sealift::model::line::Summary;
use sealift::model::name::PackageName;
use sealift::model::person::Person;

use super::exit::{self, Advised, Exit};
use super::git;
use super::{questions, stdout, terminal, values};

/// Names the directory that holds Sealift, for this command and for `nixw`.
const SEALIFT: &str = "SEALIFT";

/// Write the files that a Cargo project needs to be released
///
/// They are `sealift.toml`, `flake.nix`, `nixw` and `.envrc`, and are written all or not at all. All but the manifest stay as
/// they are if they are there already. In a git checkout `.gitignore` gets a line for the results of builds. What the files say comes
/// from Cargo.toml and from the files beside it, and `sealift plan` works on it at once.
#[derive(clap::Args)]
pub struct Init {
    /// The project's directory, which holds its Cargo.toml [default: the current directory]
    #[arg(long, value_name = "DIR")]
    directory: Option<PathBuf>,

    /// Where the flake gets Sealift from: a flake's URL, or a directory that holds Sealift [default: $SEALIFT]
    #[arg(long, value_name = "URL")]
    sealift: Option<String>,

    /// The platforms to release for: targets, or operating systems for the targets that most of their users need
    /// [default: x86_64-unknown-linux-musl]
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = values::platforms())]
    target: Vec<Platforms>,

    /// The formats to write, or `all` [default: archive,deb,oci]
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = values::format_or_all())]
    format: Vec<String>,

    /// A package of the workspace to release; the first one gives the release its name and version
    #[arg(long, value_name = "NAME")]
    package: Vec<String>,

    /// The package's name, in place of Cargo's
    #[arg(long, value_name = "NAME")]
    name: Option<PackageName>,

    /// One line about the program, in place of Cargo's description
    #[arg(long, value_name = "TEXT")]
    summary: Option<Summary>,

    /// The SPDX license expression, in place of Cargo's
    #[arg(long, value_name = "SPDX")]
    license: Option<License>,

    /// Who answers for the packages [default: the first author of Cargo.toml with an address, else git's user]
    #[arg(long, value_name = "NAME <ADDRESS>")]
    maintainer: Option<Person>,

    /// A file to write, in place of all
    #[arg(long, value_name = "FILE", value_parser = clap::builder::PossibleValuesParser::new(FILES))]
    only: Vec<String>,

    /// Replace the files that are there already
    #[arg(long)]
    force: bool,
}

impl Init {
    /// Writes the files and prints their names; what comes next goes to standard error.
    pub fn run(self) -> anyhow::Result<Exit> {
        let directory = self.directory.as_deref().unwrap_or(Path::new("."));
        let directory = absolute(directory)?;
        let scope = Scope {
            only: self.only,
            force: self.force,
        };
        let sealift = if scope.includes("flake.nix") {
            Some(address(self.sealift)?)
        } else {
            None
        };
        let mut answers = Answers {
            targets: self
                .target
                .into_iter()
                .flat_map(|Platforms(targets)| targets)
                .collect(),
            formats: formats(&self.format),
            packages: self.package,
            name: self.name,
            summary: self.summary,
            license: self.license,
            maintainer: self.maintainer,
            committer: git::user(&directory).and_then(|user| user.parse().ok()),
        };
        let mut draft = loop {
            match draft(&directory, &answers, sealift.as_ref(), &scope) {
                Err(error)
                    if questions::can_be_asked() && questions::answer(&error, &mut answers) => {}
                result => break result?,
            }
        };
        if scope.only.is_empty() && git::is_checkout(&directory) {
            draft.ignore_results(&directory)?;
        }
        draft.write(&directory)?;
        let names: String = draft
            .files
            .iter()
            .map(|file| format!("{}\n", file.name))
            .collect();
        stdout::print_text(&names)?;
        for kept in &draft.kept {
            exit::eprint_quietly(&kept_text(kept));
        }
        if !terminal::is_quiet() {
            for note in &draft.notes {
                exit::eprint_quietly(&note_text(note));
            }
            exit::eprint_quietly(&next_steps(&directory));
        }
        Ok(Exit::Done)
    }
}

/// The names in the table of formats that were asked for.
fn formats(asked: &[String]) -> Vec<&'static str> {
    let names = FORMATS.iter().map(|format| format.name);
    let is_asked = |name: &&str| {
        asked
            .iter()
            .any(|asked| asked == name || asked == values::ALL)
    };
    names.filter(is_asked).collect()
}

/// The directory without `.` and `..`, because its parents are looked at.
fn absolute(directory: &Path) -> anyhow::Result<PathBuf> {
    let canonical = directory.canonicalize();
    canonical.with_context(|| format!("cannot find the directory `{}`", directory.display()))
}

fn address(given: Option<String>) -> anyhow::Result<Address> {
    let current = std::env::current_dir().context("cannot find the current directory")?;
    let variable = || {
        std::env::var(SEALIFT)
            .ok()
            .filter(|value| !value.is_empty())
    };
    let asked = || {
        let question =
            "Where the flake gets Sealift from: a directory that holds it, or a flake's URL";
        questions::can_be_asked().then(|| questions::ask(question))?
    };
    match given.or_else(variable).or_else(asked) {
        Some(text) => Ok(Address::parse(&text, &current)?),
        None => Err(Advised {
            message: "nothing says where the flake gets Sealift from".to_owned(),
            hint: format!(
                "give `--sealift`, or set `{SEALIFT}`: a directory that holds Sealift, or a flake's URL such as \
                 `git+https://example.org/sealift`"
            ),
        }
        .into()),
    }
}

fn kept_text(kept: &KeptFile) -> String {
    let lines = kept.to_merge.lines();
    let lines: String = lines.map(|line| format!("    {line}\n")).collect();
    let name = kept.name;
    if lines.is_empty() {
        format!(
            "kept: `{name}` is there already and differs from Sealift's; `--force` replaces it\n"
        )
    } else {
        format!("kept: `{name}` is there already; merge into it:\n{lines}")
    }
}

fn note_text(note: &Note) -> String {
    let taken = match note.taken.as_slice() {
        [] => "nothing".to_owned(),
        taken => taken.join(", "),
    };
    let left: String = note
        .left
        .iter()
        .map(|left| format!("    {left}\n"))
        .collect();
    let left = match left.as_str() {
        "" => String::new(),
        lines => format!("not taken from {}:\n{lines}", note.table),
    };
    format!("taken from {}: {taken}\n{left}", note.table)
}

fn next_steps(directory: &Path) -> String {
    let mut steps = Vec::new();
    if !directory.join("Cargo.lock").exists() {
        steps.push("cargo generate-lockfile      # builds take the versions of Cargo.lock");
    }
    if git::is_checkout(directory) {
        steps.push("git add --intent-to-add .    # Nix sees only what git knows");
    }
    steps.push("sealift plan                 # what would be made");
    steps.push("./nixw build .#release       # makes it");
    let steps: String = steps.iter().map(|step| format!("    {step}\n")).collect();
    format!("next:\n{steps}")
}
