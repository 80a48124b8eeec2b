//! Starting, watching and ending a program on Linux.

mod cache;
mod family;
mod noise;
mod outcome;
mod procfs;
mod system;

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::probe::Probe;
use super::said::Said;
use super::{Launch, MeasureError, Output, Stopped};
use crate::evidence::measurement::{Machine, Timing, Usage};
use family::Family;
use procfs::Scheduled;
use system::{Ended, Sources};

pub(super) use cache::drop_cache;
pub(super) use noise::NoiseMeter;

/// Whether memory can be measured here.
pub(super) const TELLS_MEMORY: bool = true;

/// How long to wait between two questions to a program that does not answer yet.
const PAUSE: Duration = Duration::from_micros(200);
/// How often to look whether processes have ended.
const LOOK: Duration = Duration::from_millis(2);
/// How long a killed process may take to end.
const KILLED: Duration = Duration::from_secs(5);
/// How much output is taken at once, so that an endless one does not keep anybody from looking at the clock.
const CHUNKS: usize = 16;

static MEASURING: AtomicBool = AtomicBool::new(false);
static ABANDONED: AtomicBool = AtomicBool::new(false);

/// Prepares this process, which then takes care of orphans below it. It should have no other children.
pub(super) fn prepare() -> Result<(), MeasureError> {
    MEASURING.store(true, Ordering::Relaxed);
    system::prepare().map_err(MeasureError::system("prepare this process"))
}

/// Ends everything that was started, because this process is being interrupted.
pub(super) fn abandon() {
    ABANDONED.store(true, Ordering::SeqCst);
    if MEASURING.load(Ordering::Relaxed) {
        family::end_all();
    }
}

/// This machine.
pub(super) fn machine(cores: u64) -> Machine {
    procfs::machine(cores)
}

/// A program that was started. It is ended when it is dropped.
pub(super) struct Running<'l> {
    launch: &'l Launch,
    pid: i32,
    begun: Instant,
    /// How many threads of others there were for each processor.
    crowd: f64,
    end: Option<OwnedFd>,
    output: [Option<File>; 2],
    said: Said,
    ended: Option<Ended>,
    /// Of its first thread, once it has ended.
    scheduled: Option<Scheduled>,
    /// Of this thread, before the start.
    own: Scheduled,
    family: Family,
    is_over: bool,
}

impl<'l> Running<'l> {
    /// Starts it. The clock runs from just before.
    pub(super) fn start(
        launch: &'l Launch,
        cores: u64,
        output: Output,
    ) -> Result<Self, MeasureError> {
        let strangers = family::children();
        let crowd = noise::crowd(cores);
        let mut command = Command::new(&launch.command[0]);
        command.args(&launch.command[1..]).process_group(0);
        command
            .stdin(Stdio::null())
            .stdout(output.stdio())
            .stderr(output.stdio());
        let own = procfs::scheduled_here();
        let begun = Instant::now();
        let mut child = command.spawn().map_err(|source| MeasureError::Start {
            name: launch.name.clone(),
            source,
        })?;
        let pid = child.id().cast_signed();
        let pipe = |fd: Option<OwnedFd>| fd.map(File::from);
        let said = Said::new(output);
        let output = [
            pipe(child.stdout.take().map(Into::into)),
            pipe(child.stderr.take().map(Into::into)),
        ];
        // From here on it is ended, whatever happens.
        let mut running = Self {
            launch,
            pid,
            begun,
            crowd,
            end: None,
            output,
            said,
            ended: None,
            scheduled: None,
            own,
            family: Family::new(pid, strangers),
            is_over: false,
        };
        let watch = MeasureError::system("watch a process");
        running.end = Some(system::pidfd(pid).map_err(watch)?);
        for file in running.output.iter().flatten() {
            system::never_waits(file).map_err(MeasureError::system("read from a process"))?;
        }
        Ok(running)
    }

    /// Waits until it is ready, at most for some time since the start.
    pub(super) fn ready(
        &mut self,
        probe: &mut Probe,
        within: Duration,
    ) -> Result<Timing, MeasureError> {
        loop {
            let left = within.saturating_sub(self.begun.elapsed());
            if left.is_zero() {
                return Err(self.not_ready(within));
            }
            let has_ended = self.wait(self.patience(probe).min(left), probe)?;
            let now = Instant::now();
            if self.take_output(&mut |output| probe.reads(output)) {
                return Ok(self.moment(now));
            }
            if has_ended {
                self.reap()?;
            }
            if let Some(ended) = self.ended {
                if matches!(probe, Probe::End) {
                    return self.finished(now, ended);
                }
                if self.family.living().is_empty() {
                    return Err(self.ended_early(ended));
                }
            }
            if probe.asks() && probe.ask() {
                return Ok(self.moment(Instant::now()));
            }
        }
    }

    /// What it uses with all its processes.
    pub(super) fn usage(&mut self) -> Result<(Usage, u64), MeasureError> {
        self.take_output(&mut |_| false);
        let all = self
            .family
            .living()
            .into_iter()
            .filter_map(|process| procfs::usage(process.pid));
        let together =
            all.reduce(|(sum, highest), (usage, peak)| (sum.and(usage), highest.max(peak)));
        together.ok_or_else(|| MeasureError::Gone {
            name: self.launch.name.clone(),
            said: self.said.clone(),
        })
    }

    /// Takes its output for some time, so that it never waits for somebody to read.
    pub(super) fn idle(&mut self, time: Duration) -> Result<(), MeasureError> {
        let until = Instant::now() + time;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            if self.wait(left, &Probe::End)? {
                self.reap()?;
            }
            self.take_output(&mut |_| false);
        }
    }

    /// Leaves a command that was started beside it out of what it uses.
    pub(super) fn is_worked_by(&mut self, command: &Running<'_>) {
        self.family.exclude(command.pid);
    }

    /// Whether a command has ended, and well.
    pub(super) fn has_ended(&mut self) -> Result<bool, MeasureError> {
        let has_ended = self.wait(Duration::ZERO, &Probe::End)?;
        self.take_output(&mut |_| false);
        if has_ended {
            self.reap()?;
        }
        match self.ended {
            None => Ok(false),
            Some(ended) if ended.status.success() => {
                // What it has left behind came of the program as well as of it, and ends with the program.
                self.is_over = true;
                Ok(true)
            }
            Some(ended) => Err(MeasureError::Load {
                problem: ended.status.to_string(),
                said: self.said.clone(),
            }),
        }
    }

    /// What it said so far.
    pub(super) fn said(&self) -> &Said {
        &self.said
    }

    /// Ends it with all its processes: those that do not end by themselves when they are asked to are killed after some time.
    pub(super) fn stop(mut self, grace: Duration) -> Result<Stopped, MeasureError> {
        let mut is_polite = true;
        if !self.family.living().is_empty() {
            self.family.signal(libc::SIGTERM);
            // One that is stopped ends only if it goes on.
            self.family.signal(libc::SIGCONT);
            is_polite = self.end_within(grace)?;
        }
        if !is_polite {
            let until = Instant::now() + KILLED;
            // Once more for those that were started while others were being killed.
            while {
                self.family.signal(libc::SIGKILL);
                !self.end_within(LOOK * 10)?
            } {
                if Instant::now() >= until {
                    return Err(MeasureError::Immortal {
                        name: self.launch.name.clone(),
                    });
                }
            }
        }
        if self.ended.is_none() {
            self.reap()?;
        }
        self.is_over = true;
        let ended = self.ended;
        Ok(Stopped {
            is_polite,
            peak_bytes: ended.map(|ended| ended.peak_bytes),
            involuntary_switches: ended.map_or(0, |ended| ended.involuntary_switches),
        })
    }

    fn end_within(&mut self, time: Duration) -> Result<bool, MeasureError> {
        let until = Instant::now() + time;
        while !self.family.living().is_empty() {
            if Instant::now() >= until {
                return Ok(false);
            }
            self.idle(LOOK)?;
        }
        Ok(true)
    }

    /// How long to wait for something to happen.
    fn patience(&self, probe: &Probe) -> Duration {
        match (self.ended, probe.asks()) {
            // Only looking tells whether what it left behind still runs.
            (Some(_), _) => LOOK,
            (None, true) => PAUSE,
            (None, false) => Duration::MAX,
        }
    }

    /// Tells whether the process has ended since it was looked last.
    fn wait(&self, most: Duration, probe: &Probe) -> Result<bool, MeasureError> {
        let sources = Sources {
            end: self.end.as_ref(),
            output: self.output.each_ref().map(Option::as_ref),
            socket: probe.socket(),
        };
        system::wait(sources, most).map_err(MeasureError::system("wait for a process"))
    }

    /// Passes on what it printed to its standard output, until that is enough.
    fn take_output(&mut self, enough: &mut dyn FnMut(&[u8]) -> bool) -> bool {
        let mut buffer = [0; 64 << 10];
        let mut is_enough = false;
        for (index, pipe) in self.output.iter_mut().enumerate() {
            for _ in 0..CHUNKS {
                let Some(file) = pipe else { break };
                match file.read(&mut buffer) {
                    Ok(0) => *pipe = None,
                    Ok(count) => {
                        self.said.add(&buffer[..count]);
                        is_enough = is_enough || (index == 0 && enough(&buffer[..count]));
                    }
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(_) => *pipe = None,
                }
            }
        }
        is_enough
    }

    fn reap(&mut self) -> Result<(), MeasureError> {
        // The system tells it until somebody has waited for the process.
        self.scheduled = procfs::scheduled(self.pid);
        let ended = system::reap(self.pid).map_err(MeasureError::system("wait for a process"))?;
        if ended.is_some() {
            // This process is about to end. How the program ended is nothing to tell anybody.
            while ABANDONED.load(Ordering::SeqCst) {
                std::thread::park();
            }
            self.ended = ended;
            self.end = None;
        }
        Ok(())
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        system::signal_group(self.pid, libc::SIGKILL);
        let until = Instant::now() + KILLED;
        while !self.family.living().is_empty() && Instant::now() < until {
            self.family.signal(libc::SIGKILL);
            std::thread::sleep(LOOK);
        }
        // An error means that it was waited for already.
        let _ = system::reap(self.pid);
    }
}
