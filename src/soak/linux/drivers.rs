//! What keeps a program busy: threads that send requests, or run something, again and again.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::program::{Program, shell};
use super::{process, readiness};
use crate::soak::histogram::Histogram;
use crate::soak::history::MAX_ERRORS;
use crate::soak::{Plan, SoakError, Workload};

/// What the drivers have got since somebody last asked.
#[derive(Default)]
pub struct Window {
    pub requests: u64,
    pub errors: u64,
    pub latencies: Histogram,
    /// The first messages.
    pub messages: Vec<String>,
}

/// Counts what drivers get. It outlives those of one start of the program.
#[derive(Clone, Default)]
pub struct Counter(Arc<Mutex<Window>>);

/// The processes that drivers have started, and wait for.
#[derive(Clone, Default)]
pub struct Started(Arc<Mutex<BTreeSet<i32>>>);

/// Drivers of one start of the program. They stop when this is dropped.
pub struct Drivers(Arc<AtomicBool>);

/// After a failure, so that a program that is not there is not asked a million times.
const PAUSE: Duration = Duration::from_millis(50);

/// The most of a message that is kept.
const MAX_MESSAGE: usize = 300;

impl Counter {
    /// What there was since the last call.
    pub fn take(&self) -> Window {
        std::mem::take(&mut *self.window())
    }

    fn add(&self, took: Duration, result: Result<(), String>) {
        let mut window = self.window();
        window.requests += 1;
        match result {
            Ok(()) => {
                let microseconds = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
                window.latencies.add(microseconds);
            }
            Err(mut message) => {
                window.errors += 1;
                if window.messages.len() < MAX_ERRORS {
                    let end = message.floor_char_boundary(MAX_MESSAGE);
                    message.truncate(end);
                    window.messages.push(message);
                }
            }
        }
    }

    fn window(&self) -> MutexGuard<'_, Window> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Started {
    /// Nothing is started and nothing is waited for as long as this is held.
    pub fn lock(&self) -> MutexGuard<'_, BTreeSet<i32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn start(&self, command: &[std::ffi::OsString]) -> std::io::Result<Program> {
        let mut started = self.lock();
        let program = Program::start(command, None)?;
        started.insert(program.id());
        Ok(program)
    }

    /// Runs a command to its end; the error says how it failed.
    fn run(&self, command: &[std::ffi::OsString]) -> Result<(), String> {
        let program = self.start(command);
        let mut program = program.map_err(|error| format!("cannot be started: {error}"))?;
        let status = program.wait();
        self.lock().remove(&program.id());
        let status = status.map_err(|error| format!("cannot be waited for: {error}"))?;
        if status.success() {
            return Ok(());
        }
        Err(match program.output.end() {
            output if output.is_empty() => status.to_string(),
            output => format!("{status}: {output}"),
        })
    }
}

impl Drivers {
    /// Starts as many as the plan asks for.
    pub fn start(plan: &Plan, counter: &Counter, started: &Started) -> Result<Self, SoakError> {
        let stop = Arc::new(AtomicBool::new(false));
        for _ in 0..plan.workers.get() {
            let Some(mut ask) = asker(plan, started)? else {
                break;
            };
            let (stop, counter) = (stop.clone(), counter.clone());
            std::thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    let begun = Instant::now();
                    let result = ask();
                    // What was cut short by the end says nothing.
                    if stop.load(Ordering::Relaxed) {
                        return;
                    }
                    let has_failed = result.is_err();
                    counter.add(begun.elapsed(), result);
                    if has_failed {
                        std::thread::sleep(PAUSE);
                    }
                }
            });
        }
        Ok(Self(stop))
    }

    /// Has them start nothing more, and ends what they run.
    pub fn stop(&self, started: &Started) {
        self.0.store(true, Ordering::Relaxed);
        for process in started.lock().iter() {
            // Each has a group of its own.
            process::signal(-process, libc::SIGKILL);
        }
    }
}

impl Drop for Drivers {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

type Asker = Box<dyn FnMut() -> Result<(), String> + Send>;

/// What a driver does again and again; `None` if it has nothing to do.
fn asker(plan: &Plan, started: &Started) -> Result<Option<Asker>, SoakError> {
    let started = started.clone();
    Ok(match &plan.workload {
        Workload::None => None,
        Workload::Requests(url) => {
            let (client, url) = (readiness::client()?, url.clone());
            Some(Box::new(move || readiness::ask(&client, &url)))
        }
        Workload::Script(line) => {
            let command = shell(line);
            Some(Box::new(move || started.run(&command)))
        }
        Workload::Again => {
            let command = plan.command.clone();
            Some(Box::new(move || started.run(&command)))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_counts_what_came_since_the_last() {
        let counter = Counter::default();
        for n in 0..30 {
            counter.add(Duration::from_millis(2), Ok(()));
            counter.add(
                Duration::from_millis(900),
                Err(format!("{n}: {}", "ü".repeat(400))),
            );
        }
        let window = counter.take();
        assert_eq!(
            (window.requests, window.errors, window.messages.len()),
            (60, 30, MAX_ERRORS)
        );
        assert!(window.messages[0].len() <= MAX_MESSAGE);
        // Failures take as long as they do.
        assert_eq!(window.latencies.longest(), 2000);
        assert_eq!(counter.take().requests, 0);
    }
}
