//! What a command writes, as far as it may.

use std::io::{self, Read};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A stream that a thread of its own reads. The thread is not waited for: a process that was left behind may keep the stream
/// open for as long as it likes.
pub(super) struct Capture(Arc<Mutex<Captured>>);

#[derive(Default)]
struct Captured {
    bytes: Vec<u8>,
    has_ended: bool,
    is_too_much: bool,
}

impl Capture {
    /// Begins to read, up to a number of bytes. Tells when there is no more, or too much.
    pub(super) fn start<R: Read + Send + 'static>(
        stream: Option<R>,
        most: u64,
        tell: Sender<()>,
    ) -> Self {
        let captured = Arc::new(Mutex::new(Captured::default()));
        let Some(stream) = stream else {
            lock(&captured).has_ended = true;
            return Self(captured);
        };
        let shared = captured.clone();
        std::thread::spawn(move || {
            read(stream, most, &shared);
            // Nobody listens any more if the run is over.
            let _ = tell.send(());
        });
        Self(captured)
    }

    pub(super) fn has_ended(&self) -> bool {
        lock(&self.0).has_ended
    }

    pub(super) fn is_too_much(&self) -> bool {
        lock(&self.0).is_too_much
    }

    /// All that was read.
    pub(super) fn take(&self) -> Vec<u8> {
        std::mem::take(&mut lock(&self.0).bytes)
    }
}

fn read(mut stream: impl Read, most: u64, shared: &Mutex<Captured>) {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match stream.read(&mut buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Ok(0) | Err(_) => break,
            Ok(count) => {
                let mut captured = lock(shared);
                let room = most.saturating_sub(captured.bytes.len() as u64);
                let taken = count.min(usize::try_from(room).unwrap_or(usize::MAX));
                captured.bytes.extend_from_slice(&buffer[..taken]);
                if taken < count {
                    captured.is_too_much = true;
                    break;
                }
            }
        }
    }
    lock(shared).has_ended = true;
}

fn lock(captured: &Mutex<Captured>) -> MutexGuard<'_, Captured> {
    captured.lock().unwrap_or_else(PoisonError::into_inner)
}
