//! Where the strings of a program start: the addresses that its data holds.
//!
//! Compilers store strings side by side, without a separator. Rust's reference to one is a pair in the data: its address
//! and its length. Programs that may lie anywhere in memory have the address in a table of relocations instead, with the
//! place of the pair (ELF's `Elf64_Rela`). Where a pair is neither whole nor in such a table, as with the chained pointers
//! of some macOS programs, nothing is known.

use std::ops::Range;

use object::{File, Object, ObjectSegment};

use crate::program::macho;

/// For each text of a program, given by its place in the file, the last start of a string behind its first byte; `None`
/// if the text is not known to be several strings. The texts are in order and do not overlap.
pub(super) fn last_starts(bytes: &[u8], texts: &[Range<usize>]) -> Vec<Option<usize>> {
    let mut starts = vec![None; texts.len()];
    // What cannot be read has no addresses; other gates say so.
    for image in macho::slices(bytes).unwrap_or_default() {
        if let Ok(file) = File::parse(&bytes[image.clone()]) {
            add_starts(&file, bytes, image, texts, &mut starts);
        }
    }
    starts
}

/// A text and where it is in memory.
struct Text {
    index: usize,
    addresses: Range<u64>,
}

fn add_starts(
    file: &File<'_>,
    bytes: &[u8],
    image: Range<usize>,
    texts: &[Range<usize>],
    starts: &mut [Option<usize>],
) {
    let segments = segments_of(file);
    let mapped = mapped(&segments, image.start, texts);
    let Some((first, last)) = mapped.first().zip(mapped.last()) else {
        return;
    };
    let all = first.addresses.start..last.addresses.end;
    let words = Words {
        bytes: &bytes[image.clone()],
        size: if file.is_64() { 8 } else { 4 },
    };
    for (index, value) in words.iter().enumerate() {
        if !all.contains(&value) {
            continue;
        }
        let after = mapped.partition_point(|text| text.addresses.start < value);
        let Some(text) = after.checked_sub(1).map(|index| &mapped[index]) else {
            continue;
        };
        let length = text.addresses.end.saturating_sub(value);
        if length > 0 && words.have_length(&segments, index, length) {
            let start = texts[text.index].end - length as usize;
            let known = &mut starts[text.index];
            *known = (*known).max(Some(start));
        }
    }
}

/// A program as the words of its machine, aligned and little-endian.
struct Words<'a> {
    bytes: &'a [u8],
    size: usize,
}

impl Words<'_> {
    fn iter(&self) -> impl Iterator<Item = u64> {
        self.bytes.chunks_exact(self.size).map(number)
    }

    fn at(&self, offset: usize) -> Option<u64> {
        let end = offset.checked_add(self.size)?;
        self.bytes.get(offset..end).map(number)
    }

    /// Whether the address in the word with this index is that of a string with this length.
    fn have_length(&self, segments: &[Segment], index: usize, length: u64) -> bool {
        let place = index * self.size;
        let in_pair = self.at(place + self.size) == Some(length);
        // Of a relocation, this is the addend; two words before it is the address of the pair.
        let relocated = || {
            let pair = self.at(place.checked_sub(2 * self.size)?)?;
            let mut segments = segments.iter();
            let place = segments.find_map(|segment| segment.place_of(pair))?;
            Some(self.at(place.checked_add(self.size)?)? == length)
        };
        in_pair || relocated() == Some(true)
    }
}

/// A part of a program's file that is in memory when it runs.
struct Segment {
    address: u64,
    offset: u64,
    size: u64,
}

impl Segment {
    /// Where in the file the byte at an address is.
    fn place_of(&self, address: u64) -> Option<usize> {
        let within = address.checked_sub(self.address)?;
        let place = self.offset.checked_add(within)?;
        (within < self.size).then_some(place)?.try_into().ok()
    }

    /// The address of a range of the file, if all of it is here.
    fn address_of(&self, place: Range<u64>) -> Option<u64> {
        let within = place.start.checked_sub(self.offset)?;
        let end = self.offset.checked_add(self.size)?;
        (place.end <= end).then_some(self.address.checked_add(within)?)
    }
}

/// The segments of a program. Linkers make fewer than a hundred.
fn segments_of(file: &File<'_>) -> Vec<Segment> {
    let segments = file.segments().take(256);
    segments
        .map(|segment| {
            let (offset, size) = segment.file_range();
            Segment {
                address: segment.address(),
                offset,
                size,
            }
        })
        .collect()
}

/// The texts that are in memory when the program runs, by address.
fn mapped(segments: &[Segment], image: usize, texts: &[Range<usize>]) -> Vec<Text> {
    let mut mapped = Vec::new();
    for (index, text) in texts.iter().enumerate() {
        let Some(start) = text.start.checked_sub(image) else {
            continue;
        };
        let place = start as u64..(text.end - image) as u64;
        let mut addresses = segments.iter().map(|each| each.address_of(place.clone()));
        if let Some(address) = addresses.find_map(|address| address) {
            let end = address.saturating_add(text.len() as u64);
            let addresses = address..end;
            mapped.push(Text { index, addresses });
        }
    }
    mapped.sort_by_key(|text| text.addresses.start);
    mapped
}

/// A number of four or eight bytes.
fn number(bytes: &[u8]) -> u64 {
    let mut padded = [0; 8];
    padded[..bytes.len()].copy_from_slice(bytes);
    u64::from_le_bytes(padded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_program_has_no_strings() {
        assert_eq!(last_starts(b"", &[]), []);
        let text = b"/data/hosts/src/glued.rs";
        let place = 0..text.len();
        assert_eq!(last_starts(text, std::slice::from_ref(&place)), [None]);
    }

    /// The program of these tests is one, with the relocations of its platform.
    #[test]
    #[cfg(target_os = "linux")]
    fn a_string_in_the_middle_of_a_text_is_found_by_its_address() {
        static TEXT: &str = "/data/first-of-two/crates/glued.rs";
        static BEHIND: &str = TEXT.split_at(19).1;
        static ALONE: &str = "/data/alone-in-its-text/glued.rs";
        std::hint::black_box((&TEXT, &BEHIND, &ALONE));
        let program = std::env::current_exe().and_then(std::fs::read);
        let program = program.expect("the tests' own program");
        let places = |text: &str| -> Vec<_> {
            let windows = program.windows(text.len()).enumerate();
            windows
                .filter(|(_, bytes)| *bytes == text.as_bytes())
                .map(|(start, bytes)| start..start + bytes.len())
                .collect()
        };
        let of_two = places(TEXT);
        let starts = last_starts(&program, &of_two);
        let found = starts.iter().flatten().next().expect("a reference");
        let text = String::from_utf8_lossy(&program[*found..][..20]);
        assert!(text.starts_with("crates/glued.rs"), "{text}");
        let alone = last_starts(&program, &places(ALONE));
        assert!(!alone.is_empty() && alone.iter().all(Option::is_none));
    }
}
