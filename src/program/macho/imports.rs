//! What a program binds when it is loaded: symbols, and the libraries that it wants them of (`mach-o/loader.h`,
//! `mach-o/fixup-chains.h`).

use std::collections::BTreeSet;

use object::Endianness;
use object::macho::{BIND_IMMEDIATE_MASK, BIND_OPCODE_MASK, LC_DYLD_CHAINED_FIXUPS, MachHeader64};
use object::read::macho::{LoadCommandVariant, MachHeader};

use super::MachError;

/// A symbol that a program binds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Import {
    /// As the linker sees it, with its underscore.
    pub symbol: String,
    /// Where it is looked for.
    pub origin: Origin,
    /// Whether the program starts without it.
    pub weak: bool,
}

/// Where a symbol is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// In the library with this number, counted from 1 in the order of the load commands.
    Library(usize),
    /// In the program itself.
    Program,
    /// In everything that is loaded.
    Everywhere,
}

/// The imports of a program for one machine, sorted, each once. Symbols that several libraries share, such as C++ operators, are
/// not among them.
///
/// # Errors
///
/// [`MachError`] for anything but a 64-bit program whose tables are whole.
pub fn imports(part: &[u8]) -> Result<BTreeSet<Import>, MachError> {
    let header = MachHeader64::<Endianness>::parse(part, 0)?;
    let endian = header.endian()?;
    let mut found = BTreeSet::new();
    let mut commands = header.load_commands(endian, part, 0)?;
    while let Some(command) = commands.next()? {
        match command.variant()? {
            LoadCommandVariant::DyldInfo(info) => {
                for (offset, size) in [
                    (info.bind_off.get(endian), info.bind_size.get(endian)),
                    (
                        info.lazy_bind_off.get(endian),
                        info.lazy_bind_size.get(endian),
                    ),
                ] {
                    let table = table(part, offset, size)?;
                    Opcodes::new(table).run(&mut found)?;
                }
            }
            LoadCommandVariant::LinkeditData(data) if command.cmd() == LC_DYLD_CHAINED_FIXUPS => {
                let (offset, size) = (data.dataoff.get(endian), data.datasize.get(endian));
                chained(table(part, offset, size)?, &mut found)?;
            }
            _ => {}
        }
    }
    Ok(found)
}

fn table(part: &[u8], offset: u32, size: u32) -> Result<&[u8], MachError> {
    let end = u64::from(offset) + u64::from(size);
    let beyond = MachError::Beyond {
        what: "the table of imports",
        end,
        size: part.len() as u64,
    };
    part.get(offset as usize..end as usize).ok_or(beyond)
}

const BROKEN: MachError = MachError::Imports;

/// The program that binds symbols before there were chains.
struct Opcodes<'a> {
    rest: &'a [u8],
    ordinal: i64,
    symbol: Option<&'a [u8]>,
    weak: bool,
}

impl<'a> Opcodes<'a> {
    fn new(rest: &'a [u8]) -> Self {
        Self {
            rest,
            ordinal: 0,
            symbol: None,
            weak: false,
        }
    }

    fn run(mut self, found: &mut BTreeSet<Import>) -> Result<(), MachError> {
        while let Some((&byte, rest)) = self.rest.split_first() {
            self.rest = rest;
            let immediate = byte & BIND_IMMEDIATE_MASK;
            match (byte & BIND_OPCODE_MASK) >> 4 {
                // In a lazy table this ends a symbol, and at its end it fills up.
                0 | 5 => {}
                1 => self.ordinal = immediate.into(),
                2 => self.ordinal = self.number()? as i64,
                // Four bits of a negative number, or zero.
                3 if immediate == 0 => self.ordinal = 0,
                3 => self.ordinal = i64::from((immediate | 0xf0) as i8),
                4 => {
                    self.weak = immediate & 1 != 0;
                    self.symbol = Some(self.text()?);
                }
                6..=8 => drop(self.number()?),
                9 | 0xb => self.bind(found)?,
                0xa => {
                    self.bind(found)?;
                    self.number()?;
                }
                0xc => {
                    self.number()?;
                    self.number()?;
                    self.bind(found)?;
                }
                0xd if immediate == 0 => drop(self.number()?),
                0xd => {}
                _ => return Err(BROKEN),
            }
        }
        Ok(())
    }

    fn bind(&self, found: &mut BTreeSet<Import>) -> Result<(), MachError> {
        let symbol = self.symbol.ok_or(BROKEN)?;
        found.insert(import(symbol, self.ordinal, self.weak)?);
        Ok(())
    }

    /// A LEB128 number; of a signed one only the length counts here.
    fn number(&mut self) -> Result<u64, MachError> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let (&byte, rest) = self.rest.split_first().ok_or(BROKEN)?;
            self.rest = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(BROKEN)
    }

    fn text(&mut self) -> Result<&'a [u8], MachError> {
        let end = self.rest.iter().position(|byte| *byte == 0).ok_or(BROKEN)?;
        let text = &self.rest[..end];
        self.rest = &self.rest[end + 1..];
        Ok(text)
    }
}

/// `dyld_chained_fixups_header` and its table of imports.
fn chained(table: &[u8], found: &mut BTreeSet<Import>) -> Result<(), MachError> {
    let word = |at: usize| {
        let bytes = table.get(at..).and_then(<[u8]>::first_chunk);
        bytes.map(|bytes| u32::from_le_bytes(*bytes)).ok_or(BROKEN)
    };
    let [imports, symbols, count, format] = [word(8)?, word(12)?, word(16)?, word(20)?];
    // The texts may be compressed, which no linker does.
    if word(24)? != 0 {
        return Err(BROKEN);
    }
    let bytes_of_each = match format {
        1 => 4,
        2 => 8,
        3 => 16,
        _ => return Err(BROKEN),
    };
    for number in 0..count as usize {
        let at = number
            .checked_mul(bytes_of_each)
            .and_then(|offset| offset.checked_add(imports as usize))
            .ok_or(BROKEN)?;
        let first = word(at)?;
        let (ordinal, weak, name) = if format == 3 {
            (
                i64::from(first as u16 as i16),
                first >> 16 & 1,
                word(at + 4)?,
            )
        } else {
            (i64::from(first as u8 as i8), first >> 8 & 1, first >> 9)
        };
        let start = (symbols as usize)
            .checked_add(name as usize)
            .ok_or(BROKEN)?;
        let text = table.get(start..).ok_or(BROKEN)?;
        let end = text.iter().position(|byte| *byte == 0).ok_or(BROKEN)?;
        found.insert(import(&text[..end], ordinal, weak != 0)?);
    }
    Ok(())
}

/// An import by its ordinal, of which negative ones have special meanings.
fn import(symbol: &[u8], ordinal: i64, weak: bool) -> Result<Import, MachError> {
    let origin = match ordinal {
        0 | -1 => Origin::Program,
        -2 | -3 => Origin::Everywhere,
        number => Origin::Library(usize::try_from(number).map_err(|_| BROKEN)?),
    };
    Ok(Import {
        symbol: String::from_utf8_lossy(symbol).into_owned(),
        origin,
        weak,
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{ARM64, with_imports};
    use super::*;

    fn opcodes(bytes: &[u8]) -> Result<Vec<Import>, String> {
        let mut found = BTreeSet::new();
        let done = Opcodes::new(bytes).run(&mut found);
        done.map_err(|error| error.to_string())?;
        Ok(found.into_iter().collect())
    }

    fn of(symbol: &str, origin: Origin, weak: bool) -> Import {
        Import {
            symbol: symbol.to_owned(),
            origin,
            weak,
        }
    }

    #[test]
    fn opcodes_bind_symbols_to_libraries() {
        let program = [
            &b"\x11\x40_a\0\x51\x72\x08\x90\x41_b\0\x12\xa0\x08"[..],
            b"\x20\x81\x01\x40_c\0\xc0\x02\x10\xb1\x3e\x40_d\0\x90\x30\x40_e\0\x90\x60\x7f\x80\x01\0\0",
        ]
        .concat();
        let expected = [
            of("_a", Origin::Library(1), false),
            of("_b", Origin::Library(2), true),
            of("_c", Origin::Library(129), false),
            of("_d", Origin::Everywhere, false),
            of("_e", Origin::Program, false),
        ];
        assert_eq!(opcodes(&program), Ok(expected.to_vec()));
    }

    #[test]
    fn opcodes_that_break_off_are_an_error() {
        for program in [
            &b"\x90"[..],
            b"\x40_a",
            b"\x20\x80",
            b"\xe0",
            b"\x20\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
        ] {
            let error = opcodes(program).expect_err("broken");
            assert_eq!(
                error,
                "malformed Mach-O program: the table of imports is damaged"
            );
        }
    }

    #[test]
    fn a_program_has_both_kinds_of_tables() {
        let program = with_imports(ARM64);
        let expected = BTreeSet::from([of("_a", Origin::Library(1), false)]);
        assert_eq!(imports(&program).expect("the program is whole"), expected);
        // The second table begins 16 bytes behind the first.
        for (table, length) in [("opcodes", 100), ("chain", 84)] {
            let cut = &program[..program.len() - length + 3];
            let error = imports(cut).expect_err(table).to_string();
            assert!(
                error.starts_with("malformed Mach-O program: the table of imports ends at byte"),
                "{error}"
            );
        }
    }

    fn fixups(format: u32, imports: &[u8]) -> Vec<u8> {
        let symbols = 32 + imports.len() as u32;
        let count = imports.len() as u32 / [0, 4, 8, 16][format as usize];
        let words = [0, 28, 32, symbols, count, format, 0, 0];
        let mut table: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        table.extend(imports);
        table.extend(b"\0_a\0_b\0");
        table
    }

    #[test]
    fn chains_bind_symbols_to_libraries() {
        let expected: BTreeSet<_> = [
            of("_a", Origin::Library(2), false),
            of("_b", Origin::Everywhere, true),
        ]
        .into();
        let short = [2 | 1 << 9, 0xfe | 1 << 8 | 4 << 9]
            .map(u32::to_le_bytes)
            .concat();
        let middle = [2 | 1 << 9, 0, 0xfe | 1 << 8 | 4 << 9, 0]
            .map(u32::to_le_bytes)
            .concat();
        let long = [2, 1, 0, 0, 0xfffe | 1 << 16, 4, 0, 0]
            .map(u32::to_le_bytes)
            .concat();
        for (format, imports) in [(1, short), (2, middle), (3, long)] {
            let table = fixups(format, &imports);
            let mut found = BTreeSet::new();
            chained(&table, &mut found).expect("the table is whole");
            assert_eq!(found, expected, "format {format}");
            for length in 0..table.len() {
                assert!(
                    chained(&table[..length], &mut BTreeSet::new()).is_err(),
                    "{length}"
                );
            }
        }
        assert!(
            chained(
                &fixups(1, &[0; 4]).iter().map(|_| 0xff).collect::<Vec<u8>>(),
                &mut BTreeSet::new()
            )
            .is_err()
        );
    }
}
