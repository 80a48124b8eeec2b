//! The structure of both headers: an index, and a store with the values (rpm's `docs/manual/format_header.md`).

use std::collections::BTreeMap;

/// One value of a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// Numbers of 16 bits.
    Int16(Vec<u16>),
    /// Numbers of 32 bits.
    Int32(Vec<u32>),
    /// Numbers of 64 bits.
    Int64(Vec<u64>),
    /// One text.
    Text(String),
    /// Several texts.
    Texts(Vec<String>),
    /// A text that could be there in several languages.
    Translated(String),
}

impl Value {
    fn kind(&self) -> u32 {
        match self {
            Self::Int16(_) => 3,
            Self::Int32(_) => 4,
            Self::Int64(_) => 5,
            Self::Text(_) => 6,
            Self::Texts(_) => 8,
            Self::Translated(_) => 9,
        }
    }

    fn count(&self) -> usize {
        match self {
            Self::Int16(numbers) => numbers.len(),
            Self::Int32(numbers) => numbers.len(),
            Self::Int64(numbers) => numbers.len(),
            Self::Text(_) | Self::Translated(_) => 1,
            Self::Texts(texts) => texts.len(),
        }
    }

    /// Where in the store the value may begin.
    fn alignment(&self) -> usize {
        match self {
            Self::Int16(_) => 2,
            Self::Int32(_) => 4,
            Self::Int64(_) => 8,
            Self::Text(_) | Self::Texts(_) | Self::Translated(_) => 1,
        }
    }

    fn write(&self, store: &mut Vec<u8>) {
        match self {
            Self::Int16(numbers) => store.extend(numbers.iter().flat_map(|n| n.to_be_bytes())),
            Self::Int32(numbers) => store.extend(numbers.iter().flat_map(|n| n.to_be_bytes())),
            Self::Int64(numbers) => store.extend(numbers.iter().flat_map(|n| n.to_be_bytes())),
            Self::Text(text) | Self::Translated(text) => write_text(store, text),
            Self::Texts(texts) => texts.iter().for_each(|text| write_text(store, text)),
        }
    }

    /// Reads a value of a kind; `None` if the store does not hold one, or rpm has the kind and we do not.
    fn read(kind: u32, count: usize, bytes: &[u8]) -> Option<Self> {
        fn numbers<const N: usize, T>(
            bytes: &[u8],
            count: usize,
            read: fn([u8; N]) -> T,
        ) -> Option<Vec<T>> {
            let bytes = bytes.get(..count.checked_mul(N)?)?;
            let number = |bytes: &[u8]| Some(read(bytes.try_into().ok()?));
            bytes.chunks(N).map(number).collect()
        }
        fn texts(bytes: &[u8], count: usize) -> Option<Vec<String>> {
            if count > MAX_TEXTS {
                return None;
            }
            let mut rest = bytes;
            let mut texts = Vec::new();
            for _ in 0..count {
                let end = rest.iter().position(|byte| *byte == 0)?;
                texts.push(std::str::from_utf8(&rest[..end]).ok()?.to_owned());
                rest = &rest[end + 1..];
            }
            Some(texts)
        }
        let only = |mut texts: Vec<String>| (texts.len() == 1).then(|| texts.remove(0));
        Some(match kind {
            3 => Self::Int16(numbers(bytes, count, u16::from_be_bytes)?),
            4 => Self::Int32(numbers(bytes, count, u32::from_be_bytes)?),
            5 => Self::Int64(numbers(bytes, count, u64::from_be_bytes)?),
            6 => Self::Text(only(texts(bytes, count)?)?),
            8 => Self::Texts(texts(bytes, count)?),
            9 => Self::Translated(only(texts(bytes, count)?)?),
            _ => return None,
        })
    }
}

fn write_text(store: &mut Vec<u8>, text: &str) {
    store.extend_from_slice(text.as_bytes());
    store.push(0);
}

/// The values by their tags.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Header(BTreeMap<u32, Value>);

const MAGIC: [u8; 8] = [0x8e, 0xad, 0xe8, 1, 0, 0, 0, 0];
/// Magic, the number of entries, and the length of the store.
pub(super) const INTRO: usize = 16;
/// Tag, kind, offset and count.
const ENTRY: usize = 16;
/// A few bytes, which no value of ours is.
const BINARY: u32 = 7;
/// rpm's own limits are 65,535 entries and 256 MiB.
const MAX_ENTRIES: usize = 4096;
const MAX_STORE: usize = 256 << 20;
/// One for each file, so that a small header cannot fill the memory.
const MAX_TEXTS: usize = 1 << 20;

impl Header {
    /// Sets a value.
    pub(super) fn set(&mut self, tag: u32, value: Value) {
        self.0.insert(tag, value);
    }

    /// The value of a tag.
    pub(super) fn get(&self, tag: u32) -> Option<&Value> {
        self.0.get(&tag)
    }

    /// The header's bytes. All values are in the region, which begins with the first entry and ends with the last bytes of the
    /// store.
    pub(super) fn to_bytes(&self, region: u32) -> Vec<u8> {
        let (mut index, mut store) = (Vec::new(), Vec::new());
        for (tag, value) in &self.0 {
            store.resize(store.len().next_multiple_of(value.alignment()), 0);
            entry(
                &mut index,
                *tag,
                value.kind(),
                store.len() as u32,
                value.count(),
            );
            value.write(&mut store);
        }
        let count = self.0.len() + 1;
        let mut first = Vec::new();
        entry(&mut first, region, BINARY, store.len() as u32, ENTRY);
        let length = (count * ENTRY) as u32;
        entry(&mut store, region, BINARY, length.wrapping_neg(), ENTRY);
        let mut bytes = MAGIC.to_vec();
        bytes.extend((count as u32).to_be_bytes());
        bytes.extend((store.len() as u32).to_be_bytes());
        [bytes, first, index, store].concat()
    }

    /// The length of a header that begins with these bytes; an error says what is wrong.
    pub(super) fn length(intro: &[u8; INTRO]) -> Result<usize, &'static str> {
        let number = |at| word(intro, at).expect("it is inside") as usize;
        let (entries, store) = (number(8), number(12));
        if !intro.starts_with(&MAGIC) {
            Err("no header")
        } else if !(1..=MAX_ENTRIES).contains(&entries) || !(ENTRY..=MAX_STORE).contains(&store) {
            Err("a header without entries, or with too many")
        } else {
            Ok(INTRO + entries * ENTRY + store)
        }
    }

    /// Reads a header of the length that [`Header::length`] says; an error says what is wrong.
    pub(super) fn read(bytes: &[u8], region: u32) -> Result<Self, &'static str> {
        const INVALID: &str = "a header with an entry that leads nowhere";
        let count = word(bytes, 8).ok_or(INVALID)? as usize;
        let (index, store) = bytes
            .get(INTRO..)
            .and_then(|rest| rest.split_at_checked(count * ENTRY))
            .ok_or(INVALID)?;
        if word(index, 0) != Some(region) {
            return Err("a header that does not begin with its region");
        }
        let mut header = Self::default();
        for entry in index.chunks(ENTRY).skip(1) {
            let number = |at| word(entry, at).expect("it is inside");
            let value = store.get(number(8) as usize..).ok_or(INVALID)?;
            let value = Value::read(number(4), number(12) as usize, value).ok_or(INVALID)?;
            if header.0.insert(number(0), value).is_some() {
                return Err("a header with an entry twice");
            }
        }
        Ok(header)
    }
}

fn entry(out: &mut Vec<u8>, tag: u32, kind: u32, offset: u32, count: usize) {
    for number in [tag, kind, offset, count as u32] {
        out.extend(number.to_be_bytes());
    }
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at + 4)?;
    Some(u32::from_be_bytes(bytes.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Header {
        let mut header = Header::default();
        header.set(1000, Value::Text("hello".to_owned()));
        header.set(1004, Value::Translated("grüßt".to_owned()));
        header.set(1009, Value::Int32(vec![1, u32::MAX]));
        header.set(1030, Value::Int16(vec![0o755, 7, 9]));
        header.set(1117, Value::Texts(vec!["a".to_owned(), String::new()]));
        header.set(5009, Value::Int64(vec![1 << 40]));
        header
    }

    fn read(bytes: &[u8]) -> Result<Header, &'static str> {
        let intro = bytes[..INTRO].try_into().expect("long enough");
        assert_eq!(Header::length(intro)?, bytes.len());
        Header::read(bytes, 63)
    }

    #[test]
    fn what_was_written_is_read() {
        let bytes = sample().to_bytes(63);
        assert_eq!(read(&bytes), Ok(sample()));
        assert!(Header::read(&bytes, 62).is_err());
    }

    #[test]
    fn numbers_are_aligned_in_the_store() {
        let bytes = sample().to_bytes(63);
        let index = &bytes[INTRO..][..7 * ENTRY];
        let offset = |entry: usize| word(index, entry * ENTRY + 8).expect("inside");
        assert_eq!(offset(3) % 4, 0);
        assert_eq!(offset(4) % 2, 0);
        assert_eq!(offset(6) % 8, 0);
        // The end of the region says how long the index is.
        let end = &bytes[bytes.len() - ENTRY..];
        assert_eq!(word(end, 8), Some((7u32 * 16).wrapping_neg()));
    }

    #[test]
    fn damage_is_refused_or_read_as_something_else_and_never_panics() {
        let good = sample().to_bytes(63);
        for place in 0..good.len() {
            for value in [0, 1, 0x7f, 0xff] {
                let mut bad = good.clone();
                bad[place] = value;
                let intro: &[u8; INTRO] = bad[..INTRO].try_into().expect("long enough");
                let _ = Header::length(intro);
                let _ = Header::read(&bad, 63);
            }
        }
    }
}
