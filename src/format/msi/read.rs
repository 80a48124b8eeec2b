//! Reads a package: the names from the tables, the contents from the cabinet.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use super::CABINET;
use super::contents::{DIRECTORY, SUM, sum};
use super::schema::{Kind, columns};
use super::stream_name::encoded;
use crate::container::cab::Cabinet;
use crate::container::cfb::Cfb;
use crate::container::members::{list, show};
use crate::container::{Malformed, Visit};
use crate::format::FormatError;
use crate::format::windows::layout;
use crate::model::digest::Sha256Sum;
use crate::model::entry::{Entry, EntryContent};

/// How long a table may be.
const MAX_TABLE_BYTES: u64 = 64 << 20;
/// How many directories may be in each other.
const MAX_DEPTH: usize = 128;

fn malformed(what: impl Into<String>) -> FormatError {
    let what = format!("the database: {}", what.into());
    Malformed { what, offset: 0 }.into()
}

/// Opens a package, compares it with its own sum, and visits its entries.
pub(super) fn read(artifact: &Path, visit: &mut Visit<'_>) -> Result<(), FormatError> {
    let mut cfb = Cfb::open(File::open(artifact)?)?;
    let database = Tables::read(&mut cfb)?;
    let files = database.files()?;
    let expected = database.property(SUM)?;
    let place = |key: &str| files.get(key).map(|file| (file.path.clone(), layout::MODE));
    let entries = list(open(&mut cfb, &place)?, &mut |_, content| {
        Sha256Sum::of_reader(content)
    })?;
    refuse_others(&entries, &files)?;
    if expected.as_deref() != Some(sum(&entries).to_string().as_str()) {
        return Err(malformed(format!(
            "the files do not have the sum of the property `{SUM}`"
        )));
    }
    Ok(show(open(&mut cfb, &place)?, &entries, visit)?)
}

type Place<'p> = dyn Fn(&str) -> Option<(String, u32)> + 'p;

fn open<'a>(cfb: &'a mut Cfb<File>, place: &'a Place<'a>) -> Result<Cabinet<'a>, FormatError> {
    let stream = cfb.stream(&encoded(CABINET))?;
    let stream = stream.ok_or_else(|| malformed(format!("no cabinet `{CABINET}`")))?;
    Ok(Cabinet::open(BufReader::new(stream), place)?)
}

/// A row of the table `File`.
struct InstalledFile {
    path: String,
    size: i64,
    number: i64,
}

/// The cabinet has the files of the table in the order of their numbers.
fn refuse_others(
    entries: &[Entry],
    files: &BTreeMap<String, InstalledFile>,
) -> Result<(), FormatError> {
    let mut sorted: Vec<_> = files.values().collect();
    sorted.sort_by_key(|file| file.number);
    if entries.len() != sorted.len() {
        let (found, expected) = (entries.len(), sorted.len());
        return Err(malformed(format!(
            "{found} files in the cabinet; expected {expected}"
        )));
    }
    for (entry, file) in entries.iter().zip(sorted) {
        let is_it = match &entry.content {
            EntryContent::File { size, .. } => i64::try_from(*size) == Ok(file.size),
            _ => false,
        };
        if entry.path != file.path || !is_it {
            let path = entry.path.escape_debug();
            return Err(malformed(format!(
                "`{path}` has another place or size in the cabinet"
            )));
        }
    }
    Ok(())
}

/// A field as it was read.
enum Field<'t> {
    Text(&'t str),
    Number(i64),
}

impl<'t> Field<'t> {
    fn text(&self) -> Result<&'t str, FormatError> {
        match self {
            Self::Text(text) => Ok(text),
            Self::Number(_) => Err(malformed("a number in place of a text")),
        }
    }

    fn number(&self) -> Result<i64, FormatError> {
        match self {
            Self::Number(number) => Ok(*number),
            Self::Text(_) => Err(malformed("a text in place of a number")),
        }
    }
}

/// The tables that say where files are, and their texts.
struct Tables {
    texts: Vec<String>,
    is_long: bool,
    tables: BTreeMap<&'static str, Vec<u8>>,
}

impl Tables {
    fn read(cfb: &mut Cfb<File>) -> Result<Self, FormatError> {
        let mut content = |table: &str| -> Result<Vec<u8>, FormatError> {
            let name = format!("\u{4840}{}", encoded(table));
            let content = cfb.content(&name, MAX_TABLE_BYTES)?;
            content.ok_or_else(|| malformed(format!("no table `{table}`")))
        };
        let (pool, data) = (content("_StringPool")?, content("_StringData")?);
        let (texts, is_long) = texts(&pool, &data)?;
        let mut tables = BTreeMap::new();
        for table in ["Component", "Directory", "File", "Property"] {
            tables.insert(table, content(table)?);
        }
        Ok(Self {
            texts,
            is_long,
            tables,
        })
    }

    /// The rows of a table.
    fn rows(&self, table: &'static str) -> Result<Vec<Vec<Field<'_>>>, FormatError> {
        let bytes = &self.tables[table];
        let columns = columns(table);
        let length = |kind: Kind| match kind {
            Kind::Text => 2 + usize::from(self.is_long),
            Kind::Short | Kind::Stream => 2,
            Kind::Long => 4,
        };
        let width: usize = columns.iter().map(|column| length(column.kind)).sum();
        if !bytes.len().is_multiple_of(width) {
            return Err(malformed(format!(
                "the table `{table}` has a part of a row"
            )));
        }
        let count = bytes.len() / width;
        let mut rows: Vec<Vec<Field<'_>>> = Vec::new();
        rows.resize_with(count, Vec::new);
        let mut start = 0;
        for column in columns {
            let length = length(column.kind);
            let fields = bytes[start..start + count * length].chunks_exact(length);
            for (row, bytes) in rows.iter_mut().zip(fields) {
                row.push(self.field(column.kind, bytes)?);
            }
            start += count * length;
        }
        Ok(rows)
    }

    fn field(&self, kind: Kind, bytes: &[u8]) -> Result<Field<'_>, FormatError> {
        let number = bytes
            .iter()
            .rev()
            .fold(0, |n, byte| n << 8 | i64::from(*byte));
        match kind {
            Kind::Text if number == 0 => Ok(Field::Text("")),
            Kind::Text => {
                let text = self.texts.get(number as usize - 1);
                let text = text.ok_or_else(|| malformed(format!("no text {number}")))?;
                Ok(Field::Text(text))
            }
            Kind::Short => Ok(Field::Number(number - 0x8000)),
            Kind::Long => Ok(Field::Number(number - 0x8000_0000)),
            Kind::Stream => Ok(Field::Number(number)),
        }
    }

    fn property(&self, name: &str) -> Result<Option<String>, FormatError> {
        for row in self.rows("Property")? {
            if row[0].text()? == name {
                return Ok(Some(row[1].text()?.to_owned()));
            }
        }
        Ok(None)
    }

    /// The files by their keys.
    fn files(&self) -> Result<BTreeMap<String, InstalledFile>, FormatError> {
        let mut directories = BTreeMap::new();
        for row in self.rows("Directory")? {
            directories.insert(row[0].text()?, (row[1].text()?, row[2].text()?));
        }
        let mut components = BTreeMap::new();
        for row in self.rows("Component")? {
            components.insert(row[0].text()?, row[2].text()?);
        }
        let mut files = BTreeMap::new();
        for row in self.rows("File")? {
            let key = row[0].text()?;
            let directory = components.get(row[1].text()?);
            let directory =
                directory.ok_or_else(|| malformed(format!("`{key}` has no component")))?;
            let mut path = long_name(row[2].text()?).to_owned();
            let mut directory = *directory;
            let mut depth = 0;
            while directory != DIRECTORY {
                let found = directories.get(directory).filter(|_| depth < MAX_DEPTH);
                let what = || malformed(format!("`{key}` is not in `{DIRECTORY}`"));
                let (parent, name) = found.ok_or_else(what)?;
                path = format!("{}/{path}", long_name(name));
                directory = parent;
                depth += 1;
            }
            let is_plain =
                |part: &str| !matches!(part, "" | "." | "..") && !part.contains(['\\', ':']);
            if !path.split('/').all(is_plain) {
                return Err(malformed(format!(
                    "`{}` is not a plain path",
                    path.escape_debug()
                )));
            }
            let file = InstalledFile {
                path,
                size: row[3].number()?,
                number: row[7].number()?,
            };
            if files.insert(key.to_owned(), file).is_some() {
                return Err(malformed(format!("`{key}` twice")));
            }
        }
        Ok(files)
    }
}

/// The second of two names.
fn long_name(both: &str) -> &str {
    both.split_once('|').map_or(both, |(_, long)| long)
}

/// The texts of the pool, and whether their numbers have three bytes.
fn texts(pool: &[u8], data: &[u8]) -> Result<(Vec<String>, bool), FormatError> {
    let number = |place: usize, length: usize| -> Option<usize> {
        let bytes = pool.get(place..place + length)?;
        Some(
            bytes
                .iter()
                .rev()
                .fold(0, |n, byte| n << 8 | usize::from(*byte)),
        )
    };
    let head = number(0, 4).ok_or_else(|| malformed("the pool of texts is empty"))?;
    let mut texts = Vec::new();
    let (mut place, mut used) = (4, 0usize);
    while place < pool.len() {
        let cut_off = || malformed("the pool of texts is cut off");
        let mut length = number(place, 2).ok_or_else(cut_off)?;
        let mentions = number(place + 2, 2).ok_or_else(cut_off)?;
        place += 4;
        if length == 0 && mentions != 0 {
            length = number(place, 4).ok_or_else(cut_off)?;
            place += 4;
        }
        let text = data
            .get(used..used.saturating_add(length))
            .ok_or_else(cut_off)?;
        let text = std::str::from_utf8(text).map_err(|_| malformed("a text is not UTF-8"))?;
        texts.push(text.to_owned());
        used += length;
    }
    if used != data.len() {
        return Err(malformed("the texts are longer than their pool"));
    }
    Ok((texts, head & 0x8000_0000 != 0))
}
