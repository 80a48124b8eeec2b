//! Runs a target on changed inputs and watches it.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use super::coverage::Reached;
use super::memory::most_during;
use super::mutate::{Rng, mutate};

/// What is given to a reader.
pub trait Run: Fn(&[u8]) + Send + 'static {}
impl<F: Fn(&[u8]) + Send + 'static> Run for F {}

/// When to stop, and what is too much.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub runs: u64,
    /// Ends earlier than the runs.
    pub time: Duration,
    pub seed: u64,
    /// For a single run.
    pub max_run: Duration,
    pub max_bytes: usize,
}

impl Limits {
    /// Those of the checks, or what `FUZZ_SECONDS` and `FUZZ_SEED` ask for.
    fn from_environment() -> Self {
        let number = |name| std::env::var(name).ok().and_then(|text| text.parse().ok());
        let seconds: Option<u64> = number("FUZZ_SECONDS");
        Self {
            runs: seconds.map_or(10_000, |_| u64::MAX),
            // On a busy machine the checks take longer, and are the same all the same.
            time: seconds.map_or(Duration::MAX, Duration::from_secs),
            seed: number("FUZZ_SEED").unwrap_or(1),
            max_run: Duration::from_secs(60),
            max_bytes: 128 << 20,
        }
    }
}

/// What a reader did that it must not do.
#[derive(Debug, PartialEq, Eq)]
pub enum Fault {
    Panic(String),
    Endless,
    Memory(usize),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Panic(message) => write!(f, "it panicked: {message}"),
            Fault::Endless => f.write_str("it did not end"),
            Fault::Memory(bytes) => write!(f, "it took {bytes} bytes of memory"),
        }
    }
}

/// A fault, and the input that leads to it.
#[derive(Debug)]
pub struct Found {
    pub fault: Fault,
    pub input: Vec<u8>,
}

/// Runs a target as the environment says, and fails the test where it finds something.
pub fn fuzz(name: &str, mut inputs: Vec<Vec<u8>>, run: impl Run) {
    inputs.extend(kept(name));
    let limits = Limits::from_environment();
    let start = Instant::now();
    match search(limits, inputs, run) {
        Ok(Searched {
            runs,
            inputs,
            places,
        }) => {
            let (seconds, seed) = (start.elapsed().as_secs(), limits.seed);
            println!(
                "fuzz: {name}: {runs} runs in {seconds} s, seed {seed}, {inputs} inputs, {places} places reached, nothing \
                 found"
            );
        }
        Err(Found { fault, input }) => {
            let place = std::env::temp_dir().join(format!("sealift-fuzz-{name}"));
            std::fs::write(&place, input).expect("the folder for temporary files is writable");
            let place = place.display();
            panic!(
                "{name}: {fault}\nhint: the input is in `{place}`; keep it in fuzz/corpus/{name}"
            );
        }
    }
}

/// Inputs that once led to a fault, or that lead further than others.
fn kept(name: &str) -> Vec<Vec<u8>> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(name);
    let Ok(entries) = std::fs::read_dir(directory) else {
        return Vec::new();
    };
    let paths = entries.map(|entry| entry.expect("the directory was just opened").path());
    let mut paths: Vec<PathBuf> = paths.collect();
    paths.sort();
    let read = |path: &PathBuf| std::fs::read(path).expect("a file of the repository");
    paths.iter().map(read).collect()
}

/// What the thread that runs the target says.
enum Event {
    Start(Vec<u8>),
    Fault(Fault),
    End(Searched),
}

/// A search that found nothing.
#[derive(Debug)]
pub struct Searched {
    pub runs: u64,
    /// Those given, and those that reached something new.
    pub inputs: usize,
    /// Of the program, where that was counted.
    pub places: usize,
}

/// Runs a target on each input as it is and then on changed ones.
pub fn search(limits: Limits, inputs: Vec<Vec<u8>>, run: impl Run) -> Result<Searched, Found> {
    let (events, received) = channel();
    let work = move || work(limits, inputs, &run, &events);
    // Whatever never ends cannot be joined.
    drop(std::thread::spawn(work));
    let mut input = Vec::new();
    loop {
        let fault = match received.recv_timeout(limits.max_run) {
            Ok(Event::Start(started)) => {
                input = started;
                continue;
            }
            Ok(Event::End(searched)) => return Ok(searched),
            Ok(Event::Fault(fault)) => fault,
            Err(RecvTimeoutError::Timeout) => Fault::Endless,
            Err(RecvTimeoutError::Disconnected) => Fault::Panic("outside of the target".to_owned()),
        };
        return Err(Found { fault, input });
    }
}

fn work(limits: Limits, mut inputs: Vec<Vec<u8>>, run: &impl Run, events: &Sender<Event>) {
    let (mut rng, start) = (Rng::new(limits.seed), Instant::now());
    let mut reached = Reached::new();
    let (mut runs, given) = (0, inputs.len() as u64);
    while runs < limits.runs && start.elapsed() < limits.time {
        let input = if runs < given {
            inputs[runs as usize].clone()
        } else {
            mutate(&mut rng, &inputs)
        };
        // Nobody listens any more where another thread has failed the test.
        let _ = events.send(Event::Start(input.clone()));
        let mut fault = None;
        let is_new = reached.is_new(|| fault = fault_of(limits, &input, run));
        if let Some(fault) = fault {
            let _ = events.send(Event::Fault(fault));
            return;
        }
        if is_new && runs >= given {
            inputs.push(input);
        }
        runs += 1;
    }
    let _ = events.send(Event::End(Searched {
        runs,
        inputs: inputs.len(),
        places: reached.places(),
    }));
}

fn fault_of(limits: Limits, input: &[u8], run: &impl Run) -> Option<Fault> {
    let mut outcome = Ok(());
    let bytes = most_during(|| outcome = catch_unwind(AssertUnwindSafe(|| run(input))));
    match outcome {
        Err(panic) => Some(Fault::Panic(message(&*panic))),
        Ok(()) if bytes > limits.max_bytes => Some(Fault::Memory(bytes)),
        Ok(()) => None,
    }
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or(panic.downcast_ref::<&str>().copied());
    text.unwrap_or("without a text").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(run: impl Run) -> Option<(Fault, Vec<u8>)> {
        let limits = Limits {
            runs: 10_000,
            time: Duration::from_secs(60),
            seed: 1,
            max_run: Duration::from_secs(2),
            max_bytes: 1 << 20,
        };
        let found = search(limits, vec![b"size=0004;".to_vec()], run).err()?;
        Some((found.fault, found.input))
    }

    /// The bug's trigger: a size that no proper input has.
    fn is_planted(input: &[u8]) -> bool {
        input.starts_with(b"size=") && input.get(5..7) == Some(b"99")
    }

    #[test]
    fn a_planted_panic_is_found_with_its_input() {
        let (fault, input) = fault(|input| assert!(!is_planted(input), "planted")).expect("found");
        assert_eq!(fault, Fault::Panic("planted".to_owned()));
        assert!(is_planted(&input));
    }

    #[test]
    fn a_planted_loop_is_found_with_its_input() {
        let endless = |input: &[u8]| {
            while is_planted(input) {
                std::thread::sleep(Duration::from_millis(100));
            }
        };
        let (fault, input) = fault(endless).expect("found");
        assert_eq!(fault, Fault::Endless);
        assert!(is_planted(&input));
    }

    #[test]
    fn planted_memory_beyond_the_bound_is_found_with_its_input() {
        let greedy = |input: &[u8]| {
            let size = if is_planted(input) { 2 << 20 } else { 10 };
            std::hint::black_box(vec![1; size]);
        };
        let (fault, input) = fault(greedy).expect("found");
        assert!(matches!(fault, Fault::Memory(bytes) if bytes >= 2 << 20));
        assert!(is_planted(&input));
    }

    #[test]
    fn a_target_without_a_fault_runs_as_often_as_asked() {
        assert!(fault(|_| ()).is_none());
    }
}
