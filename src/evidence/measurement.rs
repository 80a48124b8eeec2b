//! How a program starts, and how much memory it needs.
//!
//! It names neither the machine that it was measured on, nor its users or directories.

use super::ObservedProgram;
use crate::model::target::Target;

/// What was measured of one program with one way to be ready.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measurement {
    /// The program.
    pub program: ObservedProgram,
    /// The platform that it is for.
    pub target: Target,
    /// The name of the emulator that ran it. Times are then the emulator's, and so is memory.
    pub emulator: Option<String>,
    /// Its arguments, without the directories in them.
    pub arguments: Vec<String>,
    /// When it counts as started.
    pub ready: Ready,
    /// The starts with its file in the page cache.
    pub warm: Vec<Timing>,
    /// The starts before which its file was dropped from the page cache, as far as that was possible.
    pub cold: Vec<Timing>,
    /// Whether it was possible.
    pub cache: Cache,
    /// From the start to the first answer, of each cold start; empty where nothing was asked.
    pub first_responses: Vec<Timing>,
    /// How much memory it needed.
    pub memory: Memory,
    /// What else the machine did meanwhile.
    pub noise: Noise,
    /// The machine.
    pub machine: Machine,
}

/// When a program counts as started.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ready {
    /// It has ended, with status 0.
    Exit,
    /// A line on its standard output holds this text.
    Line(String),
    /// This port of this machine accepts connections.
    Port(u16),
    /// This address is answered with status 200.
    Http(String),
}

/// One start.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timing {
    /// Seconds from the start until the program was ready.
    pub seconds: f64,
    /// At most how many of them it could have run and had to wait for a processor, where the system tells that.
    pub waiting_seconds: Option<f64>,
    /// How many seconds processors worked for it, where the system tells that.
    pub cpu_seconds: Option<f64>,
}

/// What became of the page cache before cold starts.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cache {
    /// No page of the program's file was in it, before each of the starts. Libraries that other programs use stayed.
    ProgramDropped,
    /// All of it was dropped, and no page of the program's file was in it.
    AllDropped,
    /// The program's file stayed in it, for this reason.
    Kept(String),
}

/// How much memory a program needed. Nothing is known where the system does not tell.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Memory {
    /// The most that one of its processes had in memory until it was ready, or until its end: resident pages in bytes.
    pub peak_bytes: Option<u64>,
    /// What it used some time after it was ready, with nothing to do.
    pub idle: Option<Usage>,
    /// The most that it used while a command made it work.
    pub load: Option<Load>,
}

/// What a program and its child processes use at one time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Usage {
    /// How many processes.
    pub processes: u64,
    /// Resident pages in bytes, summed over the processes: what they share counts for each of them.
    pub rss_bytes: u64,
    /// The same with a share of what is shared (proportional set size), where the system tells it.
    pub pss_bytes: Option<u64>,
    /// How many threads.
    pub threads: u64,
    /// How many open files, sockets and the like.
    pub descriptors: u64,
}

/// What a program used while a command made it work.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Load {
    /// The command, without the directories in it.
    pub command: String,
    /// How often it was looked.
    pub samples: u64,
    /// The highest of each number.
    pub highest: Usage,
}

/// What else the machine did while it was measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Noise {
    /// The load average of a minute, before and after.
    pub load_average: Option<[f64; 2]>,
    /// How much of all processors' time other programs had, from 0 to 1.
    pub others_share: Option<f64>,
    /// How often the program lost its processor to another one, in all runs.
    pub involuntary_switches: Option<u64>,
}

/// The machine that something was measured on, as far as it matters.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Machine {
    /// What the processor calls itself.
    pub processor: Option<String>,
    /// How many processors the measuring could use.
    pub cores: u64,
    /// The system with the version of its kernel.
    pub system: String,
}

impl Usage {
    /// What it takes from the machine: the share of what is shared, where there are several processes that can share.
    pub fn taken_bytes(&self) -> u64 {
        match self.pss_bytes {
            Some(bytes) if self.processes > 1 => bytes,
            _ => self.rss_bytes,
        }
    }

    /// What two processes, or groups of them, use together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            processes: self.processes + other.processes,
            rss_bytes: self.rss_bytes + other.rss_bytes,
            pss_bytes: self
                .pss_bytes
                .zip(other.pss_bytes)
                .map(|(one, other)| one + other),
            threads: self.threads + other.threads,
            descriptors: self.descriptors + other.descriptors,
        }
    }

    /// The highest of each number at two times.
    #[must_use]
    pub fn highest(self, other: Self) -> Self {
        Self {
            processes: self.processes.max(other.processes),
            rss_bytes: self.rss_bytes.max(other.rss_bytes),
            pss_bytes: self
                .pss_bytes
                .zip(other.pss_bytes)
                .map(|(one, other)| one.max(other)),
            threads: self.threads.max(other.threads),
            descriptors: self.descriptors.max(other.descriptors),
        }
    }
}

impl std::fmt::Display for Ready {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Exit => f.write_str("its end"),
            Self::Line(text) => write!(f, "a line with `{text}`"),
            Self::Port(port) => write!(f, "a connection to port {port}"),
            Self::Http(url) => write!(f, "an answer from {url}"),
        }
    }
}
