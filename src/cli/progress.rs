//! Progress on the terminal: what is being written while it is, and a line for each artifact when it is done.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write as _};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sealift::event::{Event, Reporter};
use sealift::model::artifact::Artifact;

use super::terminal;

/// Shows events on standard error: a running line where that is a terminal, a line for each with `--verbose`, and else
/// nothing.
pub struct Progress {
    shown: Option<Mutex<State>>,
    runs: bool,
}

struct State {
    total: usize,
    started: BTreeMap<String, Instant>,
    done: Vec<String>,
}

/// Returns to the start of the line and clears it (ECMA-48, EL).
const CLEAR_LINE: &str = "\r\x1b[K";

impl Progress {
    /// Progress of writing some artifacts, or of judging them.
    pub fn new(total: usize) -> Self {
        let state = || {
            Mutex::new(State {
                total,
                started: BTreeMap::new(),
                done: Vec::new(),
            })
        };
        let runs = io::stderr().is_terminal() && !terminal::is_quiet();
        Self {
            shown: (runs || terminal::is_verbose()).then(state),
            runs,
        }
    }

    /// Takes the running line away and leaves a line for each artifact.
    pub fn finish(&self) {
        if let Some(state) = self.state() {
            let lines: String = state.done.iter().map(|line| format!("{line}\n")).collect();
            let clear = if self.runs { CLEAR_LINE } else { "" };
            show(&format!("{clear}{lines}"));
        }
    }

    /// Whether somebody sees it.
    pub fn is_shown(&self) -> bool {
        self.shown.is_some()
    }

    fn state(&self) -> Option<MutexGuard<'_, State>> {
        let state = self.shown.as_ref()?;
        Some(state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Reporter for Progress {
    fn report(&self, event: Event<'_>) {
        let Some(mut state) = self.state() else {
            return;
        };
        match event {
            Event::ArtifactStarted { format, .. } => {
                state.started.insert(format.to_owned(), Instant::now());
            }
            Event::ArtifactWritten { artifact } => {
                if let Some(start) = state.started.remove(&artifact.format) {
                    let line = summary(artifact, start.elapsed());
                    state.done.push(line);
                }
            }
            Event::GateStarted { gate } => {
                if self.runs {
                    show(&format!("{CLEAR_LINE}judging {gate}"));
                } else {
                    show(&format!("judging {gate}\n"));
                }
                return;
            }
        }
        if self.runs {
            show(&state.line());
        }
    }
}

impl State {
    fn line(&self) -> String {
        let running: Vec<_> = self.started.keys().map(String::as_str).collect();
        let (done, total) = (self.done.len(), self.total);
        match running.as_slice() {
            [] => format!("{CLEAR_LINE}{done} of {total} done"),
            running => format!(
                "{CLEAR_LINE}{done} of {total} done, writing {}",
                running.join(", ")
            ),
        }
    }
}

fn summary(artifact: &Artifact, elapsed: Duration) -> String {
    let mut line = String::new();
    let (size, seconds) = (human_size(artifact.size), elapsed.as_secs_f64());
    write!(line, "{size:>9} {seconds:>6.1} s  {}", artifact.file).expect("a string takes all text");
    line
}

/// A size with a decimal unit, as download pages show it.
fn human_size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

/// Progress that cannot be shown must not stop the work.
fn show(text: &str) {
    let mut stderr = io::stderr().lock();
    let _ = stderr
        .write_all(text.as_bytes())
        .and_then(|()| stderr.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_decimal_units() {
        let sizes = [999, 1_000, 1_234_567, 25_000_000, 2_500_000_000].map(human_size);
        assert_eq!(sizes, ["999 B", "1.0 kB", "1.2 MB", "25.0 MB", "2.5 GB"]);
    }
}
