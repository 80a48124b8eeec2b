//! Writes tables and their texts as streams of a compound file.
//!
//! There is no specification; the layout is that which msitools and wine read and write. A table is a stream with one column
//! after the other. Texts are numbers of the pool, which has each text once.

use std::collections::BTreeMap;

use super::schema::{Kind, TABLES, columns};
use super::stream_name::encoded;
use crate::container::WriteError;
use crate::container::cfb::CfbWriter;
use crate::model::digest::Sha256Sum;

/// A field of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Null,
    Text(String),
    Number(i32),
    /// A stream of the row's own.
    Stream(Vec<u8>),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        if text.is_empty() {
            Self::Null
        } else {
            Self::Text(text.to_owned())
        }
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl From<Option<&str>> for Value {
    fn from(text: Option<&str>) -> Self {
        text.unwrap_or_default().into()
    }
}

impl From<i32> for Value {
    fn from(number: i32) -> Self {
        Self::Number(number)
    }
}

/// The rows of all tables.
#[derive(Default)]
pub(super) struct Database(BTreeMap<&'static str, Vec<Vec<Value>>>);

/// A row, of anything that a field can be.
macro_rules! row {
    ($($value:expr),* $(,)?) => { vec![$(crate::format::msi::database::Value::from($value)),*] };
}
pub(super) use row;

/// The code pages of texts: ASCII is a part of what Windows has had longest, and everything else is UTF-8.
const LATIN: u32 = 1252;
const UTF_8: u32 = 65001;
/// Marks a pool with so many texts that their numbers have three bytes.
const LONG_NUMBERS: u32 = 0x8000_0000;
/// From here on, the length of a text has a field of its own.
const LONG_TEXT: usize = 1 << 16;

impl Database {
    /// Adds a row to a table.
    pub(super) fn add(&mut self, table: &'static str, row: Vec<Value>) {
        debug_assert_eq!(row.len(), columns(table).len(), "{table}");
        self.0.entry(table).or_default().push(row);
    }

    /// Adds a table without rows, unless it is there.
    pub(super) fn add_table(&mut self, table: &'static str) {
        self.0.entry(table).or_default();
    }

    /// Whether a table has rows.
    pub(super) fn has(&self, table: &str) -> bool {
        self.0.contains_key(table)
    }

    /// A sum of all rows.
    pub(super) fn sum(&self) -> Sha256Sum {
        Sha256Sum::of(format!("{:?}", self.0).as_bytes())
    }

    /// The code page that holds all texts.
    pub(super) fn code_page(&self) -> u32 {
        let mut values = self.0.values().flatten().flatten();
        let is_ascii = values.all(|value| match value {
            Value::Text(text) => text.is_ascii(),
            _ => true,
        });
        if is_ascii { LATIN } else { UTF_8 }
    }

    /// Writes all streams.
    pub(super) fn write(self, cfb: &mut CfbWriter<'_>) -> Result<(), WriteError> {
        let code_page = self.code_page();
        let mut pool = Pool::default();
        let tables = TABLES.iter().filter(|(name, _)| self.0.contains_key(name));
        let tables: Vec<_> = tables.map(|(name, _)| (*name, columns(name))).collect();
        // The numbers are given before any is written, since their length depends on how many there are.
        let mut about: Vec<Vec<u32>> = Vec::new();
        let mut names: Vec<u32> = Vec::new();
        for (table, columns) in &tables {
            let table = pool.number(table);
            // One mention in the list of tables, and one for each column.
            names.push(table);
            for (index, column) in columns.iter().enumerate() {
                let name = pool.number(column.name);
                pool.number_again(table);
                let number = 0x8000 + index as u32 + 1;
                about.push(vec![table, number, name, 0x8000 ^ u32::from(column.bits())]);
            }
        }
        let mut contents = Vec::new();
        for (table, columns) in &tables {
            let mut rows: Vec<Vec<u32>> = Vec::new();
            for row in &self.0[table] {
                let fields = columns.iter().zip(row);
                rows.push(fields.map(|(c, value)| pool.field(c.kind, value)).collect());
                for stream in row.iter().filter_map(|value| match value {
                    Value::Stream(bytes) => Some(bytes),
                    _ => None,
                }) {
                    let Value::Text(key) = &row[0] else {
                        unreachable!("rows with streams have names")
                    };
                    cfb.add(&encoded(&format!("{table}.{key}")), stream)?;
                }
            }
            // Keys are the first columns.
            let keys = columns.iter().filter(|column| column.is_key).count();
            rows.sort_by(|a, b| a[..keys].cmp(&b[..keys]));
            contents.push((
                table,
                columns.iter().map(|c| c.kind).collect::<Vec<_>>(),
                rows,
            ));
        }
        names.sort_unstable();
        about.sort();
        let long = pool.is_long();
        let names = names.into_iter().map(|name| vec![name]).collect::<Vec<_>>();
        let (text, short) = (Kind::Text, Kind::Short);
        cfb.add(&table_name("_Tables"), &rows(&[text], &names, long))?;
        cfb.add(
            &table_name("_Columns"),
            &rows(&[text, short, text, short], &about, long),
        )?;
        // A table without rows has no stream.
        for (table, kinds, content) in contents.iter().filter(|(_, _, rows)| !rows.is_empty()) {
            cfb.add(&table_name(table), &rows(kinds, content, long))?;
        }
        let (index, data) = pool.streams(code_page);
        cfb.add(&table_name("_StringPool"), &index)?;
        cfb.add(&table_name("_StringData"), &data)
    }
}

/// The stream of a table has a mark before its name.
fn table_name(table: &str) -> String {
    format!("\u{4840}{}", encoded(table))
}

/// The content of a table, column by column.
fn rows(kinds: &[Kind], rows: &[Vec<u32>], long: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (index, kind) in kinds.iter().enumerate() {
        let length = match kind {
            Kind::Text => 2 + usize::from(long),
            Kind::Short | Kind::Stream => 2,
            Kind::Long => 4,
        };
        for row in rows {
            bytes.extend(&row[index].to_le_bytes()[..length]);
        }
    }
    bytes
}

/// The texts of all tables; the first has the number 1.
#[derive(Default)]
struct Pool {
    numbers: BTreeMap<String, u32>,
    texts: Vec<(String, u32)>,
}

impl Pool {
    fn number(&mut self, text: &str) -> u32 {
        let next = self.texts.len() as u32 + 1;
        let number = *self.numbers.entry(text.to_owned()).or_insert(next);
        if number == next {
            self.texts.push((text.to_owned(), 0));
        }
        self.number_again(number);
        number
    }

    /// Counts one more mention of a text.
    fn number_again(&mut self, number: u32) {
        self.texts[number as usize - 1].1 += 1;
    }

    fn field(&mut self, kind: Kind, value: &Value) -> u32 {
        match (kind, value) {
            (_, Value::Null) => 0,
            (Kind::Text, Value::Text(text)) => self.number(text),
            (Kind::Short, Value::Number(number)) => (0x8000 + number) as u32 & 0xffff,
            (Kind::Long, Value::Number(number)) => 0x8000_0000 ^ *number as u32,
            (Kind::Stream, Value::Stream(_)) => 1,
            (kind, value) => unreachable!("{value:?} in a column of {kind:?}"),
        }
    }

    fn is_long(&self) -> bool {
        self.texts.len() > usize::from(u16::MAX)
    }

    /// `_StringPool` and `_StringData`.
    fn streams(&self, code_page: u32) -> (Vec<u8>, Vec<u8>) {
        let mark = if self.is_long() { LONG_NUMBERS } else { 0 };
        let mut index = (code_page | mark).to_le_bytes().to_vec();
        let mut data = Vec::new();
        for (text, mentions) in &self.texts {
            // More than can be counted are never given up.
            let mentions = u16::try_from(*mentions).unwrap_or(u16::MAX);
            let length = text.len();
            if length < LONG_TEXT {
                index.extend((length as u16).to_le_bytes());
                index.extend(mentions.to_le_bytes());
            } else {
                index.extend([0, 0]);
                index.extend(mentions.to_le_bytes());
                index.extend((length as u32).to_le_bytes());
            }
            data.extend(text.as_bytes());
        }
        (index, data)
    }
}
