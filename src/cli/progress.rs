//! Progress on the terminal: what is being written while it is, and a line for each artifact when it is done.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write as _};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sealift::event::{Event, Reporter};
use sealift::model::artifact::Artifact;
use sealift::model::target::Target;

use super::{exit, terminal};

/// Shows events on standard error: a running line where that is a terminal, a line for each with `--verbose`, and else
/// nothing.
pub struct Progress {
    shown: Option<Mutex<State>>,
    runs: bool,
}

struct State {
    total: usize,
    /// What is being written and since when, by target and format.
    started: BTreeMap<(Option<Target>, String), Instant>,
    /// The targets so far.
    targets: BTreeSet<Target>,
    done: Vec<String>,
}

/// How many of the artifacts that are being written are shown: the line has to fit into a terminal's.
const MAX_SHOWN: usize = 3;

/// Returns to the start of the line and clears it (ECMA-48, EL).
const CLEAR_LINE: &str = "\r\x1b[K";

impl Progress {
    /// Progress of writing some artifacts, or of judging them.
    pub fn new(total: usize) -> Self {
        let state = || {
            Mutex::new(State {
                total,
                started: BTreeMap::new(),
                targets: BTreeSet::new(),
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
            show(&lines);
        }
        self.clear();
    }

    /// Takes the running line away.
    pub fn clear(&self) {
        if self.runs {
            show(CLEAR_LINE);
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
        if let Event::Unlicensed { name, version } = event {
            self.clear();
            exit::warn_of_unlicensed(name, version);
        }
        let Some(mut state) = self.state() else {
            return;
        };
        match event {
            Event::CompilationStarted { triple } => {
                // cargo has lines of its own, which follow.
                show(&format!("compiling for {triple}\n"));
                return;
            }
            Event::ArtifactStarted { target, format, .. } => {
                state.targets.extend(target);
                let key = (target, format.to_owned());
                state.started.insert(key, Instant::now());
            }
            Event::ArtifactWritten { artifact } => {
                let key = (artifact.target, artifact.format.clone());
                if let Some(start) = state.started.remove(&key) {
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
            // `push` shows these, and the first has been shown.
            Event::Unlicensed { .. }
            | Event::BlobStarted { .. }
            | Event::BlobSent { .. }
            | Event::BlobInterrupted { .. }
            | Event::BlobDone { .. } => return,
        }
        if self.runs {
            show(&state.line());
        }
    }
}

impl State {
    fn line(&self) -> String {
        let name = |(target, format): &(Option<Target>, String)| match target {
            Some(target) if self.targets.len() > 1 => {
                format!("{format} {}-{}", target.machine, target.os)
            }
            _ => format.clone(),
        };
        let running = self.started.keys().take(MAX_SHOWN).map(name);
        let running = running.collect::<Vec<_>>().join(", ");
        let (done, total) = (self.done.len(), self.total);
        let more = self.started.len().saturating_sub(MAX_SHOWN);
        match (running.as_str(), more) {
            ("", _) => format!("{CLEAR_LINE}{done} of {total} done"),
            (running, 0) => format!("{CLEAR_LINE}{done} of {total} done, writing {running}"),
            (running, more) => {
                format!("{CLEAR_LINE}{done} of {total} done, writing {running} and {more} more")
            }
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
pub fn human_size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

/// Progress that cannot be shown must not stop the work.
pub fn show(text: &str) {
    let mut stderr = io::stderr().lock();
    let _ = stderr
        .write_all(text.as_bytes())
        .and_then(|()| stderr.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_told_apart_where_there_are_several_and_the_line_stays_short() {
        let target = |triple: &str| -> Target { triple.parse().expect("known") };
        let (linux, windows) = ("x86_64-unknown-linux-musl", "x86_64-pc-windows-gnullvm");
        let state = |started: &[(&str, &str)]| State {
            total: 9,
            started: started
                .iter()
                .map(|(triple, format)| {
                    let key = (Some(target(triple)), (*format).to_owned());
                    (key, Instant::now())
                })
                .collect(),
            targets: started.iter().map(|(triple, _)| target(triple)).collect(),
            done: Vec::new(),
        };
        let line = |started: &[(&str, &str)]| state(started).line();
        assert_eq!(line(&[]), format!("{CLEAR_LINE}0 of 9 done"));
        assert_eq!(
            line(&[(linux, "deb"), (linux, "oci")]),
            format!("{CLEAR_LINE}0 of 9 done, writing deb, oci")
        );
        let four = [
            (windows, "archive"),
            (linux, "archive"),
            (linux, "deb"),
            (linux, "oci"),
        ];
        assert_eq!(
            line(&four),
            format!(
                "{CLEAR_LINE}0 of 9 done, writing archive x86_64-windows, archive x86_64-linux, deb x86_64-linux and 1 more"
            )
        );
    }

    #[test]
    fn sizes_have_decimal_units() {
        let sizes = [999, 1_000, 1_234_567, 25_000_000, 2_500_000_000].map(human_size);
        assert_eq!(sizes, ["999 B", "1.0 kB", "1.2 MB", "25.0 MB", "2.5 GB"]);
    }
}
