//! `sealift doctor`: what this machine has and lacks.

mod project;
mod this_machine;

use std::env;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use sealift::doctor::{
    CHECKS, Diagnosis, Finding, Host, Status, Surroundings, examine, sealift_directory,
};

use super::exit::Exit;
use super::stdout;
use this_machine::ThisMachine;

/// The lock of the seeds, in a checkout of Sealift.
const SEED_LOCK: &str = "nix/universe/mirrors/seeds.json";

/// Report what this machine has and lacks for building releases
///
/// In a project, also what the project lacks: its lock, files that git does not know, and the like.
///
/// Changes nothing and does not use the network. A program that does not answer is given up on after some seconds. The
/// exit status is 1 if something is missing that every build needs.
#[derive(clap::Args)]
pub struct Doctor {
    /// Print JSON
    #[arg(long)]
    json: bool,

    /// A directory that contains Sealift, for its seed lock [default: $SEALIFT, else the one that flake.nix names, else the nearest one above]
    #[arg(long, value_name = "DIR")]
    sealift: Option<PathBuf>,
}

impl Doctor {
    /// Prints the findings.
    pub fn run(self) -> anyhow::Result<Exit> {
        let surroundings = surroundings(self.sealift);
        let host = Host {
            machine: &ThisMachine,
            surroundings: &surroundings,
        };
        let diagnosis = examine(host);
        if self.json {
            stdout::print_json(&diagnosis)?
        } else {
            stdout::print_report(&to_text(&diagnosis))?
        }
        Ok(if diagnosis.findings.iter().any(|finding| finding.blocks) {
            Exit::HostLacks
        } else {
            Exit::Done
        })
    }
}

/// Uses the same directories as `nixw`.
fn surroundings(sealift: Option<PathBuf>) -> Surroundings {
    let home = directory("HOME").unwrap_or_default();
    let cache = directory("XDG_CACHE_HOME").unwrap_or_else(|| home.join(".cache"));
    let data = directory("XDG_DATA_HOME").unwrap_or_else(|| home.join(".local/share"));
    let given = sealift.or_else(|| directory("SEALIFT"));
    let project = project::facts(given.is_some());
    let of_flake = project.as_ref().and_then(|project| {
        let flake = std::fs::read_to_string(project.directory.join("flake.nix")).ok()?;
        sealift_directory(&flake, &project.directory).filter(|directory| directory.is_dir())
    });
    Surroundings {
        os: env::consts::OS.to_owned(),
        arch: env::consts::ARCH.to_owned(),
        profile: home.join(".nix-profile/bin"),
        cache: cache.join("sealift"),
        private_store: data.join("sealift/store"),
        seed_lock: seed_lock(given.or(of_flake)),
        project,
    }
}

fn directory(variable: &str) -> Option<PathBuf> {
    let value = env::var_os(variable).filter(|value| !value.is_empty())?;
    Some(value.into())
}

/// In the given directory, else in the nearest one above that has it.
fn seed_lock(sealift: Option<PathBuf>) -> Option<PathBuf> {
    if let Some(directory) = sealift {
        return Some(directory.join(SEED_LOCK));
    }
    let current = env::current_dir().ok()?;
    let candidates = current
        .ancestors()
        .map(|directory| directory.join(SEED_LOCK));
    candidates.into_iter().find(|path| Path::is_file(path))
}

fn to_text(diagnosis: &Diagnosis) -> String {
    let width = CHECKS
        .iter()
        .map(|check| check.name.len())
        .max()
        .unwrap_or(0);
    let mut text = String::new();
    for Finding {
        name,
        status,
        blocks,
        found,
        hint,
        ..
    } in &diagnosis.findings
    {
        let status = match (status, blocks) {
            (Status::Ok, _) => "ok",
            (Status::Missing, true) => "MISSING",
            (Status::Missing, false) => "missing",
            (Status::NotApplicable, _) => "n/a",
        };
        let mut line = |line: String| writeln!(text, "{line}").expect("a string takes all text");
        line(format!("{status:7}  {name:width$}  {found}"));
        if let Some(hint) = hint {
            line(format!("{:7}  {:width$}  hint: {hint}", "", ""));
        }
    }
    text
}
