//! Runs a program to see how fast it starts and how much memory it needs (`sealift measure`).
//!
//! This process takes care of what the program starts and leaves behind, so it should have no other children.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(not(target_os = "linux"))]
mod portable;
mod probe;
mod said;
pub mod shipped;

#[cfg(target_os = "linux")]
use linux as system;
#[cfg(not(target_os = "linux"))]
use portable as system;

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::evidence::ObservedProgram;
use crate::evidence::measurement::{Cache, Load, Measurement, Memory, Ready, Timing, Usage};
use crate::model::digest::Sha256Sum;
use crate::model::hint::Hint;
use crate::model::target::Target;
use crate::model::text::InvalidText;
use crate::output::path_error::PathError;

use probe::Probe;
pub use said::Said;
use system::Running;

/// How often to look at a program that works.
const SAMPLE: Duration = Duration::from_millis(50);

/// What to measure.
#[derive(Clone, Debug)]
pub struct Request {
    /// The program's file.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// The platform that it is for.
    pub target: Target,
    /// What runs it where this machine cannot.
    pub emulator: Option<PathBuf>,
    /// When it counts as started.
    pub ready: Ready,
    /// An address that is asked as soon as it is ready, for the first response.
    pub first_response: Option<String>,
    /// How often it is started warm.
    pub warm_runs: u32,
    /// How often it is started cold.
    pub cold_runs: u32,
    /// Drops the whole page cache of the machine before a cold start, not only the program.
    pub drops_all_caches: bool,
    /// How long it may take to be ready, and to answer the first request.
    pub ready_within: Duration,
    /// How long after it is ready it is looked at.
    pub idle_after: Duration,
    /// The shell's command that makes it work.
    pub load: Option<String>,
    /// How long that may take.
    pub load_within: Duration,
    /// How long it may take to end when it is asked to.
    pub grace: Duration,
}

/// What is started.
struct Launch {
    /// What it is called in messages.
    name: String,
    /// The program, or what runs it, with all arguments.
    command: Vec<OsString>,
}

/// What becomes of a program's output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Output {
    /// It is read, and the last of it shown if something goes wrong.
    Kept,
    /// Nobody reads it, so that nobody has to be woken for it while the clock runs.
    Dropped,
}

impl Output {
    fn stdio(self) -> Stdio {
        match self {
            Self::Kept => Stdio::piped(),
            Self::Dropped => Stdio::null(),
        }
    }
}

/// How a program was ended.
struct Stopped {
    /// Whether it ended when it was asked to.
    is_polite: bool,
    /// The most that one of its processes had in memory, where the system tells it.
    peak_bytes: Option<u64>,
    involuntary_switches: u64,
}

/// Why a program could not be measured.
#[derive(Debug, thiserror::Error)]
pub enum MeasureError {
    /// Its file cannot be read.
    #[error(transparent)]
    Read(#[from] PathError),
    /// An address is not one that can be asked.
    #[error(transparent)]
    Address(#[from] InvalidText),
    /// The system did not start it.
    #[error("cannot start `{name}`")]
    Start {
        /// Its name.
        name: String,
        /// The operating system's answer.
        source: io::Error,
    },
    /// Something else has the port that it is to be asked at.
    #[error("something answers at {server} before `{name}` is started")]
    Taken {
        /// The program's name.
        name: String,
        /// The address.
        server: SocketAddr,
    },
    /// It was not ready in time.
    #[error("`{name}` was not ready within {within:?}{}{said}", if *.is_stopped { "; it is stopped, as a program is that wants to use the terminal" } else { "" })]
    NotReady {
        /// Its name.
        name: String,
        /// How long it had.
        within: Duration,
        /// Whether one of its processes is stopped.
        is_stopped: bool,
        /// The last that it printed.
        said: Said,
    },
    /// It ended badly, or before it was ready.
    #[error("`{name}` ended before it was ready: {status}{said}")]
    Ended {
        /// Its name.
        name: String,
        /// How it ended.
        status: String,
        /// The last that it printed.
        said: Said,
    },
    /// It ended and left processes behind, so its end is not when it is ready.
    #[error(
        "`{name}` ended and left {count} running; expected nothing, as its end is to be when it is ready"
    )]
    LeftBehind {
        /// Its name.
        name: String,
        /// How many processes.
        count: usize,
    },
    /// It ended after it was ready, while it was looked at.
    #[error("`{name}` ended after it was ready; expected it to run on{said}")]
    Gone {
        /// Its name.
        name: String,
        /// The last that it printed.
        said: Said,
    },
    /// It runs although it was killed.
    #[error("`{name}` runs on although it was killed")]
    Immortal {
        /// Its name.
        name: String,
    },
    /// The command that was to make it work did not.
    #[error("the load command failed: {problem}{said}")]
    Load {
        /// What is wrong.
        problem: String,
        /// The last that it printed.
        said: Said,
    },
    /// A program that is ready when it ends cannot be made to work.
    #[error("a load command is for a program that runs on; `exit` is when this one is ready")]
    LoadWithoutProgram,
    /// This user may not drop the page cache.
    #[error("cannot drop the page cache")]
    DropCaches {
        /// The operating system's answer.
        source: io::Error,
    },
    /// Another call of the system failed.
    #[error("cannot {what}")]
    System {
        /// What was to be done.
        what: &'static str,
        /// The operating system's answer.
        source: io::Error,
    },
}

impl MeasureError {
    fn system(what: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::System { what, source }
    }
}

impl Hint for MeasureError {
    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::NotReady { .. } => "say when it is ready with `--ready`, or give it more time with `--ready-within`",
            Self::LeftBehind { .. } => "say when it is ready with `--ready`, such as `--ready 'port 8080'`",
            Self::Taken { .. } => "end what runs there, or have the program use another port",
            Self::DropCaches { .. } => "root may; without `--drop-caches`, only the program is dropped, which needs no rights",
            Self::LoadWithoutProgram => "say when it is ready with `--ready`, such as `--ready 'port 8080'`",
            _ => return None,
        }
        .to_owned())
    }
}

/// Ends everything that was started, because this process is being interrupted.
pub fn abandon() {
    system::abandon();
}

/// Measures a program.
pub fn measure(request: &Request) -> Result<Measurement, MeasureError> {
    if request.load.is_some() && request.ready == Ready::Exit {
        return Err(MeasureError::LoadWithoutProgram);
    }
    let path = &request.program;
    let mut file = File::open(path).map_err(PathError::reading(path))?;
    let sha256 = Sha256Sum::of_reader(&mut file).map_err(PathError::reading(path))?;
    system::prepare()?;
    let mut session = Session::new(request, file)?;
    let meter = system::NoiseMeter::start();
    // One that does not work is to say why; this one does not count.
    session.start_once(Output::Kept)?;
    let (cold, first_responses, cache) = session.cold()?;
    let warm = session.warm()?;
    let memory = session.memory()?;
    Ok(Measurement {
        program: ObservedProgram {
            name: name_of(path),
            sha256,
        },
        target: request.target,
        emulator: request.emulator.as_deref().map(name_of),
        arguments: request
            .arguments
            .iter()
            .map(|argument| without_directories(argument))
            .collect(),
        ready: request.ready.clone(),
        warm,
        cold,
        cache,
        first_responses,
        memory,
        noise: meter.finish(session.involuntary_switches),
        machine: system::machine(session.cores),
    })
}

/// Everything that is needed for one run after the other.
struct Session<'r> {
    request: &'r Request,
    launch: Launch,
    file: File,
    cores: u64,
    /// How long it may take to end; nothing, once it has shown that it does not.
    grace: Duration,
    /// The most of all runs.
    peak_bytes: Option<u64>,
    involuntary_switches: u64,
}

impl<'r> Session<'r> {
    fn new(request: &'r Request, file: File) -> Result<Self, MeasureError> {
        let name = name_of(&request.program);
        let probe = Probe::new(&request.ready)?;
        let asked = request
            .first_response
            .as_ref()
            .map(|url| Probe::new(&Ready::Http(url.clone())));
        for probe in [Some(probe), asked.transpose()?].into_iter().flatten() {
            if let Some(server) = probe.is_taken() {
                return Err(MeasureError::Taken { name, server });
            }
        }
        let emulator = request.emulator.iter().map(OsString::from);
        let program = [request.program.clone().into_os_string()];
        let command = emulator
            .chain(program)
            .chain(request.arguments.iter().cloned());
        Ok(Self {
            request,
            launch: Launch {
                name,
                command: command.collect(),
            },
            file,
            cores: std::thread::available_parallelism().map_or(1, |cores| cores.get() as u64),
            grace: request.grace,
            peak_bytes: None,
            involuntary_switches: 0,
        })
    }

    /// The cold starts, with the first response of each.
    fn cold(&mut self) -> Result<(Vec<Timing>, Vec<Timing>, Cache), MeasureError> {
        let mut responses = Vec::new();
        let mut timings = Vec::new();
        let mut worst = Cache::Kept("no cold start was asked for".to_owned());
        for run in 0..self.request.cold_runs {
            let cache = system::drop_cache(&self.file, self.request.drops_all_caches)?;
            if run == 0 || matches!(cache, Cache::Kept(_)) {
                worst = cache;
            }
            let (timing, response) = self.start_once(self.timed())?;
            timings.push(timing);
            responses.extend(response);
        }
        Ok((timings, responses, worst))
    }

    /// The warm starts, after one that does not count.
    fn warm(&mut self) -> Result<Vec<Timing>, MeasureError> {
        self.start_once(self.timed())?;
        let runs = 0..self.request.warm_runs;
        runs.map(|_| Ok(self.start_once(self.timed())?.0)).collect()
    }

    /// What becomes of the output where time is measured. Of a program that runs on, what it says when it ends is wanted.
    fn timed(&self) -> Output {
        match self.request.ready {
            Ready::Exit => Output::Dropped,
            Ready::Line(_) | Ready::Port(_) | Ready::Http(_) => Output::Kept,
        }
    }

    fn start_once(&mut self, output: Output) -> Result<(Timing, Option<Timing>), MeasureError> {
        let launch = &self.launch;
        let mut running = Running::start(launch, self.cores, output)?;
        let within = self.request.ready_within;
        let timing = running.ready(&mut Probe::new(&self.request.ready)?, within)?;
        let response = match (&self.request.first_response, &self.request.ready) {
            (Some(url), _) => {
                let mut probe = Probe::new(&Ready::Http(url.clone()))?;
                Some(running.ready(&mut probe, within)?)
            }
            (None, Ready::Http(_)) => Some(timing),
            (None, _) => None,
        };
        let stopped = running.stop(self.grace)?;
        self.learn(&stopped);
        Ok((timing, response))
    }

    fn learn(&mut self, stopped: &Stopped) {
        if !stopped.is_polite {
            self.grace = Duration::ZERO;
        }
        self.peak_bytes = self.peak_bytes.max(stopped.peak_bytes);
        self.involuntary_switches += stopped.involuntary_switches;
    }

    /// The memory, in a run of its own.
    fn memory(&mut self) -> Result<Memory, MeasureError> {
        if self.request.ready == Ready::Exit || !system::TELLS_MEMORY {
            return Ok(Memory {
                peak_bytes: self.peak_bytes,
                ..Memory::default()
            });
        }
        let launch = &self.launch;
        let mut running = Running::start(launch, self.cores, Output::Kept)?;
        running.ready(
            &mut Probe::new(&self.request.ready)?,
            self.request.ready_within,
        )?;
        running.idle(self.request.idle_after)?;
        let (idle, mut peak) = running.usage()?;
        let load = match &self.request.load {
            None => None,
            Some(command) => Some(self.load(&mut running, command, idle)?),
        };
        if load.is_some() {
            peak = peak.max(running.usage()?.1);
        }
        let stopped = running.stop(self.grace)?;
        self.learn(&stopped);
        Ok(Memory {
            peak_bytes: Some(peak),
            idle: Some(idle),
            load,
        })
    }

    fn load(
        &self,
        running: &mut Running<'_>,
        command: &str,
        idle: Usage,
    ) -> Result<Load, MeasureError> {
        let launch = Launch {
            name: "the load command".to_owned(),
            command: ["/bin/sh", "-c", command].map(OsString::from).into(),
        };
        let until = Instant::now() + self.request.load_within;
        let mut load = Running::start(&launch, self.cores, Output::Kept)?;
        running.is_worked_by(&load);
        let (mut samples, mut highest) = (0, idle);
        while !load.has_ended()? {
            if Instant::now() >= until {
                return Err(MeasureError::Load {
                    problem: format!("it did not end within {:?}", self.request.load_within),
                    said: load.said().clone(),
                });
            }
            running.idle(SAMPLE)?;
            highest = highest.highest(running.usage()?.0);
            samples += 1;
        }
        Ok(Load {
            command: without_directories(OsStr::new(command)),
            samples,
            highest,
        })
    }
}

/// The last part of a path.
fn name_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}

/// A command line as a record has it: of each absolute path only the last part, since the others are this machine's.
fn without_directories(text: &OsStr) -> String {
    let text = text.to_string_lossy();
    let words = text.split_inclusive([' ', '=', ':', ',', '>', '<', '"', '\'']);
    let short = |word: &str| match word.rsplit_once('/') {
        // An address such as http://localhost/ begins with two, and every machine has /dev/null.
        Some((directories, name))
            if directories.starts_with('/') && directories != "/dev" && !word.starts_with("//") =>
        {
            name.to_owned()
        }
        Some(("", name)) => name.to_owned(),
        _ => word.to_owned(),
    };
    words.map(short).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_names_no_directories() {
        for (text, expected) in [
            ("--version", "--version"),
            ("/home/a/b.toml", "b.toml"),
            ("--config=/home/a/b.toml", "--config=b.toml"),
            (
                "curl -s http://127.0.0.1:8080/a/b",
                "curl -s http://127.0.0.1:8080/a/b",
            ),
            ("sh '/tmp/x y/run.sh'", "sh 'x y/run.sh'"),
            ("curl >/dev/null", "curl >/dev/null"),
            ("a/b", "a/b"),
            ("/tmp", "tmp"),
        ] {
            assert_eq!(without_directories(OsStr::new(text)), expected);
        }
    }
}
