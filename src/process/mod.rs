//! Runs commands that nobody answers for: with bounded time and output, and with nothing left running.
//!
//! On Unix a command has a session of its own and no terminal. Where a run ends, all that it has started is ended with it: its
//! process group, and on Linux every process whose environment or current directory names the run's directory, so that
//! a program that forks away and starts a session of its own is found as well. Nothing is waited for without an end.

mod capture;
#[cfg(not(unix))]
mod other;
#[cfg(not(unix))]
use other as system;
mod signal;
#[cfg(target_os = "linux")]
mod strays;
#[cfg(all(test, unix))]
mod tests;
#[cfg(unix)]
mod unix;
#[cfg(unix)]
use unix as system;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};
use std::time::{Duration, Instant};

use capture::Capture;
pub use signal::Signal;

/// A command to run.
#[derive(Clone, Debug)]
pub struct Job {
    /// The program, with a path.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// The current directory.
    pub directory: PathBuf,
    /// A directory of this run alone, which a variable of its environment has to name: processes that were left behind are found
    /// by it.
    pub own: PathBuf,
    /// All of its environment.
    pub environment: Vec<(OsString, OsString)>,
    /// The file that it reads; nothing if there is none.
    pub stdin: Option<PathBuf>,
    /// What it may use.
    pub limits: Limits,
}

/// What a run may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Until it is asked to end.
    pub time: Duration,
    /// From then until it is killed. What is still running after the command itself ended has as long to end as well.
    pub grace: Duration,
    /// The most that it may write to standard output, and to standard error.
    pub output_bytes: u64,
    /// The most that it may write to a file, on Unix.
    pub file_bytes: u64,
}

/// What is known of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    /// How it ended.
    pub end: End,
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error.
    pub stderr: Vec<u8>,
    /// Whether processes were still running after the command and the grace.
    pub left_behind: bool,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// By itself, with an exit code.
    Code(i32),
    /// By a signal.
    Signal(Signal),
    /// It did not end in time, and was killed.
    TimedOut,
    /// It wrote more than it may, and was killed.
    TooMuchOutput(Stream),
}

/// One of the two streams that a command writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// A command that could not be run.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// It could not be started.
    #[error("cannot start `{}`", program.display())]
    Start {
        /// The program.
        program: PathBuf,
        /// The operating system's answer.
        source: io::Error,
    },
    /// Its input could not be opened.
    #[error("cannot read `{}`", path.display())]
    Input {
        /// The file.
        path: PathBuf,
        /// The operating system's answer.
        source: io::Error,
    },
}

impl Stream {
    /// Its name in file names and messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
        }
    }
}

/// The commands that are running now, by their process IDs.
static RUNNING: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());

/// Held for writing while a command is being started: until its `exec` it has every file of this process open.
static STARTING: RwLock<()> = RwLock::new(());

/// No command is started as long as this is held. A program that is written meanwhile can be run afterwards; otherwise a
/// command that was just being started could still have it open for writing, and nobody can run such a file (ETXTBSY).
pub fn while_none_starts() -> RwLockReadGuard<'static, ()> {
    STARTING.read().unwrap_or_else(PoisonError::into_inner)
}

/// Kills all commands, because the program is being interrupted. No other is started afterwards.
pub fn abandon() {
    let running = running();
    for id in &*running {
        system::kill(*id);
    }
    std::mem::forget(running);
}

fn running() -> MutexGuard<'static, BTreeSet<u32>> {
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs a command to its end.
pub fn run(job: &Job) -> Result<Ran, ProcessError> {
    let deadline = Instant::now() + job.limits.time;
    let mut run = Run::start(job)?;
    let stopped = run.watch(deadline);
    let left_behind = if stopped.is_some() {
        run.stop();
        false
    } else {
        run.clear()
    };
    let end = run.end();
    Ok(Ran {
        end: stopped.unwrap_or(end),
        stdout: run.captures[0].take(),
        stderr: run.captures[1].take(),
        left_behind,
    })
}

/// A command that is running, or whose end has not been asked for yet.
struct Run<'a> {
    job: &'a Job,
    child: Child,
    captures: [Capture; 2],
    /// Is told when a stream ends or has become too long, so that nobody needs to look for it all the time.
    told: Receiver<()>,
}

impl<'a> Run<'a> {
    fn start(job: &'a Job) -> Result<Self, ProcessError> {
        let stdin = match &job.stdin {
            None => Stdio::null(),
            Some(path) => Stdio::from(File::open(path).map_err(|source| {
                let path = path.clone();
                ProcessError::Input { path, source }
            })?),
        };
        let mut command = Command::new(&job.program);
        command.args(&job.arguments).current_dir(&job.directory);
        command.env_clear();
        command.envs(job.environment.iter().map(|(name, value)| (name, value)));
        command.stdin(stdin);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        system::set_apart(&mut command, &job.limits);
        let mut child = start(&mut command).map_err(|source| {
            let program = job.program.clone();
            ProcessError::Start { program, source }
        })?;
        let (tell, told) = channel();
        let most = job.limits.output_bytes;
        let captures = [
            Capture::start(child.stdout.take(), most, tell.clone()),
            Capture::start(child.stderr.take(), most, tell),
        ];
        Ok(Self {
            job,
            child,
            captures,
            told,
        })
    }

    /// Waits until it ends; gives why it has to be stopped if it does not.
    fn watch(&mut self, deadline: Instant) -> Option<End> {
        let mut pause = Duration::from_micros(500);
        loop {
            for (capture, stream) in self.captures.iter().zip([Stream::Stdout, Stream::Stderr]) {
                if capture.is_too_much() {
                    return Some(End::TooMuchOutput(stream));
                }
            }
            if system::has_ended(&mut self.child) {
                return None;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Some(End::TimedOut);
            }
            self.wait(pause.min(left));
            pause = (pause * 2).min(Duration::from_millis(20));
        }
    }

    fn wait(&self, pause: Duration) {
        if self.told.recv_timeout(pause) == Err(RecvTimeoutError::Disconnected) {
            // Both streams have ended, which tells nothing of the command itself.
            std::thread::sleep(pause);
        }
    }

    /// Waits for something until the grace is over; gives whether it came.
    fn within_grace(&mut self, mut came: impl FnMut(&mut Self) -> bool) -> bool {
        let deadline = Instant::now() + self.job.limits.grace;
        let mut pause = Duration::from_micros(500);
        while !came(self) {
            if Instant::now() >= deadline {
                return false;
            }
            self.wait(pause);
            pause = (pause * 2).min(Duration::from_millis(20));
        }
        true
    }

    /// Asks it to end, and kills it.
    fn stop(&mut self) {
        system::ask_to_end(self.child.id());
        self.within_grace(|run| system::has_ended(&mut run.child));
        self.kill();
    }

    /// Ends what is still running after the command itself, if it does not end soon; gives whether there was something.
    fn clear(&mut self) -> bool {
        let is_alone = |run: &mut Self| {
            let streams_ended = run.captures.iter().all(Capture::has_ended);
            streams_ended && !system::is_left(run.child.id(), &run.job.own)
        };
        let left_behind = !self.within_grace(is_alone);
        if left_behind {
            self.kill();
        }
        left_behind
    }

    fn kill(&mut self) {
        // The command itself first, wherever groups are not known.
        let _ = self.child.kill();
        system::kill(self.child.id());
        // What is started while others are being killed is killed in the next round.
        for _ in 0..10 {
            if !system::kill_left(self.child.id(), &self.job.own) {
                break;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        self.within_grace(|run| run.captures.iter().all(Capture::has_ended));
    }

    fn end(&mut self) -> End {
        match self.child.wait() {
            Ok(status) => system::end(status),
            // Nobody else waits for it, so this cannot be; a code that no program has says so.
            Err(_) => End::Code(-1),
        }
    }
}

impl Drop for Run<'_> {
    fn drop(&mut self) {
        let id = self.child.id();
        // Its ID is its own until it has been waited for.
        if !system::has_ended(&mut self.child) {
            self.kill();
        }
        let mut running = running();
        let _ = self.child.wait();
        running.remove(&id);
    }
}

fn start(command: &mut Command) -> io::Result<Child> {
    let _guard = STARTING.write().unwrap_or_else(PoisonError::into_inner);
    // An interruption kills what is in the list, and nothing may be started after that.
    let mut running = running();
    let child = command.spawn()?;
    running.insert(child.id());
    Ok(child)
}
