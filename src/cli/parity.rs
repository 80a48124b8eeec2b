//! `sealift parity`: records what a reference does, and compares another program with it.

use std::ffi::OsString;
use std::fmt::Write;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Subcommand;
use sealift::evidence::{Coverage, Observation, Parity as Replayed, Record};
use sealift::output::write_file;
use sealift::parity::coverage::{Trees, coverage};
use sealift::parity::record::{Request, record, record_all};
use sealift::parity::replay::replay;
use sealift::parity::{Candidate, Corpus};

use super::exit::Exit;
use super::{git, stdout};

/// Compare a program with a reference implementation
#[derive(clap::Args)]
pub struct Parity {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Record(Recording),
    Replay(Replay),
    Coverage(Covering),
}

/// Record what a reference does as a case
///
/// Runs the command twice, each time in a new directory, and writes exit code, output and files as a directory of the corpus.
/// If the two runs differ in anything that no normalization covers, nothing is written.
#[derive(clap::Args)]
struct Recording {
    /// The directory of the cases; created if missing
    #[arg(long, value_name = "DIR")]
    corpus: PathBuf,

    /// The case's name
    #[arg(long, value_name = "NAME", required_unless_present = "all")]
    case: Option<String>,

    /// Record all cases of the corpus again, with what they give to a program
    #[arg(
        long,
        conflicts_with_all = ["case", "stdin", "files", "env", "normalize", "timeout", "replace", "leading"]
    )]
    all: bool,

    /// A file that the command reads from standard input [default: nothing]
    #[arg(long, value_name = "FILE")]
    stdin: Option<PathBuf>,

    /// A directory whose content is in the command's current directory
    #[arg(long, value_name = "DIR")]
    files: Option<PathBuf>,

    /// A variable of the command's environment, as `NAME=VALUE`; can be given more than once
    #[arg(long, value_name = "NAME=VALUE")]
    env: Vec<OsString>,

    /// What may differ from run to run, by name; can be given more than once
    #[arg(long, value_name = "NAME")]
    normalize: Vec<String>,

    /// The time that the command has [default: that of the corpus, else 10]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    timeout: Option<u64>,

    /// Record a case that exists again
    #[arg(long)]
    replace: bool,

    /// How many of the arguments belong to the command, and not to the case, as a script does that an interpreter runs
    #[arg(long, value_name = "N", default_value_t = 0)]
    leading: usize,

    /// How many cases to record at a time [default: one per core]
    #[arg(long, value_name = "N", requires = "all")]
    jobs: Option<NonZeroUsize>,

    /// The reference, and the arguments of the case; with `--all`, arguments before those of each case
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

/// Compare a program with all cases of a corpus
///
/// Exits with 1 if anything differs: exit code, output or files, byte for byte. The record is evidence for `sealift gate`.
#[derive(clap::Args)]
struct Replay {
    /// The directory of the cases
    #[arg(long, value_name = "DIR")]
    corpus: PathBuf,

    /// The file for the record
    #[arg(long, value_name = "FILE")]
    out: PathBuf,

    /// How many cases to run at a time [default: one per core]
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,

    /// The program, and arguments before those of each case
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

/// Compare the files of a reference with a map of their counterparts
///
/// Exits with 1 if the map lacks a file of the reference, or names a path that does not exist. The record is evidence for
/// `sealift gate`.
#[derive(clap::Args)]
struct Covering {
    /// The file that maps each file of the reference to its counterparts
    #[arg(long, value_name = "FILE")]
    map: PathBuf,

    /// The directory of the reference's source
    #[arg(long, value_name = "DIR")]
    reference: PathBuf,

    /// The directory of the program's source
    #[arg(long, value_name = "DIR")]
    tree: PathBuf,

    /// The file for the record
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

impl Parity {
    /// Records, replays, or compares trees.
    pub fn run(self) -> anyhow::Result<Exit> {
        match self.command {
            Command::Record(command) => command.run(),
            Command::Replay(command) => command.run(),
            Command::Coverage(command) => command.run(),
        }
    }
}

impl Recording {
    fn run(self) -> anyhow::Result<Exit> {
        let (program, mut leading) = split(self.command);
        let temporary = std::env::temp_dir();
        let Some(case) = &self.case else {
            let reference = Candidate::find(&program, leading, search_path())?;
            let corpus = Corpus::read(&self.corpus)?;
            let changed = record_all(corpus, &reference, jobs(self.jobs), &temporary)?;
            let lines: String = changed.iter().map(|name| format!("{name}\n")).collect();
            stdout::print_text(&lines)?;
            return Ok(Exit::Done);
        };
        let arguments = leading.split_off(self.leading.min(leading.len()));
        let reference = Candidate::find(&program, leading, search_path())?;
        let environment = self.env.iter().map(pair).collect::<Result<_, _>>()?;
        let request = Request {
            corpus: &self.corpus,
            case,
            arguments,
            stdin: self.stdin.as_deref(),
            files: self.files.as_deref(),
            environment,
            normalize: self.normalize.clone(),
            timeout: self.timeout.map(Duration::from_secs),
            replace: self.replace,
        };
        let directory = record(request, &reference, &temporary)?;
        stdout::print_text(&format!("{}\n", directory.display()))?;
        Ok(Exit::Done)
    }
}

impl Replay {
    fn run(self) -> anyhow::Result<Exit> {
        let (program, leading) = split(self.command);
        let candidate = Candidate::find(&program, leading, search_path())?;
        let corpus = Corpus::read(&self.corpus)?;
        let parity = replay(&corpus, &candidate, jobs(self.jobs), &std::env::temp_dir())?;
        // The differences first: they are worth reading where the record cannot be written.
        stdout::print_report(&replay_text(&parity))?;
        let is_equal = parity.differing.is_empty();
        write_record(&self.out, Observation::Parity(parity))?;
        Ok(if is_equal { Exit::Done } else { Exit::Differs })
    }
}

impl Covering {
    fn run(self) -> anyhow::Result<Exit> {
        let trees = Trees {
            reference: &self.reference,
            tree: &self.tree,
        };
        let commit = git::commit(&self.tree);
        let coverage = coverage(&self.map, trees, commit, git::is_dirty(&self.tree))?;
        stdout::print_report(&coverage_text(&self.map, &coverage))?;
        let is_whole = coverage.unmapped.is_empty() && coverage.dangling.is_empty();
        write_record(&self.out, Observation::Coverage(coverage))?;
        Ok(if is_whole { Exit::Done } else { Exit::Differs })
    }
}

fn split(mut command: Vec<OsString>) -> (OsString, Vec<OsString>) {
    let program = command.remove(0);
    (program, command)
}

fn search_path() -> OsString {
    std::env::var_os("PATH").unwrap_or_default()
}

fn jobs(asked: Option<NonZeroUsize>) -> NonZeroUsize {
    asked.unwrap_or_else(super::package::cores)
}

/// `NAME=VALUE`; the value may be anything.
fn pair(variable: &OsString) -> anyhow::Result<(String, OsString)> {
    let bytes = variable.as_encoded_bytes();
    let equals = bytes.iter().position(|byte| *byte == b'=');
    let split = equals.and_then(|at| {
        let name = std::str::from_utf8(&bytes[..at]).ok()?;
        // SAFETY: the bytes are those of a text of the system, split next to a character of ASCII.
        let value = unsafe { OsString::from_encoded_bytes_unchecked(bytes[at + 1..].to_vec()) };
        Some((name.to_owned(), value))
    });
    split.ok_or_else(|| {
        let shown = variable.to_string_lossy();
        anyhow::anyhow!("`--env {shown}` is not a variable; expected `NAME=VALUE`")
    })
}

fn write_record(path: &Path, observation: Observation) -> anyhow::Result<()> {
    let record = Record {
        schema: Default::default(),
        observation,
    };
    write_file(path, sealift::output::json::to_text(&record).as_bytes())?;
    Ok(())
}

fn replay_text(parity: &Replayed) -> String {
    let mut text = String::new();
    let mut line = |line: String| writeln!(text, "{line}").expect("a string takes all text");
    for case in &parity.differing {
        line(format!("FAIL   {}", case.case));
        for difference in &case.differences {
            line(format!("       {}", difference.place));
            line(format!("         found     {}", difference.found));
            line(format!("         expected  {}", difference.expected));
        }
    }
    for used in &parity.normalizations {
        let (name, count, cases) = (&used.name, used.replacements, used.cases);
        line(format!(
            "       normalized: {name}, {count} times in {cases} of {} cases",
            parity.cases
        ));
    }
    let cases = parity.cases;
    line(match parity.differing.len() {
        0 => format!("pass   all {cases} cases are equal, character for character"),
        count => format!("FAIL   {count} of {cases} cases differ"),
    });
    text
}

fn coverage_text(map: &Path, coverage: &Coverage) -> String {
    let mut text = String::new();
    let mut line = |line: String| writeln!(text, "{line}").expect("a string takes all text");
    for path in &coverage.dangling {
        let of = if path.in_reference {
            "reference"
        } else {
            "tree"
        };
        line(format!(
            "FAIL   {}:{}: `{}` is not in the {of}",
            map.display(),
            path.line,
            path.path
        ));
    }
    for file in &coverage.unmapped {
        line(format!(
            "FAIL   `{file}` of the reference is not in the map"
        ));
    }
    let Coverage {
        mapped, omitted, ..
    } = coverage;
    let (unmapped, dangling) = (coverage.unmapped.len(), coverage.dangling.len());
    let outcome = if unmapped + dangling == 0 {
        "pass"
    } else {
        "FAIL"
    };
    line(format!(
        "{outcome}   {mapped} files are mapped, {omitted} left out, {unmapped} unmapped; {dangling} paths of the map do not exist"
    ));
    text
}
