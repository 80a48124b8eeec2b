//! Latencies, counted by how long they are.

/// Counts of microseconds in buckets, each a sixteenth wider than its lower end at most, so that a percentile is off by 6 % at
/// most, upwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Histogram {
    counts: Vec<u64>,
    total: u64,
    /// The longest, in microseconds.
    longest: u64,
}

/// Buckets between a power of two and the next, as a power of two.
const BITS: u32 = 4;

/// Enough for all that fit 36 bits of microseconds, which is 19 hours; longer ones are in the last.
const BUCKETS: usize = 33 << BITS;

impl Default for Histogram {
    fn default() -> Self {
        Self {
            counts: vec![0; BUCKETS],
            total: 0,
            longest: 0,
        }
    }
}

/// A histogram as the log has it: the longest, and the buckets that are not empty.
pub type Sparse = (u64, Vec<(u32, u64)>);

impl Histogram {
    /// Counts one.
    pub fn add(&mut self, microseconds: u64) {
        self.counts[bucket(microseconds)] += 1;
        self.total += 1;
        self.longest = self.longest.max(microseconds);
    }

    /// Counts those of another.
    pub fn merge(&mut self, other: &Self) {
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count += more;
        }
        self.total += other.total;
        self.longest = self.longest.max(other.longest);
    }

    /// How many were counted.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// The longest.
    pub fn longest(&self) -> u64 {
        self.longest
    }

    /// So many hundredths took no longer than this, in microseconds; 0 if there are none.
    pub fn percentile(&self, hundredths: u64) -> u64 {
        let rank = (self.total * hundredths).div_ceil(100);
        let mut seen = 0;
        for (bucket, count) in self.counts.iter().enumerate() {
            seen += count;
            if seen >= rank && seen > 0 {
                return upper_end(bucket).min(self.longest);
            }
        }
        0
    }

    /// The buckets that are not empty.
    pub fn to_sparse(&self) -> Sparse {
        let counted = (0_u32..).zip(&self.counts);
        let counted = counted.filter(|(_, count)| **count > 0);
        (self.longest, counted.map(|(at, n)| (at, *n)).collect())
    }

    /// Takes them in again. A bucket that does not exist counts as the last.
    pub fn from_sparse((longest, buckets): &Sparse) -> Self {
        let mut histogram = Self::default();
        for (bucket, count) in buckets {
            let bucket = (*bucket as usize).min(BUCKETS - 1);
            histogram.counts[bucket] = histogram.counts[bucket].saturating_add(*count);
            histogram.total = histogram.total.saturating_add(*count);
        }
        histogram.longest = *longest;
        histogram
    }
}

/// The first buckets have one value each; from then on, each power of two has as many buckets as the one before.
fn bucket(value: u64) -> usize {
    let power = value.max(1).ilog2();
    if power < BITS {
        return value as usize;
    }
    let within = (value >> (power - BITS)) as usize - (1 << BITS);
    ((((power - BITS + 1) as usize) << BITS) + within).min(BUCKETS - 1)
}

fn upper_end(bucket: usize) -> u64 {
    let (power, within) = (bucket >> BITS, (bucket & ((1 << BITS) - 1)) as u64);
    if power == 0 {
        return within;
    }
    ((within + (1 << BITS) + 1) << (power - 1)) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_off_by_a_sixteenth_at_most() {
        let mut histogram = Histogram::default();
        for value in 1..=100_000 {
            histogram.add(value);
        }
        for hundredths in [1, 50, 90, 99] {
            let (found, true_one) = (histogram.percentile(hundredths), hundredths * 1000);
            assert!(
                found >= true_one && found <= true_one + true_one / 16,
                "{found}"
            );
        }
        assert_eq!(histogram.percentile(100), 100_000);
        assert_eq!(Histogram::default().percentile(50), 0);
    }

    #[test]
    fn every_value_is_in_a_bucket_that_ends_where_the_next_begins() {
        for bucket_at in 0..BUCKETS - 1 {
            assert_eq!(bucket(upper_end(bucket_at)), bucket_at);
            assert_eq!(bucket(upper_end(bucket_at) + 1), bucket_at + 1);
        }
        assert_eq!(bucket(u64::MAX), BUCKETS - 1);
    }

    #[test]
    fn what_is_written_is_read_again() {
        let mut histogram = Histogram::default();
        for value in [0, 1, 17, 17, 900_000, u64::MAX] {
            histogram.add(value);
        }
        assert_eq!(Histogram::from_sparse(&histogram.to_sparse()), histogram);
        let mut twice = histogram.clone();
        twice.merge(&histogram);
        assert_eq!((twice.total(), twice.longest()), (12, u64::MAX));
        let foreign = (5, vec![(u32::MAX, 1), (3, u64::MAX)]);
        assert_eq!(Histogram::from_sparse(&foreign).total(), u64::MAX);
    }
}
