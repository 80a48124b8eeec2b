//! Windows programs: what compilers for MinGW and its kin write for debuggers (DWARF) is in sections behind the loaded
//! ones, and behind these is a table of symbols and long names (Microsoft PE and COFF specification, "COFF Symbol
//! Table").

use super::{BuildId, Split, SplitError};
use crate::program::pe::{
    Image, Section, build_id, forget_symbol_file, get, keep_sections, renew_checksum,
};

const DEBUG_PREFIX: &[u8] = b".debug_";
/// How large a symbol is.
const SYMBOL_BYTES: usize = 18;

/// Splits the symbols from a program. The file with them is the program as it was: a dump of a crash is read with both
/// code and symbols.
pub(super) fn split(program: &[u8]) -> Result<Split, SplitError> {
    let image = Image::read(program)?;
    image.check_unsigned()?;
    let table = Table::read(program, &image)?;
    let is_for_debuggers = |section: &Section| table.name(section).starts_with(DEBUG_PREFIX);
    let loaded = image.sections.iter().position(is_for_debuggers);
    let loaded = loaded.unwrap_or(image.sections.len());
    let (loaded, others) = image.sections.split_at(loaded);
    if others.is_empty() && table.symbols == 0 {
        return Err(SplitError::NoSymbols);
    }
    let comes_late = |section: &Section| {
        loaded
            .iter()
            .all(|earlier| earlier.address < section.address && earlier.offset <= section.offset)
    };
    if !others
        .iter()
        .all(|section| is_for_debuggers(section) && comes_late(section))
    {
        let name = others.first().map(|section| table.name(section));
        return Err(SplitError::Order {
            name: String::from_utf8_lossy(name.unwrap_or_default()).into_owned(),
        });
    }
    let behind = &program[table.end.max(image.sections_end())..];
    // Linkers fill up the file to its alignment.
    if behind.len() >= image.file_alignment as usize || behind.iter().any(|byte| *byte != 0) {
        return Err(SplitError::Appended {
            bytes: behind.len() as u64,
        });
    }
    let guid = build_id(program, &image)?.ok_or(SplitError::NoBuildId)?;
    let mut whole = program.to_vec();
    forget_symbol_file(&mut whole, &image)?;
    renew_checksum(&mut whole, &image);
    let names: Vec<_> = loaded.iter().map(|section| table.name(section)).collect();
    Ok(Split {
        program: keep_sections(&whole, &image, &names),
        debug: whole,
        build_id: BuildId(guid.to_vec()),
    })
}

/// Symbols, and the texts that are too long for a header.
struct Table<'a> {
    symbols: usize,
    /// Begins with its own size.
    texts: &'a [u8],
    /// Where it ends in the file; 0 where there is none.
    end: usize,
}

impl<'a> Table<'a> {
    fn read(program: &'a [u8], image: &Image) -> Result<Self, SplitError> {
        let start = get(program, image.coff + 8) as usize;
        if start == 0 {
            return Ok(Self {
                symbols: 0,
                texts: &[],
                end: 0,
            });
        }
        let symbols = get(program, image.coff + 12) as usize;
        let beyond = |end: usize| SplitError::Beyond {
            what: "the symbol table".to_owned(),
            end: end as u64,
            size: program.len() as u64,
        };
        let texts = start.saturating_add(symbols.saturating_mul(SYMBOL_BYTES));
        let size = program
            .get(texts..)
            .and_then(|rest| rest.first_chunk::<4>());
        let size = size.ok_or_else(|| beyond(texts.saturating_add(4)))?;
        let end = texts + (u32::from_le_bytes(*size) as usize).max(4);
        Ok(Self {
            symbols,
            texts: program.get(texts..end).ok_or_else(|| beyond(end))?,
            end,
        })
    }

    /// A section's name, which is a number in the header where it is long.
    fn name(&self, section: &'a Section) -> &'a [u8] {
        let short = section.name.split(|byte| *byte == 0).next();
        let short = short.unwrap_or_default();
        let digits = short.strip_prefix(b"/");
        let place = digits.and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
        let long = place.and_then(|place: usize| self.texts.get(place..));
        match long.and_then(|text| text.split(|byte| *byte == 0).next()) {
            Some(long) => long,
            None => short,
        }
    }
}

#[cfg(test)]
mod tests {
    use object::{Object, ObjectSection};

    use super::*;
    use crate::program::pe::testing::{Part, checked, program};
    use crate::program::pe::{add_build_id, put};

    /// Size, and three names.
    const TEXTS: &[u8] = b"\x26\0\0\0.debug_info\0.debug_line\0.eh_frame\0";
    const LINES: Part<'_> = ("/16", 0x3000, &[3; 700]);

    /// A program with a build id and with symbols behind it, as linkers write them.
    fn with_symbols(more: &[Part<'_>], behind: &[u8]) -> Vec<u8> {
        let plain = add_build_id(program(&[(".text", 0x1000, b"code")], b"")).expect("room");
        // Two entries and a record, to which linkers write a name.
        let mut id = [&plain[0x600..0x600 + 2 * 28 + 24], b"hello.pdb\0"].concat();
        put(&mut id, 28 + 16, 34);
        let parts = [
            (".text", 0x1000, &b"code"[..]),
            (".buildid", 0x2000, &id),
            LINES,
            ("/4", 0x4000, b"information"),
        ];
        let behind = [TEXTS, behind].concat();
        let mut file = program(&[&parts[..], more].concat(), &behind);
        let image = Image::read(&file).expect("valid");
        put(&mut file, image.coff + 8, image.sections_end() as u32);
        let directory = image.optional + 112 + 6 * 8;
        put(&mut file, directory, 0x2000);
        put(&mut file, directory + 4, 2 * 28);
        file
    }

    fn error_of(program: &[u8]) -> String {
        split(program).expect_err("it cannot be split").to_string()
    }

    #[test]
    fn the_program_keeps_what_is_loaded_and_nothing_moves() {
        let file = with_symbols(&[], &[0; 100]);
        let parts = split(&file).expect("it can be split");
        assert_eq!(checked(&parts.program), [".text", ".buildid"]);
        assert_eq!(parts.program.len(), 0x800);
        assert_eq!(parts.program[0x400..0x404], *b"code");
        let stripped = object::File::parse(&*parts.program).expect("valid");
        assert!(!stripped.has_debug_symbols());
        let id = stripped.pdb_info().expect("valid").expect("it is loaded");
        assert_eq!(id.guid()[8..], parts.build_id.0[8..]);
    }

    #[test]
    fn a_long_name_that_stays_is_cut_off() {
        let mut file = with_symbols(&[], b"");
        let headers = Image::read(&file).expect("valid").optional + 112 + 16 * 8;
        file[headers..headers + 8].copy_from_slice(b"/28\0\0\0\0\0");
        let parts = split(&file).expect("it can be split");
        assert_eq!(checked(&parts.program), [".eh_fram", ".buildid"]);
    }

    #[test]
    fn the_symbols_are_with_the_whole_program() {
        let file = with_symbols(&[], b"");
        let parts = split(&file).expect("it can be split");
        let whole = object::File::parse(&*parts.debug).expect("valid");
        let section = whole.section_by_name(".debug_info").expect("it is there");
        assert_eq!(section.data().expect("valid")[..11], *b"information");
        let whole = object::read::pe::PeFile64::parse(&*parts.debug).expect("valid");
        let id = whole.pdb_info().expect("valid").expect("it is kept");
        let names = file.windows(9).filter(|bytes| bytes == b"hello.pdb");
        assert_eq!(
            (names.count(), id.path()),
            (1, &b""[..]),
            "nobody keeps that file"
        );
    }

    #[test]
    fn the_build_id_is_written_as_a_guid_is() {
        let file = with_symbols(&[], b"");
        let guid = file
            .windows(4)
            .position(|bytes| bytes == b"RSDS")
            .map(|at| &file[at + 4..at + 20])
            .expect("it is there");
        let id = split(&file).expect("it can be split").build_id.0;
        assert_eq!(id[..4], [guid[3], guid[2], guid[1], guid[0]]);
        assert_eq!(id[4..8], [guid[5], guid[4], guid[7], guid[6]]);
        assert_eq!(id[8..], guid[8..]);
    }

    #[test]
    fn a_program_without_symbols_is_refused() {
        let stripped = split(&with_symbols(&[], b"")).expect("split").program;
        let message = error_of(&stripped);
        assert!(
            message.starts_with("no debug sections and no symbol table"),
            "{message}"
        );
    }

    #[test]
    fn a_program_without_a_build_id_is_refused() {
        let mut file = with_symbols(&[], b"");
        let image = Image::read(&file).expect("valid");
        put(&mut file, image.optional + 112 + 6 * 8 + 4, 0);
        assert!(error_of(&file).starts_with("no build id"));
    }

    #[test]
    fn what_is_behind_the_program_is_not_lost() {
        let message = error_of(&with_symbols(&[], b"more"));
        assert!(
            message.starts_with("4 bytes behind the program, which would be lost"),
            "{message}"
        );
    }

    #[test]
    fn a_loaded_section_behind_the_symbols_is_refused() {
        let message = error_of(&with_symbols(&[(".rsrc", 0x5000, b"icon")], b""));
        assert_eq!(
            message,
            "the section `.debug_line` precedes sections that are loaded; expected it after them"
        );
    }

    #[test]
    fn no_cut_off_or_changed_program_makes_it_panic() {
        let file = with_symbols(&[], b"");
        for length in (0..file.len()).step_by(3) {
            let _ = split(&file[..length]);
        }
        for at in (0..0x700).chain(file.len() - TEXTS.len()..file.len()) {
            for value in [0, 1, 0x7f, 0xff] {
                let mut changed = file.clone();
                changed[at] = value;
                let _ = split(&changed);
            }
        }
    }
}
