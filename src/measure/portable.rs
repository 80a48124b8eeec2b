//! Starting, watching and ending a program with the standard library alone. The system's own ways to ask for memory and for
//! processes that a program starts are not used here, so only the times of the program itself are measured.

use std::fs::File;
use std::io::Read;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::time::{Duration, Instant};

use super::probe::Probe;
use super::said::Said;
use super::{Launch, MeasureError, Output, Stopped};
use crate::evidence::measurement::{Cache, Machine, Noise, Timing, Usage};

/// Whether memory can be measured here.
pub(super) const TELLS_MEMORY: bool = false;

/// How long to wait between two looks at a program, which is how exact its times are.
const PAUSE: Duration = Duration::from_micros(200);
/// How many parts of output may wait to be looked at. A program that prints more waits.
const PARTS: usize = 16;

/// Nothing needs to be prepared.
pub(super) fn prepare() -> Result<(), MeasureError> {
    Ok(())
}

/// What was started runs on: only its handle could end it.
pub(super) fn abandon() {}

/// This machine.
pub(super) fn machine(cores: u64) -> Machine {
    Machine {
        processor: None,
        cores,
        system: std::env::consts::OS.to_owned(),
    }
}

/// The page cache stays as it is.
pub(super) fn drop_cache(_: &File, all: bool) -> Result<Cache, MeasureError> {
    if all {
        let source = std::io::ErrorKind::Unsupported.into();
        return Err(MeasureError::DropCaches { source });
    }
    Ok(Cache::Kept(
        "only on Linux can a program be dropped from it".to_owned(),
    ))
}

/// Nothing is known of what else the machine does.
pub(super) struct NoiseMeter;

impl NoiseMeter {
    pub(super) fn start() -> Self {
        Self
    }

    pub(super) fn finish(self, _: u64) -> Noise {
        Noise::default()
    }
}

/// A program that was started. It is ended when it is dropped.
pub(super) struct Running<'l> {
    launch: &'l Launch,
    child: Child,
    begun: Instant,
    /// Parts of both outputs; of the first one, with `true`.
    output: Receiver<(bool, Vec<u8>)>,
    said: Said,
}

impl<'l> Running<'l> {
    /// Starts it. The clock runs from just before.
    pub(super) fn start(launch: &'l Launch, _: u64, output: Output) -> Result<Self, MeasureError> {
        let mut command = Command::new(&launch.command[0]);
        command.args(&launch.command[1..]);
        command
            .stdin(Stdio::null())
            .stdout(output.stdio())
            .stderr(output.stdio());
        let begun = Instant::now();
        let mut child = command.spawn().map_err(|source| MeasureError::Start {
            name: launch.name.clone(),
            source,
        })?;
        let said = Said::new(output);
        let (sender, output) = sync_channel(PARTS);
        if let Some(pipe) = child.stdout.take() {
            let sender = sender.clone();
            std::thread::spawn(move || pass_on(pipe, true, &sender));
        }
        if let Some(pipe) = child.stderr.take() {
            std::thread::spawn(move || pass_on(pipe, false, &sender));
        }
        Ok(Self {
            launch,
            child,
            begun,
            output,
            said,
        })
    }

    /// Waits until it is ready, at most for some time since the start.
    pub(super) fn ready(
        &mut self,
        probe: &mut Probe,
        within: Duration,
    ) -> Result<Timing, MeasureError> {
        loop {
            if self.begun.elapsed() >= within {
                return Err(self.not_ready(within));
            }
            if self.take_output(&mut |output| probe.reads(output)) {
                return Ok(self.moment());
            }
            if let Some(status) = self.status()? {
                return match (probe, status.success()) {
                    (Probe::End, true) => Ok(self.moment()),
                    _ => Err(self.ended_early(status)),
                };
            }
            if probe.asks() && probe.ask() {
                return Ok(self.moment());
            }
            std::thread::sleep(PAUSE);
        }
    }

    /// Memory is not measured.
    pub(super) fn usage(&mut self) -> Result<(Usage, u64), MeasureError> {
        Ok((Usage::default(), 0))
    }

    /// Takes its output for some time.
    pub(super) fn idle(&mut self, time: Duration) -> Result<(), MeasureError> {
        let until = Instant::now() + time;
        while Instant::now() < until {
            self.take_output(&mut |_| false);
            std::thread::sleep(PAUSE);
        }
        Ok(())
    }

    /// Only memory is measured at work.
    pub(super) fn is_worked_by(&mut self, _: &Running<'_>) {}

    /// Whether it has ended, and well.
    pub(super) fn has_ended(&mut self) -> Result<bool, MeasureError> {
        self.take_output(&mut |_| false);
        match self.status()? {
            None => Ok(false),
            Some(status) if status.success() => Ok(true),
            Some(status) => Err(MeasureError::Load {
                problem: status.to_string(),
                said: self.said.clone(),
            }),
        }
    }

    /// What it said so far.
    pub(super) fn said(&self) -> &Said {
        &self.said
    }

    /// Ends it at once.
    pub(super) fn stop(mut self, _: Duration) -> Result<Stopped, MeasureError> {
        if self.status()?.is_none() {
            let _ = self.child.kill();
        }
        let waited = self.child.wait();
        waited.map_err(MeasureError::system("wait for a process"))?;
        Ok(Stopped {
            is_polite: true,
            peak_bytes: None,
            involuntary_switches: 0,
        })
    }

    fn status(&mut self) -> Result<Option<ExitStatus>, MeasureError> {
        let status = self.child.try_wait();
        status.map_err(MeasureError::system("wait for a process"))
    }

    fn moment(&self) -> Timing {
        Timing {
            seconds: self.begun.elapsed().as_secs_f64(),
            waiting_seconds: None,
            cpu_seconds: None,
        }
    }

    fn take_output(&mut self, enough: &mut dyn FnMut(&[u8]) -> bool) -> bool {
        for _ in 0..PARTS {
            match self.output.try_recv() {
                Ok((is_first, part)) => {
                    self.said.add(&part);
                    if is_first && enough(&part) {
                        return true;
                    }
                }
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => break,
            }
        }
        false
    }

    fn not_ready(&mut self, within: Duration) -> MeasureError {
        MeasureError::NotReady {
            name: self.launch.name.clone(),
            within,
            is_stopped: false,
            said: self.said.clone(),
        }
    }

    fn ended_early(&mut self, status: ExitStatus) -> MeasureError {
        self.take_output(&mut |_| false);
        MeasureError::Ended {
            name: self.launch.name.clone(),
            status: status.to_string(),
            said: self.said.clone(),
        }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        // An error means that it has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Passes a program's output on until its end, or until nobody wants it.
fn pass_on(mut pipe: impl Read, is_first: bool, sender: &SyncSender<(bool, Vec<u8>)>) {
    let mut buffer = [0; 64 << 10];
    while let Ok(count @ 1..) = pipe.read(&mut buffer) {
        if sender.send((is_first, buffer[..count].to_vec())).is_err() {
            break;
        }
    }
}
