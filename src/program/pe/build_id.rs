//! The build ID of a program: a CodeView record, by which crash reports and debuggers identify a program, and a time
//! stamp that serves the same purpose (Microsoft PE and COFF specification, "The .debug Section"; the record `RSDS` is
//! described in LLVM's "The PDB File Format").

use super::image::DEBUG;
use super::section::{NewSection, Place, get, put};
use super::{Image, PeError};
use crate::model::digest::Sha256Sum;

/// The name that MinGW linkers use.
const NAME: [u8; 8] = *b".buildid";
/// The size of a debug directory entry.
const ENTRY_BYTES: usize = 28;
/// `IMAGE_DEBUG_TYPE_CODEVIEW`.
const CODEVIEW: u32 = 2;
/// `IMAGE_DEBUG_TYPE_REPRO`: times are hashes. It needs no data.
const REPRO: u32 = 16;
const SIGNATURE: &[u8; 4] = b"RSDS";
/// The offset of the time in the COFF header.
const TIME: usize = 4;

/// Gives a program a build ID made from its bytes, unless its linker has given it one.
///
/// A part of the build ID replaces the link time. Two builds of the same source are then equal, and different builds
/// get different time stamps, by which symbol servers identify programs.
pub fn add_build_id(mut program: Vec<u8>) -> Result<Vec<u8>, PeError> {
    let image = Image::read(&program)?;
    if build_id(&program, &image)?.is_some() {
        return Ok(program);
    }
    image.check_unsigned()?;
    let place = Place::new(&program, &image)?;
    let mut directory = entries(&program, &image)?.to_vec();
    let has_time = directory
        .chunks_exact(ENTRY_BYTES)
        .all(|entry| kind(entry) != REPRO);
    if has_time {
        put(&mut program, image.coff + TIME, 0);
    }
    let Sha256Sum(digest) = Sha256Sum::of(&program);
    if has_time {
        put(&mut program, image.coff + TIME, get(&digest, 16));
        directory.extend(entry(REPRO, get(&digest, 16)));
    }
    let mut own = entry(CODEVIEW, get(&program, image.coff + TIME));
    let directory_bytes = (directory.len() + ENTRY_BYTES) as u32;
    let record = record(&digest);
    put(&mut own, 16, record.len() as u32);
    put(&mut own, 20, place.address.wrapping_add(directory_bytes));
    put(&mut own, 24, place.offset as u32 + directory_bytes);
    let bytes = [&directory[..], &own, &record].concat();
    let new = NewSection {
        name: NAME,
        bytes: &bytes,
        directory: DEBUG,
        directory_bytes,
    };
    place.write(&program, &image, &new)
}

/// The GUID of the program's CodeView record, with its bytes in the order of the text form.
pub fn build_id(program: &[u8], image: &Image) -> Result<Option<[u8; 16]>, PeError> {
    let mut ids = entries(program, image)?
        .chunks_exact(ENTRY_BYTES)
        .filter_map(|entry| guid(program, image, entry));
    Ok(ids.next())
}

/// Removes the name of the symbol file (.pdb) from a program. No such file is shipped, and debuggers would look for it
/// instead of reading the program itself.
pub fn forget_symbol_file(program: &mut [u8], image: &Image) -> Result<(), PeError> {
    let directory = entries(program, image)?.to_vec();
    for entry in directory.chunks_exact(ENTRY_BYTES) {
        if guid(program, image, entry).is_some() {
            let place = image.place_of(get(entry, 20), Some(get(entry, 16)))?;
            // After the signature, the GUID and the age.
            program[place.start + 24..place.end].fill(0);
        }
    }
    Ok(())
}

/// The entries of the debug directory.
fn entries<'a>(program: &'a [u8], image: &Image) -> Result<&'a [u8], PeError> {
    match image.directory(DEBUG) {
        (_, 0) => Ok(&[]),
        (address, size) => image.bytes_at(program, address, Some(size)),
    }
}

/// The GUID in an entry's data. It is stored as numbers of 4, 2 and 2 bytes, little-endian, and eight bytes.
fn guid(program: &[u8], image: &Image, entry: &[u8]) -> Option<[u8; 16]> {
    let (size, address) = (get(entry, 16), get(entry, 20));
    if kind(entry) != CODEVIEW {
        return None;
    }
    let record = image.bytes_at(program, address, Some(size)).ok()?;
    let numbers = record.strip_prefix(SIGNATURE)?.first_chunk::<20>()?;
    let mut guid = *numbers.first_chunk()?;
    guid[..4].reverse();
    guid[4..6].reverse();
    guid[6..8].reverse();
    Some(guid)
}

fn kind(entry: &[u8]) -> u32 {
    get(entry, 12)
}

/// An entry of the debug directory without data: characteristics, time, version, type, size, address, and offset in the
/// file.
fn entry(kind: u32, time: u32) -> Vec<u8> {
    let mut entry = vec![0; ENTRY_BYTES];
    put(&mut entry, 4, time);
    put(&mut entry, 12, kind);
    entry
}

/// A GUID, the age (1), and the zero-terminated name of the symbol file (empty).
fn record(digest: &[u8; 32]) -> Vec<u8> {
    [SIGNATURE, &digest[..16], &1u32.to_le_bytes(), b"\0"].concat()
}

#[cfg(test)]
mod tests {
    use object::Object;
    use object::read::pe::PeFile64;

    use super::*;
    use crate::program::pe::testing::{Part, checked, program};

    const TEXT: Part<'_> = (".text", 0x1000, &[0x90; 700]);

    /// The GUID, as another reader finds it.
    fn guid_of(program: &[u8]) -> Option<[u8; 16]> {
        let file = PeFile64::parse(program).expect("valid");
        file.pdb_info().expect("valid").map(|record| {
            assert_eq!((record.age(), record.path()), (1, &b""[..]));
            record.guid()
        })
    }

    #[test]
    fn a_program_without_one_gets_one_that_its_bytes_decide() {
        let plain = program(&[TEXT], b"");
        assert_eq!(guid_of(&plain), None);
        let once = add_build_id(plain.clone()).expect("room");
        assert_eq!(checked(&once), [".text", ".buildid"]);
        assert_eq!(once[0x400..0x400 + 700], plain[0x400..0x400 + 700]);
        let id = guid_of(&once).expect("it was added");
        let mut text = id;
        text[..4].reverse();
        text[4..6].reverse();
        text[6..8].reverse();
        let image = Image::read(&once).expect("valid");
        assert_eq!(build_id(&once, &image).expect("valid"), Some(text));
        assert!(add_build_id(once.clone()).expect("valid") == once);
        let other = add_build_id(program(&[(".text", 0x1000, b"other")], b"")).expect("room");
        assert_ne!(guid_of(&other), Some(id));
    }

    #[test]
    fn the_time_of_linking_makes_no_difference_and_is_gone() {
        let stamped = |time: u32| {
            let mut file = program(&[TEXT], b"");
            put(&mut file, 0x84 + TIME, time);
            add_build_id(file).expect("room")
        };
        let (one, other) = (stamped(1_800_000_000), stamped(1_800_000_001));
        assert!(one == other);
        let time = get(&one, 0x84 + TIME);
        assert!(![0, 1_800_000_000, 1_800_000_001].contains(&time));
        assert_eq!(kinds(&one), [(REPRO, time), (CODEVIEW, time)]);
    }

    /// Type and time of each entry.
    fn kinds(program: &[u8]) -> Vec<(u32, u32)> {
        let image = Image::read(program).expect("valid");
        let entries = entries(program, &image).expect("valid");
        let entries = entries.chunks(ENTRY_BYTES);
        entries.map(|entry| (kind(entry), get(entry, 4))).collect()
    }

    /// A program whose debug directory has an entry of a type, with a record of these bytes.
    fn with_entry(kind: u32, record: &[u8]) -> Vec<u8> {
        let mut entry = [0; ENTRY_BYTES];
        put(&mut entry, 12, kind);
        put(&mut entry, 16, record.len() as u32);
        put(&mut entry, 20, 0x1000 + ENTRY_BYTES as u32);
        put(&mut entry, 24, 0x400 + ENTRY_BYTES as u32);
        let data = [&entry, record].concat();
        let mut file = program(&[(".rdata", 0x1000, &data)], b"");
        let at = Image::read(&file)
            .and_then(|image| image.directory_at(DEBUG))
            .expect("there is room");
        put(&mut file, at, 0x1000);
        put(&mut file, at + 4, ENTRY_BYTES as u32);
        file
    }

    #[test]
    fn the_linker_s_own_stays() {
        let record = [&SIGNATURE[..], &[7; 16], &1u32.to_le_bytes(), b"\0"].concat();
        let file = with_entry(CODEVIEW, &record);
        let same = add_build_id(file.clone()).expect("valid");
        assert!(same == file);
        assert_eq!(guid_of(&same), Some([7; 16]));
    }

    #[test]
    fn other_entries_of_the_directory_stay() {
        let file = with_entry(REPRO, b"hash");
        let stamped = add_build_id(file).expect("room");
        assert!(guid_of(&stamped).is_some());
        assert_eq!(kinds(&stamped), [(REPRO, 0), (CODEVIEW, 0)]);
    }

    #[test]
    fn no_cut_off_or_changed_program_makes_it_panic() {
        let file = with_entry(REPRO, b"hash");
        for length in (0..file.len()).step_by(3) {
            let _ = add_build_id(file[..length].to_vec());
        }
        for at in 0..0x440 {
            for value in [0, 1, 0x7f, 0xff] {
                let mut changed = file.clone();
                changed[at] = value;
                let _ = add_build_id(changed);
            }
        }
    }
}
