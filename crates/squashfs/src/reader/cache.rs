//! The most recently decompressed blocks.

use alloc::vec::Vec;

/// Keeps a fixed number of values and drops the least recently used one.
pub struct Cache<K, T> {
    /// In order of use, the newest at the end.
    entries: Vec<(K, T)>,
    capacity: usize,
}

impl<K: PartialEq, T: Clone> Cache<K, T> {
    /// An empty cache.
    pub fn new(capacity: usize) -> Self {
        Self {
            entries: Vec::new(),
            capacity,
        }
    }

    /// The value of a key.
    pub fn get(&mut self, key: K) -> Option<T> {
        // From the end, because the newest are the most likely.
        let index = self.entries.iter().rposition(|(k, _)| *k == key)?;
        if let Some(newer) = self.entries.get_mut(index..) {
            newer.rotate_left(1);
        }
        self.entries.last().map(|(_, value)| value.clone())
    }

    /// Adds a value and returns the one that was dropped for it.
    pub fn insert(&mut self, key: K, value: T) -> Option<T> {
        let is_full = self.entries.len() == self.capacity;
        let dropped = is_full.then(|| self.entries.remove(0).1);
        self.entries.push((key, value));
        dropped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_used_longest_ago_is_dropped() {
        let mut cache = Cache::new(2);
        assert_eq!(cache.insert(1, 'a'), None);
        assert_eq!(cache.insert(2, 'b'), None);
        assert_eq!(cache.get(1), Some('a'));
        assert_eq!(cache.insert(3, 'c'), Some('b'));
        assert_eq!(cache.get(2), None);
        assert_eq!((cache.get(1), cache.get(3)), (Some('a'), Some('c')));
    }
}
