//! Several threads that process a sequence of buffers and return the results in order.

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// How many buffers may be in flight per thread: the current one and the next one.
const IN_FLIGHT_PER_THREAD: usize = 2;

/// The work of one thread on each buffer, or on what a buffer is a part of.
pub(crate) type Work<R, I = Vec<u8>> = Box<dyn FnMut(I) -> R + Send>;

struct Job<R, I> {
    input: I,
    result: SyncSender<R>,
}

/// Threads that take buffers and return results in the same order. At most two buffers per thread are in flight.
pub(crate) struct Ordered<R, I = Vec<u8>> {
    jobs: Option<SyncSender<Job<R, I>>>,
    pending: VecDeque<Receiver<R>>,
    limit: usize,
    threads: Vec<JoinHandle<()>>,
}

impl<R: Send + 'static, I: Send + 'static> Ordered<R, I> {
    /// Starts the threads; `make` is called once for each.
    pub(crate) fn new(threads: NonZeroUsize, make: impl Fn() -> Work<R, I>) -> Self {
        let limit = threads.get() * IN_FLIGHT_PER_THREAD;
        let (jobs, queue) = sync_channel::<Job<R, I>>(limit);
        let queue = Arc::new(Mutex::new(queue));
        let start = || {
            let (queue, work) = (queue.clone(), make());
            std::thread::spawn(move || serve(&queue, work))
        };
        Self {
            jobs: Some(jobs),
            pending: VecDeque::new(),
            limit,
            threads: std::iter::repeat_with(start).take(threads.get()).collect(),
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
        let jobs = self.jobs.as_ref().expect("taken only when dropped");
        jobs.send(Job { input, result })
            .expect("the threads end only when `jobs` is dropped");
        self.pending.push_back(receiver);
        oldest
    }

    /// Waits for the oldest result; `None` if nothing is in flight.
    pub(crate) fn pop(&mut self) -> Option<R> {
        let receiver = self.pending.pop_front()?;
        Some(receiver.recv().expect("work does not panic"))
    }
}

fn serve<R, I>(queue: &Mutex<Receiver<Job<R, I>>>, mut work: Work<R, I>) {
    loop {
        let job = queue.lock().expect("receiving does not panic").recv();
        let Ok(Job { input, result }) = job else {
            return;
        };
        // Nobody waits for the result if the writer was dropped after an error.
        let _ = result.send(work(input));
    }
}

impl<R, I> Drop for Ordered<R, I> {
    fn drop(&mut self) {
        self.jobs = None;
        for thread in self.threads.drain(..) {
            // `pop` has already reported a panic of the work, or the result is not needed.
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_input() {
        let threads = NonZeroUsize::new(3).expect("not zero");
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
        assert_eq!(results, (0..20).map(|n| vec![n, 0]).collect::<Vec<_>>());
    }
}
