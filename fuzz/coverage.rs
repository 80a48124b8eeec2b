//! Which parts of the program a run reaches, where the compiler was told to count them (`README.md` has the flags).

use std::sync::Mutex;

/// An array of counters that the compiler put into one of its units, one for each place where the program branches.
#[derive(Clone, Copy)]
struct Counters {
    start: *mut u8,
    size: usize,
}

// SAFETY: what is counted belongs to no thread, and lives as long as the program.
unsafe impl Send for Counters {}

static COUNTERS: Mutex<Vec<Counters>> = Mutex::new(Vec::new());

/// Called before `main` by each unit that was compiled with counters.
///
/// # Safety
///
/// Between start and end is an array that lives as long as the program, and that only counting changes.
#[unsafe(no_mangle)]
unsafe extern "C" fn __sanitizer_cov_8bit_counters_init(start: *mut u8, end: *mut u8) {
    let size = end as usize - start as usize;
    let mut all = COUNTERS.lock().expect("nothing panics while it is locked");
    all.push(Counters { start, size });
}

impl Counters {
    fn clear(self) {
        // SAFETY: as the compiler promised; the thread that counts is this one.
        unsafe { self.start.write_bytes(0, self.size) };
    }

    fn copy_to(self, counts: &mut Vec<u8>) {
        counts.reserve(self.size);
        // SAFETY: as above; there is room behind the vector's end.
        unsafe {
            let end = counts.as_mut_ptr().add(counts.len());
            end.copy_from_nonoverlapping(self.start, self.size);
            counts.set_len(counts.len() + self.size);
        }
    }
}

/// What was reached so far. Without counters, nothing is ever new.
pub struct Reached {
    counters: Vec<Counters>,
    /// For each place, a bit for each class of counts that was seen.
    classes: Vec<u8>,
    counts: Vec<u8>,
}

impl Reached {
    /// Nothing so far of all that was compiled with counters.
    pub fn new() -> Self {
        let all = COUNTERS.lock().expect("nothing panics while it is locked");
        Self::of(all.clone())
    }

    fn of(counters: Vec<Counters>) -> Self {
        let size = counters.iter().map(|counters| counters.size).sum();
        Self {
            counters,
            classes: vec![0; size],
            counts: Vec::with_capacity(size),
        }
    }

    /// Calls a function, and says whether it reached anything new: another place, or a place about twice as often.
    pub fn is_new(&mut self, function: impl FnOnce()) -> bool {
        const STEP: usize = 64;
        self.counters.iter().for_each(|counters| counters.clear());
        function();
        self.counts.clear();
        for counters in &self.counters {
            counters.copy_to(&mut self.counts);
        }
        let mut is_new = false;
        let parts = self.classes.chunks_mut(STEP).zip(self.counts.chunks(STEP));
        // Most of a program is not reached by one input.
        for (classes, counts) in parts.filter(|(_, counts)| counts.iter().any(|count| *count != 0))
        {
            for (seen, count) in classes.iter_mut().zip(counts) {
                let class = class(*count);
                is_new |= class & !*seen != 0;
                *seen |= class;
            }
        }
        is_new
    }

    /// How many places were reached.
    pub fn places(&self) -> usize {
        self.classes.iter().filter(|classes| **classes != 0).count()
    }
}

/// A bit for about how often.
fn class(count: u8) -> u8 {
    match count {
        0 => 0,
        1..=3 => 1 << (count - 1),
        4..=7 => 8,
        8..=15 => 16,
        16..=31 => 32,
        32..=127 => 64,
        128.. => 128,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_place_is_new_and_one_that_is_reached_much_more_often() {
        let places: &'static mut [u8] = Box::leak(Box::new([0; 3]));
        let start = places.as_mut_ptr();
        let mut reached = Reached::of(vec![Counters { start, size: 3 }]);
        let mut reach = |place: usize, count: u8| {
            let before = reached.places();
            // SAFETY: the place is in the array.
            let is_new = reached.is_new(|| unsafe { start.add(place).write(count) });
            (is_new, reached.places() - before)
        };
        assert_eq!(reach(1, 1), (true, 1));
        assert_eq!(reach(2, 4), (true, 1));
        assert_eq!(reach(1, 1), (false, 0));
        assert_eq!(reach(2, 7), (false, 0));
        assert_eq!(reach(2, 8), (true, 0));
    }
}
