//! `sealift measure`: how fast a program starts, and how much memory it needs.

mod platform;
mod summary;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use sealift::evidence::measurement::Ready;
use sealift::evidence::{Observation, Record};
use sealift::format::FORMATS;
use sealift::measure::shipped::{self, ShippedError};
use sealift::measure::{Request, measure};
use sealift::model::duration::TimeSpan;
use sealift::model::release::Release;
use sealift::model::schema::Schema;
use sealift::model::target::Target;
use sealift::model::text::InvalidText;
use sealift::output::{Scratch, json, write_file};

use super::exit::Exit;
use super::{stdout, values};

/// Measure how fast a program starts, and how much memory it needs
///
/// Runs the program again and again, and writes a record for `sealift gate --evidence`. Without arguments, the program is run
/// with `--version` until it ends. `-- PROGRAM ARG…` names the program; with --release, all that follows `--` are its arguments.
#[derive(clap::Args)]
pub struct Measure {
    /// The file to write the record to
    #[arg(long, value_name = "FILE")]
    out: PathBuf,

    /// Measure a program of this release directory, as it is shipped
    #[arg(long, value_name = "DIR")]
    release: Option<PathBuf>,

    /// Which program of the release [default: the one with the package's name]
    #[arg(long, value_name = "NAME", requires = "release")]
    program: Option<String>,

    /// The platform of the program [default: what its headers say; of a release, one that this machine runs]
    #[arg(long, value_name = "TRIPLE", value_parser = values::target())]
    target: Option<Target>,

    /// When it is ready: `exit`, `line TEXT`, `port N` or `http URL`
    #[arg(long, value_name = "WHEN", default_value = "exit", value_parser = ready)]
    ready: Ready,

    /// An address that is asked once the program is ready, until it answers with status 200
    #[arg(long, value_name = "URL")]
    first_response: Option<String>,

    /// How often to start it with its file in the page cache
    #[arg(long, value_name = "N", default_value = "20", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    runs: u32,

    /// How often to start it after its file was dropped from the page cache
    #[arg(long, value_name = "N", default_value = "5", value_parser = clap::value_parser!(u32).range(0..=10_000))]
    cold_runs: u32,

    /// Drop the whole page cache before cold starts, which needs root and slows the machine down
    #[arg(long)]
    drop_caches: bool,

    /// How long it may take to be ready, such as `500ms` or `10s`
    #[arg(long, value_name = "TIME", default_value = "10s")]
    ready_within: TimeSpan,

    /// How long after it is ready its memory is measured
    #[arg(long, value_name = "TIME", default_value = "1s")]
    idle_after: TimeSpan,

    /// A command of the shell that makes it work, while its memory is measured
    #[arg(long, value_name = "COMMAND")]
    load: Option<String>,

    /// How long that may take
    #[arg(long, value_name = "TIME", default_value = "60s")]
    load_within: TimeSpan,

    /// How long the program may take to end on SIGTERM before it is killed
    #[arg(long, value_name = "TIME", default_value = "5s")]
    grace: TimeSpan,

    /// What runs the program [default: for other machines qemu, for Windows wine]
    #[arg(long, value_name = "COMMAND")]
    emulator: Option<PathBuf>,

    /// The program and its arguments
    #[arg(
        last = true,
        value_name = "PROGRAM",
        required_unless_present = "release"
    )]
    command: Vec<OsString>,
}

/// What is run, and the directory that it was taken out to.
struct Chosen {
    program: PathBuf,
    target: Target,
    arguments: Vec<OsString>,
    _scratch: Option<Scratch>,
}

impl Measure {
    /// Runs the program.
    pub fn run(mut self) -> anyhow::Result<Exit> {
        let chosen = match self.release.take() {
            Some(directory) => self.shipped(&directory)?,
            None => self.given()?,
        };
        let Self { out, ready, .. } = self;
        let mut arguments = chosen.arguments.clone();
        if arguments.is_empty() && ready == Ready::Exit {
            arguments.push("--version".into());
        }
        let measurement = measure(&Request {
            program: chosen.program.clone(),
            arguments,
            target: chosen.target,
            emulator: platform::emulator(chosen.target, self.emulator)?,
            ready,
            first_response: self.first_response,
            warm_runs: self.runs,
            cold_runs: self.cold_runs,
            drops_all_caches: self.drop_caches,
            ready_within: self.ready_within.get(),
            idle_after: self.idle_after.get(),
            load: self.load,
            load_within: self.load_within.get(),
            grace: self.grace.get(),
        })?;
        stdout::print_text(&summary::to_text(&measurement))?;
        let record = Record {
            schema: Schema::default(),
            observation: Observation::Measurement(Box::new(measurement)),
        };
        write_file(&out, json::to_text(&record).as_bytes())?;
        Ok(Exit::Done)
    }

    /// The program of a release, in a directory that lasts until it was measured.
    fn shipped(&self, directory: &Path) -> anyhow::Result<Chosen> {
        let release = Release::read(directory).map_err(ShippedError::from)?;
        let name = self.program.as_deref();
        let shipped = shipped::choose(&release, name, self.target, &platform::runs_here)?;
        let scratch = Scratch::create(&std::env::temp_dir())?;
        let program = shipped::extract(&release, directory, &shipped, FORMATS, scratch.path())?;
        Ok(Chosen {
            program,
            target: shipped.target,
            arguments: self.command.clone(),
            _scratch: Some(scratch),
        })
    }

    /// The program of the command line.
    fn given(&self) -> anyhow::Result<Chosen> {
        let (program, arguments) = self
            .command
            .split_first()
            .expect("the program is required without a release");
        let program = platform::found(Path::new(program))?;
        Ok(Chosen {
            target: platform::target_of(&program, self.target)?,
            program,
            arguments: arguments.to_vec(),
            _scratch: None,
        })
    }
}

/// When a program is ready, as the command line says it.
fn ready(text: &str) -> Result<Ready, InvalidText> {
    let invalid = || {
        InvalidText::new(
            "ready point",
            text,
            "`exit`, `line TEXT`, `port N` or `http URL`",
        )
    };
    match text.split_once(' ') {
        None if text == "exit" => Ok(Ready::Exit),
        Some(("line", line)) if !line.is_empty() => Ok(Ready::Line(line.to_owned())),
        Some(("port", port)) => match port.parse() {
            Ok(port @ 1..) => Ok(Ready::Port(port)),
            _ => Err(invalid()),
        },
        Some(("http", url)) => Ok(Ready::Http(url.to_owned())),
        _ => Err(invalid()),
    }
}
