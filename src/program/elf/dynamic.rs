//! What a program asks of the loader (System V gABI, chapter 5; for versions, the Linux Standard Base, chapter 10).
//!
//! It is found as a loader finds it: only by the program headers, which stripping does not remove.

use object::Endianness;
use object::elf;

use super::facts::segments;
use super::{Header, Layout, Segment};

/// A version of a library's symbols without which a program does not start.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NeededVersion {
    /// The library, such as `libc.so.6`.
    pub library: String,
    /// The version's name, such as `GLIBC_2.28`.
    pub name: String,
}

/// Programs need a few dozen. Lists that overlap, as only an attacker writes them, would be of the square of a file's length.
const MAX_VERSIONS: usize = 10_000;

/// The contents of the dynamic section.
#[derive(Debug, Default)]
pub(super) struct Dynamic {
    pub(super) needed: Vec<String>,
    pub(super) versions: Vec<NeededVersion>,
    pub(super) run_paths: Vec<String>,
    pub(super) binds_at_start: bool,
}

impl Dynamic {
    pub(super) fn read(layout: &Layout<'_>) -> Self {
        let mut dynamic = Self::default();
        for segment in segments(&layout.header, elf::PT_DYNAMIC) {
            dynamic.add(&Table::of(layout, segment));
        }
        dynamic
    }

    fn add(&mut self, table: &Table<'_>) {
        let texts = |tag| table.values(tag).map(|name| table.text(name));
        self.needed.extend(texts(elf::DT_NEEDED));
        self.run_paths.extend(texts(elf::DT_RPATH));
        self.run_paths.extend(texts(elf::DT_RUNPATH));
        let has_flag = |tag, flag| table.values(tag).any(|flags| flags & flag != 0);
        self.binds_at_start |= table.values(elf::DT_BIND_NOW).next().is_some()
            || has_flag(elf::DT_FLAGS, elf::DF_BIND_NOW.0)
            || has_flag(elf::DT_FLAGS_1, elf::DF_1_NOW.0);
        for place in table.values(elf::DT_VERNEED) {
            table.versions(place, &mut self.versions);
        }
    }
}

/// The entries of a dynamic section before the terminating one, each a tag and a value.
struct Table<'a> {
    layout: &'a Layout<'a>,
    entries: Vec<(i64, u64)>,
    /// The offset of the texts in the file.
    strings: Option<u64>,
}

impl<'a> Table<'a> {
    fn of(layout: &'a Layout<'a>, segment: &Segment) -> Self {
        let word = if layout.header.is_64 { 8 } else { 4 };
        let pairs = layout.segment_content(segment).chunks_exact(2 * word);
        let pairs = pairs.map(|entry| {
            let (tag, value) = entry.split_at(word);
            (number(layout, tag).cast_signed(), number(layout, value))
        });
        let mut table = Self {
            layout,
            entries: pairs
                .take_while(|(tag, _)| *tag != elf::DT_NULL.0)
                .collect(),
            strings: None,
        };
        let address = table.values(elf::DT_STRTAB).next();
        table.strings = address.and_then(|address| offset_of(&layout.header, address));
        table
    }

    fn values(&self, tag: elf::DynamicTag) -> impl Iterator<Item = u64> {
        let entries = self.entries.iter();
        entries
            .filter(move |(found, _)| *found == tag.0)
            .map(|(_, value)| *value)
    }

    /// The zero-terminated text. A library whose name cannot be found is still a needed library.
    fn text(&self, name: u64) -> String {
        let place = self.strings.and_then(|strings| strings.checked_add(name));
        let rest = self.bytes_at(place).unwrap_or_default();
        let text = rest.split(|byte| *byte == 0).next().unwrap_or_default();
        match text {
            [] => "a library without a name".to_owned(),
            text => String::from_utf8_lossy(text).into_owned(),
        }
    }

    fn bytes_at(&self, offset: Option<u64>) -> Option<&'a [u8]> {
        self.layout.bytes.get(usize::try_from(offset?).ok()?..)
    }

    /// The numbers of a structure: for each, its place and its size in bytes.
    fn numbers<const N: usize>(
        &self,
        offset: u64,
        fields: [(usize, usize); N],
    ) -> Option<[u64; N]> {
        let bytes = self.bytes_at(Some(offset))?;
        let mut numbers = [0; N];
        for (found, (place, size)) in numbers.iter_mut().zip(fields) {
            *found = number(self.layout, bytes.get(place..place + size)?);
        }
        Some(numbers)
    }

    /// Follows the list of libraries at an address (`Elf64_Verneed`), and for each that of versions (`Elf64_Vernaux`), which
    /// are the same in both classes. A list that leads nowhere ends.
    fn versions(&self, address: u64, versions: &mut Vec<NeededVersion>) {
        let mut place = offset_of(&self.layout.header, address);
        while let Some(offset) = place {
            let Some([file, first, next]) = self.numbers(offset, [(4, 4), (8, 4), (12, 4)]) else {
                return;
            };
            let mut entry = offset.checked_add(first);
            while let Some(offset) = entry {
                let Some([name, next]) = self.numbers(offset, [(8, 4), (12, 4)]) else {
                    break;
                };
                if versions.len() == MAX_VERSIONS {
                    return;
                }
                versions.push(NeededVersion {
                    library: self.text(file),
                    name: self.text(name),
                });
                entry = following(offset, next);
            }
            place = following(offset, next);
        }
    }
}

/// The next entry of a list, whose last one has zero. Offsets only grow, so every list ends.
fn following(offset: u64, next: u64) -> Option<u64> {
    (next != 0).then(|| offset.checked_add(next)).flatten()
}

fn number(layout: &Layout<'_>, bytes: &[u8]) -> u64 {
    let push = |number: u64, byte: &u8| number << 8 | u64::from(*byte);
    match layout.header.endian {
        Endianness::Little => bytes.iter().rev().fold(0, push),
        Endianness::Big => bytes.iter().fold(0, push),
    }
}

/// The file offset of a memory address.
fn offset_of(header: &Header, address: u64) -> Option<u64> {
    segments(header, elf::PT_LOAD).find_map(|segment| {
        let below = address.checked_sub(segment.address)?;
        (below < segment.file_size).then(|| segment.offset.checked_add(below))?
    })
}

#[cfg(test)]
mod tests {
    use super::super::Facts;
    use super::super::testing::Shape;
    use super::*;

    fn facts(bytes: &[u8]) -> Facts {
        Facts::read(bytes).expect("an ELF file")
    }

    #[test]
    fn all_that_a_program_asks_for_is_found() {
        let shape = Shape {
            needed: &[
                ("libm.so.6", &["GLIBC_2.29"]),
                ("libz.so.1", &[]),
                ("libc.so.6", &["GLIBC_2.2.5", "GLIBC_2.34"]),
            ],
            run_path: Some("$ORIGIN/../lib"),
            ..Shape::good()
        };
        let facts = facts(&shape.bytes());
        assert_eq!(facts.needed, ["libm.so.6", "libz.so.1", "libc.so.6"]);
        assert_eq!(facts.run_paths, ["$ORIGIN/../lib"]);
        assert!(facts.binds_at_start);
        let versions = facts.versions.iter();
        let versions: Vec<_> = versions.map(|v| (&*v.library, &*v.name)).collect();
        let expected = [
            ("libm.so.6", "GLIBC_2.29"),
            ("libc.so.6", "GLIBC_2.2.5"),
            ("libc.so.6", "GLIBC_2.34"),
        ];
        assert_eq!(versions, expected);
    }

    #[test]
    fn lists_that_lead_nowhere_or_into_each_other_end() {
        let good = Shape::good().bytes();
        let names = b"\0GLIBC_2.2.5\0";
        let strings = good.windows(names.len()).position(|text| text == names);
        let lists = (strings.expect("it is there")..good.len())
            .find(|place| good[*place..].starts_with(&[1, 0, 2, 0]))
            .expect("a library with two versions");
        for (place, next) in [
            (lists + 12, 1),
            (lists + 12, u32::MAX),
            (lists + 8, u32::MAX),
        ] {
            let mut bad = good.clone();
            bad[place..place + 4].copy_from_slice(&next.to_le_bytes());
            assert!(facts(&bad).versions.len() <= MAX_VERSIONS);
        }
        // Every byte begins a library whose versions are all that follow.
        let mut bad = good;
        for (place, byte) in bad.iter_mut().enumerate().skip(lists).take(48) {
            *byte = u8::from(place % 4 == 0);
        }
        bad.extend([1, 0, 0, 0].repeat(1000));
        assert!(facts(&bad).versions.len() <= MAX_VERSIONS);
    }
}
