//! Resources of a Windows program: data by type, name and language (PE and COFF specification, "The .rsrc Section").

use std::collections::BTreeMap;

use object::LittleEndian;
use object::pe::ImageResourceDirectoryEntry;
use object::read::pe::{
    ResourceDirectory, ResourceDirectoryEntryData, ResourceDirectoryTable, ResourceNameOrId,
};

use super::PeError;

/// Types of resources that Windows knows (`winuser.h`).
pub mod types {
    use super::Key;

    /// An image of an icon.
    pub const ICON: Key = Key::Id(3);
    /// An icon: the list of its images.
    pub const GROUP_ICON: Key = Key::Id(14);
    /// The version information.
    pub const VERSION: Key = Key::Id(16);
    /// What the program asks of Windows: its rights, its controls, its code page.
    pub const MANIFEST: Key = Key::Id(24);
}

/// Languages (`winnt.h`).
pub mod language {
    use super::Key;

    /// Language-neutral.
    pub const NEUTRAL: Key = Key::Id(0);
    /// American English, which Windows uses as a fallback.
    pub const ENGLISH: Key = Key::Id(0x409);
}

/// The key of a resource on one of the three levels. Names come before numbers, the order in which Windows searches.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// UTF-16.
    Name(Vec<u16>),
    /// A number.
    Id(u16),
}

/// One resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Data {
    /// Its content.
    pub bytes: Vec<u8>,
    /// The code page of its text; 0 if it does not matter.
    pub code_page: u32,
}

type Level<T> = BTreeMap<Key, T>;

/// The resources of a program: type, name, language.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resources(pub Level<Level<Level<Data>>>);

impl Resources {
    /// Adds a resource, replacing one with the same type, name and language.
    pub fn insert(&mut self, kind: Key, name: Key, language: Key, bytes: Vec<u8>) {
        let names = self.0.entry(kind).or_default();
        let data = Data {
            bytes,
            code_page: 0,
        };
        names.entry(name).or_default().insert(language, data);
    }

    /// Reads the directory at the start of the given bytes; `fetch` returns the bytes at an address with a size.
    pub fn read<'a>(
        directory: &'a [u8],
        fetch: &dyn Fn(u32, u32) -> Result<&'a [u8], PeError>,
    ) -> Result<Self, PeError> {
        let mut reader = Reader {
            section: ResourceDirectory::new(directory),
            fetch,
            entries_left: directory.len() / ENTRY_BYTES,
        };
        let mut resources = Self::default();
        let root = reader.section.root()?;
        for (kind, names) in reader.tables(&root)? {
            let names_of = resources.0.entry(kind).or_default();
            for (name, languages) in reader.tables(&names)? {
                let languages_of = names_of.entry(name).or_default();
                languages_of.extend(reader.data(&languages)?);
            }
        }
        Ok(resources)
    }

    /// Writes the directory for an address in memory; `None` if it would be too large.
    pub fn write(&self, address: u32) -> Option<Vec<u8>> {
        Writer::new(self).write(address)
    }
}

/// Reads tables, each only once: a table that contains itself would have no end.
struct Reader<'a, 'f> {
    section: ResourceDirectory<'a>,
    fetch: &'f dyn Fn(u32, u32) -> Result<&'a [u8], PeError>,
    entries_left: usize,
}

impl<'a> Reader<'a, '_> {
    /// The tables below one.
    fn tables(
        &mut self,
        table: &ResourceDirectoryTable<'a>,
    ) -> Result<Vec<(Key, ResourceDirectoryTable<'a>)>, PeError> {
        let mut found = Vec::new();
        for entry in table.entries {
            match entry.data(self.section)? {
                ResourceDirectoryEntryData::Table(below) => found.push((self.key(entry)?, below)),
                ResourceDirectoryEntryData::Data(_) => return Err(PeError::WrongDepth),
            }
        }
        Ok(found)
    }

    /// The resources in a table.
    fn data(&mut self, table: &ResourceDirectoryTable<'a>) -> Result<Vec<(Key, Data)>, PeError> {
        let mut found = Vec::new();
        for entry in table.entries {
            let ResourceDirectoryEntryData::Data(data) = entry.data(self.section)? else {
                return Err(PeError::WrongDepth);
            };
            let number = |field: &object::U32<LittleEndian>| field.get(LittleEndian);
            let bytes = (self.fetch)(number(&data.offset_to_data), number(&data.size))?;
            let data = Data {
                bytes: bytes.to_vec(),
                code_page: number(&data.code_page),
            };
            found.push((self.key(entry)?, data));
        }
        Ok(found)
    }

    fn key(&mut self, entry: &ImageResourceDirectoryEntry) -> Result<Key, PeError> {
        let left = self.entries_left.checked_sub(1);
        self.entries_left = left.ok_or(PeError::WrongDepth)?;
        Ok(match entry.name_or_id() {
            ResourceNameOrId::Id(id) => Key::Id(id),
            ResourceNameOrId::Name(name) => {
                let units = name.data(self.section)?;
                Key::Name(units.iter().map(|unit| unit.get(LittleEndian)).collect())
            }
        })
    }
}

/// The sizes of a table header, a table entry, and a data description.
const TABLE_BYTES: usize = 16;
const ENTRY_BYTES: usize = 8;
const DESCRIPTION_BYTES: usize = 16;
/// Data starts at multiples of this.
const DATA_ALIGNMENT: usize = 8;

/// What a table entry points to, by number.
enum Below {
    Table(usize),
    Data(usize),
}

/// Everything, in the order of writing: all tables, all descriptions, all names, all data.
#[derive(Default)]
struct Writer<'a> {
    tables: Vec<Vec<(&'a Key, Below)>>,
    data: Vec<&'a Data>,
}

impl<'a> Writer<'a> {
    fn new(resources: &'a Resources) -> Self {
        let mut writer = Self::default();
        writer.tables.push(Vec::new());
        for (kind, names) in &resources.0 {
            let names_table = writer.add_table(0, kind);
            for (name, languages) in names {
                let languages_table = writer.add_table(names_table, name);
                for (language, data) in languages {
                    let below = Below::Data(writer.data.len());
                    writer.data.push(data);
                    writer.tables[languages_table].push((language, below));
                }
            }
        }
        writer
    }

    fn add_table(&mut self, parent: usize, key: &'a Key) -> usize {
        let number = self.tables.len();
        self.tables.push(Vec::new());
        self.tables[parent].push((key, Below::Table(number)));
        number
    }

    fn write(&self, address: u32) -> Option<Vec<u8>> {
        let mut offsets = Vec::new();
        let mut end = 0;
        for table in &self.tables {
            offsets.push(end);
            end += TABLE_BYTES + table.len() * ENTRY_BYTES;
        }
        let descriptions = end;
        let mut out = Vec::new();
        let mut names = Names {
            start: descriptions + self.data.len() * DESCRIPTION_BYTES,
            units: Vec::new(),
        };
        for table in &self.tables {
            let named = table
                .iter()
                .filter(|(key, _)| matches!(key, Key::Name(_)))
                .count();
            out.extend([0; 12]);
            out.extend(u16::try_from(named).ok()?.to_le_bytes());
            out.extend(u16::try_from(table.len() - named).ok()?.to_le_bytes());
            for (key, below) in table {
                out.extend(names.number(key)?.to_le_bytes());
                // The highest bit distinguishes tables from data.
                let offset = match below {
                    Below::Table(number) => offsets[*number] as u32 | 1 << 31,
                    Below::Data(number) => (descriptions + number * DESCRIPTION_BYTES) as u32,
                };
                out.extend(offset.to_le_bytes());
            }
        }
        self.write_data(out, &names, address)
    }

    fn write_data(&self, mut out: Vec<u8>, names: &Names, address: u32) -> Option<Vec<u8>> {
        let mut at = names.end().next_multiple_of(DATA_ALIGNMENT);
        for data in &self.data {
            let place = address.checked_add(u32::try_from(at).ok()?)?;
            let size = u32::try_from(data.bytes.len()).ok()?;
            for number in [place, size, data.code_page, 0] {
                out.extend(number.to_le_bytes());
            }
            at = (at + data.bytes.len()).next_multiple_of(DATA_ALIGNMENT);
        }
        out.extend(names.units.iter().flat_map(|unit| unit.to_le_bytes()));
        for data in &self.data {
            out.resize(out.len().next_multiple_of(DATA_ALIGNMENT), 0);
            out.extend(&data.bytes);
        }
        Some(out)
    }
}

/// The names, each preceded by its length.
struct Names {
    start: usize,
    units: Vec<u16>,
}

impl Names {
    /// The representation of a key in a table: its number, or the offset of its name with the highest bit set.
    fn number(&mut self, key: &Key) -> Option<u32> {
        match key {
            Key::Id(id) => Some((*id).into()),
            Key::Name(name) => {
                let offset = u32::try_from(self.end()).ok()?;
                self.units.push(u16::try_from(name.len()).ok()?);
                self.units.extend(name);
                Some(offset | 1 << 31)
            }
        }
    }

    fn end(&self) -> usize {
        self.start + self.units.len() * 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Key {
        Key::Name(text.encode_utf16().collect())
    }

    fn some() -> Resources {
        let mut resources = Resources::default();
        resources.insert(
            Key::Id(24),
            Key::Id(1),
            language::ENGLISH,
            b"<assembly/>".to_vec(),
        );
        resources.insert(types::ICON, Key::Id(2), language::NEUTRAL, vec![1; 9]);
        resources.insert(types::ICON, Key::Id(1), language::ENGLISH, vec![2; 1]);
        resources.insert(
            name("PICTURES"),
            name("GRÜN"),
            language::ENGLISH,
            Vec::new(),
        );
        resources.insert(name("PICTURES"), Key::Id(7), language::ENGLISH, vec![3; 17]);
        resources
    }

    fn read(bytes: &[u8], address: u32) -> Result<Resources, PeError> {
        Resources::read(bytes, &|at, size| {
            let start = (at - address) as usize;
            bytes
                .get(start..start + size as usize)
                .ok_or(PeError::NotPe)
        })
    }

    #[test]
    fn what_is_written_is_read_again() {
        let bytes = some().write(0x5000).expect("small");
        assert_eq!(read(&bytes, 0x5000).expect("valid"), some());
        let nothing = Resources::default().write(0x1000).expect("small");
        assert_eq!(nothing, [0; 16]);
        assert_eq!(read(&nothing, 0x1000).expect("valid"), Resources::default());
    }

    #[test]
    fn names_come_before_numbers_and_both_are_sorted() {
        let bytes = some().write(0).expect("small");
        // Characteristics, time and version, then the counts.
        assert_eq!(
            bytes[..16],
            [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2, 0]
        );
        let keys: Vec<_> = some().0.into_keys().collect();
        assert_eq!(keys, [name("PICTURES"), Key::Id(3), Key::Id(24)]);
        assert_eq!(bytes[24..28], [3, 0, 0, 0]);
        assert_eq!(bytes[32..36], [24, 0, 0, 0]);
    }

    #[test]
    fn a_resource_takes_the_place_of_one_of_the_same_name() {
        let mut resources = some();
        resources.insert(types::ICON, Key::Id(1), language::ENGLISH, vec![9]);
        let pictures = &resources.0[&types::ICON];
        assert_eq!(pictures.len(), 2);
        assert_eq!(pictures[&Key::Id(1)][&language::ENGLISH].bytes, [9]);
    }

    #[test]
    fn no_broken_directory_makes_the_reader_panic() {
        let bytes = some().write(0).expect("small");
        for length in 0..bytes.len() {
            let _ = read(&bytes[..length], 0);
        }
        for at in 0..bytes.len() {
            for value in [0x7f, 0x80, 0xff] {
                let mut changed = bytes.clone();
                changed[at] = value;
                let _ = Resources::read(&changed, &|_, _| Ok(&[]));
            }
        }
    }
}
