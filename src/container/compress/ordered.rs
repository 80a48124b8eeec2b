//! The threads of a run, which process a sequence of buffers; the results are returned in order.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use crate::model::threads::Threads;

/// How many buffers may be in flight per thread: the current one and the next one.
const IN_FLIGHT_PER_THREAD: usize = 2;

/// What a thread does with each buffer, or with what a buffer is a part of.
pub(crate) type Work<R, I = Vec<u8>> = Box<dyn FnMut(I) -> R + Send>;

type Make<R, I> = Box<dyn Fn() -> Work<R, I> + Send + Sync>;

/// A sequence of buffers that all threads work on, with the results in the same order.
pub(crate) struct Ordered<R, I = Vec<u8>> {
    threads: Threads,
    workers: Arc<Workers<R, I>>,
    pending: VecDeque<Receiver<R>>,
    limit: usize,
}

/// At most one for each thread that works on this sequence at a time.
struct Workers<R, I> {
    idle: Mutex<Vec<Work<R, I>>>,
    make: Make<R, I>,
}

impl<R, I> Workers<R, I> {
    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Work<R, I>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn process(&self, input: I) -> R {
        let idle = self.idle().pop();
        let mut work = idle.unwrap_or_else(&self.make);
        let result = work(input);
        self.idle().push(work);
        result
    }
}

impl<R: Send + 'static, I: Send + 'static> Ordered<R, I> {
    /// `make` is called once for each thread that works on the sequence.
    pub(crate) fn new(
        threads: &Threads,
        make: impl Fn() -> Work<R, I> + Send + Sync + 'static,
    ) -> Self {
        let limit = threads.count().get() * IN_FLIGHT_PER_THREAD;
        Self::with_limit(threads, limit, make)
    }

    /// The same for large buffers, of which at most `limit` are in flight.
    pub(crate) fn with_limit(
        threads: &Threads,
        limit: usize,
        make: impl Fn() -> Work<R, I> + Send + Sync + 'static,
    ) -> Self {
        Self {
            threads: threads.clone(),
            workers: Arc::new(Workers {
                idle: Mutex::default(),
                make: Box::new(make),
            }),
            pending: VecDeque::new(),
            limit,
        }
    }

    /// Adds a buffer. Returns the oldest result if too many buffers are in flight.
    pub(crate) fn push(&mut self, input: I) -> Option<R> {
        let oldest = if self.pending.len() < self.limit {
            None
        } else {
            self.pop()
        };
        let (result, receiver) = sync_channel(1);
        let workers = self.workers.clone();
        self.threads.submit(Box::new(move || {
            // Nobody waits for the result if the writer was dropped after an error.
            let _ = result.send(workers.process(input));
        }));
        self.pending.push_back(receiver);
        oldest
    }

    /// Waits for the oldest result; `None` if nothing is in flight. Until it is there, this thread does what waits.
    pub(crate) fn pop(&mut self) -> Option<R> {
        let receiver = self.pending.pop_front()?;
        loop {
            match receiver.try_recv() {
                Ok(result) => return Some(result),
                Err(TryRecvError::Empty) if self.threads.help() => {}
                // Another thread works on it.
                Err(_) => return Some(receiver.recv().expect("work does not panic")),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;

    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_input() {
        let threads = NonZeroUsize::new(3).expect("not zero");
        let results = Threads::each(threads, vec![()], |threads, ()| {
            let mut ordered = Ordered::new(threads, || {
                Box::new(|mut input: Vec<u8>| {
                    // The first buffers take longest, so that later ones are ready before them.
                    let delay = 20u64.saturating_sub(u64::from(input[0]));
                    std::thread::sleep(std::time::Duration::from_millis(delay));
                    input.push(0);
                    input
                })
            });
            let mut results: Vec<_> = (0..20).filter_map(|n| ordered.push(vec![n])).collect();
            results.extend(std::iter::from_fn(|| ordered.pop()));
            results
        });
        assert_eq!(results, [(0..20).map(|n| vec![n, 0]).collect::<Vec<_>>()]);
    }
}
