//! What a machine has and lacks for building releases.
//!
//! Each line of [`CHECKS`] asks a [`Machine`] one question. The library inspects nothing itself, so a test can simulate
//! any machine.

mod cargo_lock;
mod disk;
mod emulation;
mod namespaces;
mod nix;
mod project;
mod rust_version;
mod sealift_input;
mod seed_lock;
mod seeds;
mod store_path;
#[cfg(test)]
mod testing;
mod tools;
mod tracked;

use std::path::{Path, PathBuf};

pub use project::{PackageFacts, ProjectFacts};
pub use sealift_input::sealift_directory;

/// A machine to examine.
pub trait Machine: Sync {
    /// Runs a program with arguments, for at most a few seconds.
    fn run(&self, program: &str, arguments: &[&str]) -> Result<Output, RunError>;

    /// The text of a file; `None` if it cannot be read.
    fn read(&self, path: &Path) -> Option<String>;

    /// Whether there is something at a path.
    fn exists(&self, path: &Path) -> bool;
}

/// The output of a finished program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// Whether it ended with 0.
    pub success: bool,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

/// Why a program could not run to its end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RunError {
    /// There is no such program.
    #[error("not installed")]
    Missing,
    /// It did not end in time.
    #[error("gave no answer within {seconds} s")]
    Hangs {
        /// The time that was waited.
        seconds: u64,
    },
    /// It could not be started, or its output could not be read.
    #[error("cannot be run: {reason}")]
    Broken {
        /// The operating system's answer.
        reason: String,
    },
}

/// What the caller knows about the machine.
#[derive(Clone, Debug)]
pub struct Surroundings {
    /// The operating system, as Rust's `target_os` names it.
    pub os: String,
    /// The machine, as Rust's `target_arch` names it.
    pub arch: String,
    /// The programs of the user's own Nix profile; `nixw` looks there too.
    pub profile: PathBuf,
    /// The cache of `nixw`.
    pub cache: PathBuf,
    /// Where `nixw` creates a private store for a user without a daemon.
    pub private_store: PathBuf,
    /// The lock of the seeds that the mirrors universe builds from.
    pub seed_lock: Option<PathBuf>,
    /// The project that the current directory is in.
    pub project: Option<ProjectFacts>,
}

/// A machine and what is known about it.
#[derive(Clone, Copy)]
pub struct Host<'a> {
    /// The machine to ask.
    pub machine: &'a dyn Machine,
    /// What is known already.
    pub surroundings: &'a Surroundings,
}

/// A check's line in the table [`CHECKS`].
pub struct Check {
    /// Its name.
    pub name: &'static str,
    /// A description for people.
    pub about: &'static str,
    about_machines: Machines,
    run: Run,
}

/// The machines that a check is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Machines {
    All,
    /// Those that build with Nix: Linux and macOS on [`BUILDERS`].
    Builders,
    /// Those that build in the mirrors universe, or run what they have built for Linux.
    LinuxBuilders,
}

/// The processors of machines that run the builds, as Rust's `target_arch` names them.
const BUILDERS: [&str; 2] = ["x86_64", "aarch64"];

/// Every check, in the order in which the things are needed.
pub const CHECKS: &[Check] = &[
    builder("nix", "builds everything", nix::version),
    builder("git", "reads a flake's files", tools::git),
    on_linux(
        "python",
        "fetches seeds for the mirrors universe",
        tools::python,
    ),
    builder(
        "flakes",
        "lets plain `nix` commands use flakes",
        nix::flakes,
    ),
    on_linux(
        "namespaces",
        "isolate builds from this machine",
        namespaces::namespaces,
    ),
    builder(
        "sandbox",
        "isolates the builds of plain `nix` commands",
        nix::sandbox,
    ),
    builder("store", "stores build results", disk::store),
    builder("cache", "stores downloads", disk::cache),
    on_linux("seeds", "inputs of the mirrors universe", seeds::seeds),
    on_linux(
        "emulation",
        "runs programs for other machines",
        emulation::emulation,
    ),
    anywhere("wine", "runs programs for Windows", tools::wine),
    anywhere(
        "lock",
        "fixes the project's dependencies",
        cargo_lock::cargo_lock,
    ),
    anywhere("tracked", "shows Nix the project's files", tracked::tracked),
    anywhere("rust", "compiles the project", rust_version::rust_version),
    anywhere(
        "sealift",
        "is what the project's flake builds with",
        sealift_input::sealift_input,
    ),
];

type Run = fn(&Host<'_>) -> Verdict;

const fn anywhere(name: &'static str, about: &'static str, run: Run) -> Check {
    check(Machines::All, name, about, run)
}

const fn builder(name: &'static str, about: &'static str, run: Run) -> Check {
    check(Machines::Builders, name, about, run)
}

const fn on_linux(name: &'static str, about: &'static str, run: Run) -> Check {
    check(Machines::LinuxBuilders, name, about, run)
}

const fn check(
    about_machines: Machines,
    name: &'static str,
    about: &'static str,
    run: Run,
) -> Check {
    Check {
        name,
        about,
        about_machines,
        run,
    }
}

/// What a check found.
enum Verdict {
    Ok(String),
    Missing(Missing),
    NotApplicable(String),
}

struct Missing {
    found: String,
    hint: String,
    needed: bool,
}

/// Something that every build needs.
fn needed(found: impl Into<String>, hint: impl Into<String>) -> Verdict {
    missing(found, hint, true)
}

/// Something that only some tasks need.
fn useful(found: impl Into<String>, hint: impl Into<String>) -> Verdict {
    missing(found, hint, false)
}

fn missing(found: impl Into<String>, hint: impl Into<String>, needed: bool) -> Verdict {
    Verdict::Missing(Missing {
        found: found.into(),
        hint: hint.into(),
        needed,
    })
}

/// The status of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It exists.
    Ok,
    /// It is missing or wrong.
    Missing,
    /// It is not used on this machine.
    NotApplicable,
}

/// The result of one check. Serializes to a part of the output of `sealift doctor --json`.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Finding {
    /// The check's name.
    pub name: &'static str,
    /// The purpose of the thing.
    pub about: &'static str,
    /// The status.
    pub status: Status,
    /// Whether it is missing and every build needs it.
    pub blocks: bool,
    /// What was found.
    pub found: String,
    /// What to do if it is missing.
    pub hint: Option<String>,
}

/// All findings. Serializes to the output of `sealift doctor --json`.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Diagnosis {
    /// Whether releases can be built here.
    pub can_build: bool,
    /// One per check, in the table's order.
    pub findings: Vec<Finding>,
}

/// Why a program gave no output to read.
#[derive(Debug, thiserror::Error)]
enum Problem {
    #[error("{0}")]
    Run(RunError),
    /// With the last line of its error output.
    #[error("fails{}{_0}", if _0.is_empty() { " without a message" } else { ": " })]
    Fails(String),
    #[error("{0}")]
    Nonsense(&'static str),
}

/// Runs all checks in parallel.
pub fn examine(host: Host<'_>) -> Diagnosis {
    let findings: Vec<_> = std::thread::scope(|scope| {
        let start = |check: &'static Check| scope.spawn(move || check.find(&host));
        let running: Vec<_> = CHECKS.iter().map(start).collect();
        let end = |thread: std::thread::ScopedJoinHandle<'_, Finding>| {
            thread.join().expect("checks do not panic")
        };
        running.into_iter().map(end).collect()
    });
    Diagnosis {
        can_build: host.is_builder() && !findings.iter().any(|finding| finding.blocks),
        findings,
    }
}

impl Check {
    fn find(&self, host: &Host<'_>) -> Finding {
        let verdict = match self.about_machines {
            Machines::Builders | Machines::LinuxBuilders if !host.is_builder() => {
                Verdict::NotApplicable(host.not_a_builder())
            }
            Machines::LinuxBuilders if host.is_mac() => {
                Verdict::NotApplicable("releases are built without it on macOS".to_owned())
            }
            _ => (self.run)(host),
        };
        let (status, blocks, found, hint) = match verdict {
            Verdict::Ok(found) => (Status::Ok, false, found, None),
            Verdict::NotApplicable(found) => (Status::NotApplicable, false, found, None),
            Verdict::Missing(Missing {
                found,
                hint,
                needed,
            }) => (Status::Missing, needed, found, Some(hint)),
        };
        Finding {
            name: self.name,
            about: self.about,
            status,
            blocks,
            found,
            hint,
        }
    }
}

impl Host<'_> {
    fn is_builder(&self) -> bool {
        let has_nix = self.surroundings.os == "linux" || self.is_mac();
        has_nix && BUILDERS.contains(&&*self.surroundings.arch)
    }

    /// Whether only the nixpkgs universe builds here.
    fn is_mac(&self) -> bool {
        self.surroundings.os == "macos"
    }

    fn not_a_builder(&self) -> String {
        let Surroundings { os, arch, .. } = self.surroundings;
        let builders = BUILDERS.join(" and ");
        format!("releases are built on Linux and macOS on {builders}; this is {os} on {arch}")
    }

    /// Nix's name of the machine.
    fn system(&self) -> String {
        let Surroundings { os, arch, .. } = self.surroundings;
        format!("{arch}-{os}")
    }

    /// The output of a program, if it succeeded.
    fn ask(&self, program: &str, arguments: &[&str]) -> Result<String, Problem> {
        match self.machine.run(program, arguments) {
            Ok(output) if output.success => Ok(output.stdout),
            Ok(output) => Err(Problem::Fails(
                output
                    .stderr
                    .trim()
                    .lines()
                    .last()
                    .unwrap_or_default()
                    .to_owned(),
            )),
            Err(error) => Err(Problem::Run(error)),
        }
    }

    /// Whether `nixw` can install what is missing, which it can on Debian and derivatives.
    fn installs_itself(&self) -> bool {
        let release = self
            .machine
            .read(Path::new("/etc/os-release"))
            .unwrap_or_default();
        let is_kin = |line: &str| {
            let value = line
                .strip_prefix("ID=")
                .or_else(|| line.strip_prefix("ID_LIKE="));
            value.is_some_and(|value| value.contains("debian") || value.contains("ubuntu"))
        };
        release.lines().any(is_kin) && self.machine.exists(Path::new("/usr/bin/apt-get"))
    }

    /// Something that every build needs, unless `nixw` installs it automatically.
    fn installable(&self, problem: &Problem, package: &str, by_hand: &str) -> Verdict {
        match problem {
            Problem::Run(RunError::Missing) if self.installs_itself() => {
                let hint =
                    format!("`./nixw` installs it automatically, like `apt-get install {package}`");
                useful(problem.to_string(), hint)
            }
            Problem::Run(RunError::Missing) => needed(problem.to_string(), by_hand),
            _ => needed(
                problem.to_string(),
                "it is installed but does not work: repair or reinstall it",
            ),
        }
    }

    fn has_daemon(&self) -> bool {
        self.machine
            .exists(Path::new("/nix/var/nix/daemon-socket/socket"))
    }

    fn is_root(&self) -> bool {
        self.ask("id", &["-u"]).is_ok_and(|id| id.trim() == "0")
    }

    /// The root of the store that `nixw` uses: the directory that contains `/nix/store`.
    fn store(&self) -> &Path {
        let writable = || self.ask("test", &["-w", "/nix/var/nix"]).is_ok();
        if self.has_daemon() || self.is_root() || writable() {
            Path::new("/")
        } else {
            &self.surroundings.private_store
        }
    }
}

#[cfg(test)]
mod tests {
    use super::testing::Recorded;
    use super::*;

    #[test]
    fn every_check_has_a_name_of_its_own() {
        let mut names: Vec<_> = CHECKS.iter().map(|check| check.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), CHECKS.len());
    }

    #[test]
    fn a_machine_that_has_all_can_build() {
        let diagnosis = Recorded::complete().examine();
        let lacking: Vec<_> = diagnosis
            .findings
            .iter()
            .filter(|f| f.status != Status::Ok)
            .collect();
        assert_eq!(lacking, [&diagnosis.findings[0]; 0]);
        assert!(diagnosis.can_build);
    }

    #[test]
    fn an_empty_debian_needs_nothing_that_the_wrapper_does_not_install() {
        let diagnosis = Recorded::bare_debian().examine();
        let missing = diagnosis
            .findings
            .iter()
            .filter(|f| f.status == Status::Missing);
        let missing: Vec<_> = missing.map(|finding| finding.name).collect();
        assert_eq!(missing, ["nix", "git", "python", "emulation", "wine"]);
        assert!(diagnosis.can_build);
    }

    #[test]
    fn another_empty_linux_cannot_build() {
        let mut machine = Recorded::bare_debian();
        machine.files.remove(Path::new("/etc/os-release"));
        let diagnosis = machine.examine();
        let blocking = diagnosis.findings.iter().filter(|finding| finding.blocks);
        let blocking: Vec<_> = blocking.map(|finding| finding.name).collect();
        assert_eq!(blocking, ["nix", "git"]);
        assert!(!diagnosis.can_build);
    }

    #[test]
    fn another_system_does_not_build_and_lacks_nothing_for_that() {
        let mut machine = Recorded::complete();
        machine.surroundings.os = "windows".to_owned();
        let diagnosis = machine.examine();
        assert!(!diagnosis.can_build);
        assert!(!diagnosis.findings.iter().any(|finding| finding.blocks));
        let nix = &diagnosis.findings[0];
        assert_eq!(nix.status, Status::NotApplicable);
        assert_eq!(
            nix.found,
            "releases are built on Linux and macOS on x86_64 and aarch64; this is windows on x86_64"
        );
    }

    #[test]
    fn a_mac_builds_in_the_nixpkgs_universe_alone() {
        let mut machine = Recorded::complete();
        machine.surroundings.os = "macos".to_owned();
        machine.surroundings.arch = "aarch64".to_owned();
        let diagnosis = machine.examine();
        assert!(diagnosis.can_build);
        assert_eq!(
            diagnosis.findings[0].found,
            "2.31.2: can use the nixpkgs universe"
        );
        let is_unused = |finding: &&Finding| finding.status == Status::NotApplicable;
        let unused = diagnosis.findings.iter().filter(is_unused);
        let unused: Vec<_> = unused.map(|finding| finding.name).collect();
        assert_eq!(unused[..4], ["python", "namespaces", "seeds", "emulation"]);

        let finding = machine
            .says("nix --version", "nix (Nix) 2.8.0\n")
            .find("nix");
        assert_eq!((finding.status, finding.blocks), (Status::Missing, true));
        assert_eq!(
            finding.found,
            "2.8.0 is too old for the nixpkgs universe, which is the one that builds on macOS"
        );
    }

    #[test]
    fn linux_on_arm_builds_and_lacks_an_emulator_of_x86_64() {
        let mut machine = Recorded::bare_debian();
        machine.surroundings.arch = "aarch64".to_owned();
        let diagnosis = machine.examine();
        assert!(diagnosis.can_build);
        assert_eq!(
            machine.find("emulation").found,
            "nothing runs arm, riscv64, x86_64"
        );
    }

    #[test]
    fn what_is_missing_has_a_hint_and_nothing_else_has() {
        for machine in [
            Recorded::complete(),
            Recorded::bare_debian(),
            Recorded::broken(),
        ] {
            for finding in machine.examine().findings {
                assert_eq!(
                    finding.hint.is_some(),
                    finding.status == Status::Missing,
                    "{}",
                    finding.name
                );
            }
        }
    }
}
