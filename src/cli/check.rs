//! `sealift check`: records how a command of the project ended.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::Context;
use sealift::check::{Check as Checking, Checked, words};
use sealift::evidence::{CheckFinding, Observation, Record, Results};
use sealift::model::commit::Commit;
use sealift::model::duration::TimeSpan;
use sealift::output::{Scratch, json, write_file};
use sealift::process::{Job, Limits};

use super::exit::Exit;
use super::{git, stdout};

/// The most that a check may write to standard output, and to standard error.
const OUTPUT_BYTES: u64 = 64 << 20;

/// Run a check of the project, and record its end for the gate `checks`
///
/// The command is run in the current directory, with this program's environment and nothing to read. It passes if it ends with 0 in
/// time. With `--json` it tells its findings on standard output: an object with `findings`, a list of objects with `place`,
/// `found` and `expected`, and `passed`, how many parts of it passed.
#[derive(clap::Args)]
pub struct Check {
    /// The check's name, such as `tests`
    #[arg(value_name = "NAME")]
    name: String,

    /// The file to write the record to
    #[arg(long, value_name = "FILE")]
    out: PathBuf,

    /// The time that the command has
    #[arg(long, value_name = "TIME", default_value = "10m")]
    within: TimeSpan,

    /// The time from SIGTERM to SIGKILL, for a command that does not end
    #[arg(long, value_name = "TIME", default_value = "5s")]
    grace: TimeSpan,

    /// Read the findings from the command's standard output
    #[arg(long)]
    json: bool,

    /// The commit that is checked [default: the checkout's]
    #[arg(long, value_name = "HEX")]
    commit: Option<Commit>,

    /// The command and its arguments
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

impl Check {
    /// Runs the command.
    pub fn run(self) -> anyhow::Result<Exit> {
        let directory = std::env::current_dir().context("cannot tell the current directory")?;
        let scratch = Scratch::create(&std::env::temp_dir())?;
        // Asked before: a check may build something into the checkout.
        let dirty = git::is_dirty(&directory);
        let commit = self.commit.clone().or_else(|| git::commit(&directory));
        let check = self.check(&directory, scratch.path());
        let checked = check.run()?;
        print(&self.name, &checked)?;
        let passes = checked.findings.is_empty();
        let observation = Observation::Results(Results {
            check: self.name,
            command: words(&check.job.program, &check.job.arguments),
            commit,
            dirty,
            passed: checked.passed,
            findings: checked.findings,
        });
        write_file(
            &self.out,
            json::to_text(&Record::new(observation)).as_bytes(),
        )?;
        Ok(if passes { Exit::Done } else { Exit::GateFailed })
    }

    fn check(&self, directory: &Path, own: &Path) -> Checking {
        let mut environment: Vec<_> = std::env::vars_os().collect();
        environment.retain(|(name, _)| name != "TMPDIR");
        // What was left behind is found by it.
        environment.push(("TMPDIR".into(), own.into()));
        let (program, arguments) = self.command.split_first().expect("clap wants one");
        Checking {
            name: self.name.clone(),
            reads_output: self.json,
            job: Job {
                program: program.into(),
                arguments: arguments.to_vec(),
                directory: directory.to_owned(),
                own: own.to_owned(),
                environment,
                stdin: None,
                limits: Limits {
                    time: self.within.get(),
                    grace: self.grace.get(),
                    output_bytes: OUTPUT_BYTES,
                    file_bytes: u64::MAX,
                },
            },
        }
    }
}

fn print(name: &str, checked: &Checked) -> anyhow::Result<()> {
    let mut text = String::new();
    for CheckFinding {
        place,
        found,
        expected,
    } in &checked.findings
    {
        text += &format!("FAIL   {place}\n  found     {found}\n  expected  {expected}\n");
    }
    if checked.findings.is_empty() {
        let passed = checked
            .passed
            .map_or(String::new(), |passed| format!("  {passed} passed"));
        text = format!("pass   {name}{passed}\n");
    }
    Ok(stdout::print_text(&text)?)
}
