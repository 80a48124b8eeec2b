//! Notes: information about a program for tools other than the loader.

use object::Endianness;
use object::elf::{ELF_NOTE_GNU, FileHeader64, NT_GNU_BUILD_ID};
use object::read::elf::NoteIterator;

use super::ElfError;

/// The build ID among the notes of a section or segment with the given alignment. Notes are the same in both classes.
pub fn build_id(
    notes: &[u8],
    alignment: u64,
    endian: Endianness,
) -> Result<Option<&[u8]>, ElfError> {
    let mut notes = NoteIterator::<FileHeader64<Endianness>>::new(endian, alignment, notes)?;
    while let Some(note) = notes.next()? {
        if note.name() == ELF_NOTE_GNU
            && note.n_type(endian) == NT_GNU_BUILD_ID
            && !note.desc().is_empty()
        {
            return Ok(Some(note.desc()));
        }
    }
    Ok(None)
}
