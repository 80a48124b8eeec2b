//! `sealift soak`: runs a program under a workload for long, samples it, and tells whether it leaks.
//!
//! The program is started in a session of its own, without a terminal and without input. What it and its descendants use is
//! read from `/proc`, which only Linux has. Every sample goes into a [`log`] at once, so that a soak that was killed can go on,
//! and the log becomes a [record](crate::evidence::soak::Soak) in the end.

#[cfg(target_os = "linux")]
mod histogram;
#[cfg(target_os = "linux")]
mod history;
#[cfg(target_os = "linux")]
mod limits;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
pub mod log;
#[cfg(target_os = "linux")]
mod record;
#[cfg(target_os = "linux")]
mod sample;
pub mod trend;

use std::ffi::OsString;
use std::io;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use crate::evidence::soak::Soak;
use crate::http::Url;
use crate::model::hint::Hint;

/// What is to be soaked, and how.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The program and its arguments; there is at least the program.
    pub command: Vec<OsString>,
    /// What it has to do.
    pub workload: Workload,
    /// How many requests or runs there are at a time.
    pub workers: NonZeroUsize,
    /// When it is ready.
    pub ready: Ready,
    /// How long that may take.
    pub ready_within: Duration,
    /// How long it runs.
    pub duration: Duration,
    /// The time between samples.
    pub interval: Duration,
    /// How long it runs at least before it is ended for a leak.
    pub warm_up: Duration,
    /// How long it may take to end when it is asked to.
    pub grace: Duration,
    /// A directory whose size is sampled.
    pub disk: Option<PathBuf>,
    /// The log.
    pub log: PathBuf,
    /// Whether to go on with the log.
    pub resume: bool,
    /// When it is ended early.
    pub limits: Limits,
}

/// What a program has to do.
#[derive(Clone, Debug)]
pub enum Workload {
    /// Nothing that it does not do by itself.
    None,
    /// It answers requests for an address.
    Requests(Url),
    /// A line of shell runs again and again beside it.
    Script(String),
    /// It runs again and again itself.
    Again,
}

/// When a program is ready.
#[derive(Clone, Debug)]
pub enum Ready {
    /// At once.
    Started,
    /// When it has printed this.
    Line(String),
    /// When something accepts connections at this port of this machine.
    Port(u16),
    /// When this address answers with a status of success.
    Http(Url),
}

/// What ends a soak early.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Memory has to be less than this, in bytes.
    pub memory: u64,
    /// No more requests may fail.
    pub errors: u64,
    /// The program may end by itself no more often.
    pub crashes: u64,
    /// Memory may grow by no more bytes per hour.
    pub leak_bytes: u64,
    /// No more descriptors may be left open per hour.
    pub leak_descriptors: u64,
    /// No more threads may be left per hour.
    pub leak_threads: u64,
    /// The directory may grow by no more bytes per hour, if that is limited.
    pub leak_disk: Option<u64>,
}

/// How a soak stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Live {
    /// How long it has run, and is to run, in seconds.
    pub seconds: (f64, f64),
    /// Memory in bytes.
    pub memory: u64,
    /// Hundredths of one processor.
    pub cpu_percent: f64,
    /// Open descriptors.
    pub descriptors: u64,
    /// Threads.
    pub threads: u64,
    /// Requests in all.
    pub requests: u64,
    /// Failed ones in all.
    pub errors: u64,
    /// Crashes in all.
    pub crashes: u64,
    /// The 99th percentile of the last latencies, in seconds.
    pub p99: f64,
}

/// Who watches a soak.
pub trait Watch {
    /// Is told after each sample.
    fn live(&mut self, live: &Live);

    /// The name of the signal that ends the soak, once there was one.
    fn interrupted(&self) -> Option<String>;
}

/// Why there was no soak.
#[derive(Debug, thiserror::Error)]
pub enum SoakError {
    /// Nothing can be sampled here.
    #[error(
        "programs can be soaked on Linux only, as it is the only system that says what they use"
    )]
    System,
    /// The program is not there.
    #[error("cannot find the program `{program}`")]
    Missing {
        /// What was asked for.
        program: String,
        /// The operating system's answer.
        source: io::Error,
    },
    /// The program cannot be run.
    #[error("cannot start `{program}`")]
    Start {
        /// The program.
        program: String,
        /// The operating system's answer.
        source: io::Error,
    },
    /// The program was not ready in time.
    #[error("`{program}` was not ready within {within}: {why}{output}")]
    NotReady {
        /// The program.
        program: String,
        /// The time that it had.
        within: String,
        /// What was waited for, or how the program ended.
        why: String,
        /// The end of what it printed.
        output: String,
    },
    /// Something else answers.
    #[error("{place} answers before `{program}` is started; expected nothing there")]
    Taken {
        /// The port or address.
        place: String,
        /// The program.
        program: String,
    },
    /// Requests cannot be sent.
    #[error("cannot send requests")]
    Client(#[from] crate::http::ClientError),
    /// The log cannot be used.
    #[cfg(target_os = "linux")]
    #[error(transparent)]
    Log(#[from] log::LogError),
}

impl Hint for SoakError {
    fn hint(&self) -> Option<String> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Log(error) => error.hint(),
            Self::NotReady { .. } => Some(
                "the program has no terminal and no input; `--ready-within` gives it more time"
                    .to_owned(),
            ),
            Self::Taken { .. } => Some(
                "end the other program, which would be measured in place of this one".to_owned(),
            ),
            _ => None,
        }
    }
}

/// Runs a soak to its end. Nothing that it started runs on.
#[cfg(target_os = "linux")]
pub fn run(plan: &Plan, watch: &mut dyn Watch) -> Result<Soak, SoakError> {
    linux::run(plan, watch)
}

/// Runs a soak to its end.
#[cfg(not(target_os = "linux"))]
pub fn run(_: &Plan, _: &mut dyn Watch) -> Result<Soak, SoakError> {
    Err(SoakError::System)
}
