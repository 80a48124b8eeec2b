//! What a program prints: read without an end, and forgotten but for its end.

use std::io::{PipeReader, Read};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// So many bytes of what was printed last are kept.
const KEPT: usize = 64 * 1024;

/// How much of that is shown.
const SHOWN: usize = 2000;

/// How long the last words of a program that has ended are waited for: somebody else may hold the pipe.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// The end of what a program has printed.
#[derive(Clone, Default)]
pub struct Output(Arc<(Mutex<State>, Condvar)>);

#[derive(Default)]
struct State {
    /// At most twice what is kept.
    bytes: Vec<u8>,
    /// A text that is waited for.
    wanted: Option<Vec<u8>>,
    was_seen: bool,
    /// Whether nobody can print any more.
    has_ended: bool,
}

impl Output {
    /// Reads a pipe until nobody can write to it any more, in a thread of its own.
    pub fn read(pipe: PipeReader, wanted: Option<&str>) -> Self {
        let output = Self::default();
        output.state().wanted = wanted.map(|text| text.as_bytes().to_vec());
        let own = output.clone();
        std::thread::spawn(move || {
            own.drain(pipe);
            own.state().has_ended = true;
            own.0.1.notify_all();
        });
        output
    }

    fn drain(&self, mut pipe: PipeReader) {
        let mut buffer = vec![0; KEPT];
        loop {
            match pipe.read(&mut buffer) {
                Ok(0) => return,
                Ok(length) => self.state().add(&buffer[..length]),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(_) => return,
            }
        }
    }

    /// Whether the text that is waited for was printed.
    pub fn was_seen(&self) -> bool {
        self.state().was_seen
    }

    /// The end of what was printed, for people; complete if the program has ended.
    pub fn end(&self) -> String {
        let prints = |state: &mut State| !state.has_ended;
        let waited = self
            .0
            .1
            .wait_timeout_while(self.state(), LAST_WORDS, prints);
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let start = state.bytes.len().saturating_sub(SHOWN);
        let text = String::from_utf8_lossy(&state.bytes[start..]);
        text.trim_end().to_owned()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn add(&mut self, bytes: &[u8]) {
        let before = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        if let Some(wanted) = &self.wanted {
            // The text may have begun in what was there before.
            let from = before.saturating_sub(wanted.len());
            let mut windows = self.bytes[from..].windows(wanted.len().max(1));
            if windows.any(|window| window == wanted) {
                self.was_seen = true;
                self.wanted = None;
            }
        }
        if self.bytes.len() > 2 * KEPT {
            let excess = self.bytes.len() - KEPT;
            self.bytes.drain(..excess);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_in_two_parts_is_seen_and_only_the_end_is_kept() {
        let mut state = State {
            wanted: Some(b"ready".to_vec()),
            ..State::default()
        };
        state.add(b"not re");
        assert!(!state.was_seen);
        state.add(b"ady\n");
        assert!(state.was_seen);
        for _ in 0..100 {
            state.add(&[b'x'; 10_000]);
            assert!(state.bytes.len() <= 2 * KEPT);
        }
        assert!(state.was_seen && state.bytes.len() >= KEPT);
    }
}
