//! The threads of a run: some write artifacts, and all compress what these consist of.
//!
//! A format hands pieces of its content to all threads instead of starting its own. So the last artifact of a run is
//! compressed by as many threads as the first ones, and no more run than the user allows.

use std::collections::VecDeque;
use std::num::NonZeroUsize;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// How many pieces may wait per thread, so that memory stays bounded.
const WAITING_PER_THREAD: usize = 2;

/// A piece of work that waits for nothing but the processor.
pub(crate) type Piece = Box<dyn FnOnce() + Send>;

/// What shares the work of a run; clones share it, too.
#[derive(Clone, Debug)]
pub struct Threads(Arc<Shared>);

struct Shared {
    count: NonZeroUsize,
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    pieces: VecDeque<Piece>,
    /// How many of the run's items are not finished.
    unfinished: usize,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Shared").field(&self.count).finish()
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An item that is being worked on. Dropped, even by a panic, it no longer keeps other threads waiting.
struct Item<'a>(&'a Shared);

impl Drop for Item<'_> {
    fn drop(&mut self) {
        self.0.lock().unfinished -= 1;
        self.0.changed.notify_all();
    }
}

impl Threads {
    /// Runs `work` on each item, on as many threads as it is told, and returns the results in the items' order. Items
    /// are begun in their order. A thread that finds none left works on pieces of the others until all are finished.
    pub fn each<I: Send, R: Send>(
        count: NonZeroUsize,
        items: Vec<I>,
        work: impl Fn(&Self, I) -> R + Sync,
    ) -> Vec<R> {
        let threads = Self::new(count, items.len());
        let queue = Mutex::new(items.into_iter().enumerate());
        let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).next();
        let run = || {
            let mut done = Vec::new();
            while let Some((index, item)) = next() {
                let _item = Item(&threads.0);
                done.push((index, work(&threads, item)));
            }
            threads.serve();
            done
        };
        let mut results = thread::scope(|scope| {
            let running: Vec<_> = (0..count.get()).map(|_| scope.spawn(run)).collect();
            let joined = running.into_iter().map(|thread| match thread.join() {
                Ok(done) => done,
                Err(panic) => std::panic::resume_unwind(panic),
            });
            joined.flatten().collect::<Vec<_>>()
        });
        results.sort_by_key(|(index, _)| *index);
        results.into_iter().map(|(_, result)| result).collect()
    }

    /// The calling thread alone, which does all pieces itself.
    pub fn alone() -> Self {
        Self::new(NonZeroUsize::MIN, 0)
    }

    fn new(count: NonZeroUsize, unfinished: usize) -> Self {
        Self(Arc::new(Shared {
            count,
            state: Mutex::new(State {
                pieces: VecDeque::new(),
                unfinished,
            }),
            changed: Condvar::new(),
        }))
    }

    /// The number of threads.
    pub fn count(&self) -> NonZeroUsize {
        self.0.count
    }

    /// Leaves a piece to whichever thread is free. If too many wait already, this thread does the oldest one first.
    pub(crate) fn submit(&self, piece: Piece) {
        let most = self.0.count.get() * WAITING_PER_THREAD;
        while self.0.lock().pieces.len() >= most && self.help() {}
        self.0.lock().pieces.push_back(piece);
        self.0.changed.notify_one();
    }

    /// Does the oldest piece that waits. Returns whether there was one.
    pub(crate) fn help(&self) -> bool {
        let Some(piece) = self.0.lock().pieces.pop_front() else {
            return false;
        };
        piece();
        true
    }

    /// Does pieces until all items are finished.
    fn serve(&self) {
        loop {
            while self.help() {}
            let state = self.0.lock();
            if state.unfinished == 0 {
                return;
            }
            if state.pieces.is_empty() {
                drop(
                    self.0
                        .changed
                        .wait(state)
                        .unwrap_or_else(PoisonError::into_inner),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::sync::mpsc::channel;

    use super::*;

    fn threads(count: usize) -> NonZeroUsize {
        NonZeroUsize::new(count).expect("not zero")
    }

    #[test]
    fn results_are_in_the_order_of_the_items() {
        let items: Vec<u64> = (0..20).collect();
        let results = Threads::each(threads(3), items.clone(), |_, n| {
            std::thread::sleep(std::time::Duration::from_millis(20 - n));
            n
        });
        assert_eq!(results, items);
        assert_eq!(
            Threads::each(threads(2), Vec::<u8>::new(), |_, n| n),
            [0; 0]
        );
    }

    #[test]
    fn a_thread_without_an_item_works_on_pieces_of_another() {
        // Each of the two pieces waits for the other: one thread alone would never end.
        let said = Threads::each(threads(2), vec![()], |threads, ()| {
            let (sender, receiver) = channel();
            let both = Arc::new(Barrier::new(2));
            for _ in 0..2 {
                let (sender, both) = (sender.clone(), both.clone());
                threads.submit(Box::new(move || {
                    both.wait();
                    sender.send(std::thread::current().id()).expect("received");
                }));
            }
            while threads.help() {}
            [
                receiver.recv().expect("sent"),
                receiver.recv().expect("sent"),
            ]
        });
        assert_ne!(said[0][0], said[0][1]);
    }

    #[test]
    fn one_thread_does_the_pieces_that_it_leaves() {
        let done = Threads::each(threads(1), vec![()], |threads, ()| {
            let (sender, receiver) = channel();
            for n in 0..9 {
                let sender = sender.clone();
                threads.submit(Box::new(move || sender.send(n).expect("received")));
            }
            while threads.help() {}
            drop(sender);
            receiver.into_iter().collect::<Vec<_>>()
        });
        assert_eq!(done, [(0..9).collect::<Vec<_>>()]);
    }

    #[test]
    #[should_panic(expected = "a fault in an item")]
    fn a_panic_ends_the_run_of_all() {
        Threads::each(threads(3), vec![1, 2], |_, n| {
            assert_ne!(n, 2, "a fault in an item");
        });
    }
}
