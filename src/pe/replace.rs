//! Replacing the resources of a finished program.

use super::checksum;
use super::image::{RESOURCES, SECTION_HEADER_BYTES, Section};
use super::{Image, PeError, Resources};

/// Initialised data that can be read.
const CHARACTERISTICS: u32 = 0x4000_0040;
const NAME: [u8; 8] = *b".rsrc\0\0\0";

/// Changes the resources of a program.
///
/// They get a section of their own, the last one. Where the program has one there it is replaced; one between others
/// stays, unused, since what follows it cannot move.
pub fn replace_resources(
    program: &[u8],
    change: impl FnOnce(&mut Resources),
) -> Result<Vec<u8>, PeError> {
    let image = Image::read(program)?;
    image.check_unsigned()?;
    let mut resources = read(program, &image)?;
    change(&mut resources);
    let place = Place::of(program, &image)?;
    let too_large = || PeError::TooLarge {
        size: program.len() as u64,
    };
    let section = resources.write(place.address).ok_or_else(too_large)?;
    place.write(program, &image, &section).ok_or_else(too_large)
}

/// The resources that a program has.
pub fn read(program: &[u8], image: &Image) -> Result<Resources, PeError> {
    let (address, _) = image.directory(RESOURCES);
    if address == 0 {
        return Ok(Resources::default());
    }
    let fetch = |address: u32, size: u32| bytes_at(program, image, address, Some(size));
    Resources::read(bytes_at(program, image, address, None)?, &fetch)
}

/// The bytes at an address: so many, or all up to the end of the section.
fn bytes_at<'a>(
    program: &'a [u8],
    image: &Image,
    address: u32,
    size: Option<u32>,
) -> Result<&'a [u8], PeError> {
    let holding = image.sections.iter().find(|section| section.holds(address));
    let section = holding.ok_or(PeError::Header {
        what: "an address of resources",
        found: address.into(),
        expected: "an address in a section",
    })?;
    let start = section.offset as usize + (address - section.address) as usize;
    let end = match size {
        Some(size) => start + size as usize,
        None => section.offset as usize + section.size as usize,
    };
    program.get(start..end).ok_or(PeError::Beyond {
        what: "a resource",
        end: end as u64,
        size: program.len() as u64,
    })
}

/// Where the section of resources goes.
struct Place {
    /// Where its header is.
    header: usize,
    /// The section that it replaces.
    old: Option<Section>,
    address: u32,
    /// Where its bytes are in the file.
    offset: usize,
}

impl Place {
    fn of(program: &[u8], image: &Image) -> Result<Self, PeError> {
        match image
            .sections
            .iter()
            .position(|section| is_replaceable(image, section))
        {
            Some(index) => Ok(Self {
                header: image.section_headers + index * SECTION_HEADER_BYTES,
                old: Some(image.sections[index]),
                address: image.sections[index].address,
                offset: image.sections[index].offset as usize,
            }),
            None => Self::new(program, image),
        }
    }

    fn new(program: &[u8], image: &Image) -> Result<Self, PeError> {
        let header = image.section_headers + image.sections.len() * SECTION_HEADER_BYTES;
        let unused = program.get(header..image.headers_end).unwrap_or_default();
        let room = unused.iter().take_while(|byte| **byte == 0).count();
        if room < SECTION_HEADER_BYTES {
            return Err(PeError::NoRoom {
                room: room as u64,
                needed: SECTION_HEADER_BYTES as u64,
            });
        }
        let end = image.sections.iter().map(Section::end).max();
        let end = end.unwrap_or(image.headers_end as u32);
        let address = end.checked_next_multiple_of(image.section_alignment);
        Ok(Self {
            header,
            old: None,
            address: address.ok_or(PeError::TooLarge { size: end.into() })?,
            offset: image
                .sections_end()
                .next_multiple_of(image.file_alignment as usize),
        })
    }

    /// The program with the section; `None` where it would be too large.
    fn write(&self, program: &[u8], image: &Image, section: &[u8]) -> Option<Vec<u8>> {
        let sections_end = image.sections_end().min(program.len());
        let padded = section
            .len()
            .next_multiple_of(image.file_alignment as usize);
        let mut out = program[..self.offset.min(sections_end)].to_vec();
        out.resize(self.offset, 0);
        out.extend(section);
        out.resize(self.offset + padded, 0);
        let moved = out.len() as i64 - sections_end as i64;
        // What follows the sections belongs to no section: symbols, or data that the program finds from its end.
        out.extend(&program[sections_end..]);
        u32::try_from(out.len()).ok()?;
        self.write_headers(&mut out, image, section.len() as u32, padded as u32, moved)?;
        Some(out)
    }

    fn write_headers(
        &self,
        out: &mut [u8],
        image: &Image,
        size: u32,
        padded: u32,
        moved: i64,
    ) -> Option<()> {
        let old_size = self.old.map_or(0, |section| section.size);
        if self.old.is_none() {
            let count = image.sections.len() as u16 + 1;
            out[image.coff + 2..image.coff + 4].copy_from_slice(&count.to_le_bytes());
        }
        // Name, size and address in memory, size and offset in the file, relocations and line numbers, characteristics.
        out[self.header..self.header + 8].copy_from_slice(&NAME);
        let numbers = [
            size,
            self.address,
            padded,
            self.offset as u32,
            0,
            0,
            0,
            CHARACTERISTICS,
        ];
        for (index, number) in numbers.into_iter().enumerate() {
            put(out, self.header + 8 + index * 4, number);
        }
        let directory = image.resource_directory_at().ok()?;
        put(out, directory, self.address);
        put(out, directory + 4, size);
        // `SizeOfInitializedData` and `SizeOfImage`.
        let initialised = get(out, image.optional + 8).wrapping_sub(old_size);
        put(out, image.optional + 8, initialised.wrapping_add(padded));
        let end = self.address.checked_add(size)?;
        put(
            out,
            image.optional + 56,
            end.checked_next_multiple_of(image.section_alignment)?,
        );
        self.move_symbols(out, image, moved);
        checksum::renew(out, image);
        Some(())
    }

    /// Corrects `PointerToSymbolTable`, where the table follows the sections.
    fn move_symbols(&self, out: &mut [u8], image: &Image, moved: i64) {
        let symbols = i64::from(get(out, image.coff + 8));
        if symbols >= image.sections_end() as i64 {
            put(out, image.coff + 8, (symbols + moved) as u32);
        }
    }
}

/// Whether the resources, and nothing else, are in the last section of file and memory.
fn is_replaceable(image: &Image, section: &Section) -> bool {
    let is_last = image.sections.iter().all(|other| {
        other.address <= section.address
            && other.offset + other.size <= section.offset + section.size
    });
    let is_alone = image
        .directory_ranges
        .iter()
        .enumerate()
        .all(|(number, (address, size))| {
            number == RESOURCES || *size == 0 || !section.holds(*address)
        });
    let (address, _) = image.directory(RESOURCES);
    is_last && is_alone && section.size > 0 && section.address == address
}

fn get(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"))
}

fn put(bytes: &mut [u8], at: usize, number: u32) {
    bytes[at..at + 4].copy_from_slice(&number.to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pe::testing::{Part, program};
    use crate::pe::{Key, language};

    const TEXT: Part<'_> = (".text", 0x1000, &[0x90; 700]);

    fn add(program: &[u8], bytes: &[u8]) -> Result<Vec<u8>, PeError> {
        replace_resources(program, |resources| {
            resources.insert(Key::Id(10), Key::Id(1), language::ENGLISH, bytes.to_vec());
        })
    }

    fn resources(program: &[u8]) -> Resources {
        read(program, &Image::read(program).expect("valid")).expect("valid")
    }

    fn data(program: &[u8], kind: u16) -> Vec<u8> {
        resources(program).0[&Key::Id(kind)][&Key::Id(1)][&language::ENGLISH]
            .bytes
            .clone()
    }

    /// Checks what a loader would, and gives the names of the sections.
    fn checked(program: &[u8]) -> Vec<String> {
        let image = Image::read(program).expect("valid");
        let mut end = 0x1000;
        for section in &image.sections {
            assert_eq!(
                (
                    section.address,
                    section.offset % 0x200,
                    section.size % 0x200
                ),
                (end, 0, 0)
            );
            end = section.end().next_multiple_of(0x1000);
        }
        assert_eq!(get(program, image.optional + 56), end, "SizeOfImage");
        let names = image.sections.iter().map(|section| section.name.to_vec());
        names
            .map(|name| {
                String::from_utf8_lossy(&name)
                    .trim_end_matches('\0')
                    .to_owned()
            })
            .collect()
    }

    #[test]
    fn a_program_without_resources_gets_a_section_for_them() {
        let plain = program(&[TEXT], b"");
        let stamped = add(&plain, b"picture").expect("room");
        assert_eq!(checked(&stamped), [".text", ".rsrc"]);
        assert_eq!(data(&stamped, 10), b"picture");
        assert_eq!(stamped[0x400..0x400 + 700], [0x90; 700]);
        let initialised = |file: &[u8]| get(file, 0x80 + 24 + 8);
        assert_eq!(initialised(&stamped) - initialised(&plain), 0x200);
    }

    #[test]
    fn doing_it_again_changes_nothing_and_less_makes_it_smaller() {
        let small = add(&program(&[TEXT], b""), b"small").expect("room");
        assert!(add(&small, b"small").expect("room") == small);
        let large = add(&small, &[7; 5000]).expect("room");
        assert_eq!(checked(&large), [".text", ".rsrc"]);
        assert!(add(&large, b"small").expect("room") == small);
    }

    #[test]
    fn what_is_behind_the_sections_stays_behind_them() {
        let mut file = program(&[TEXT], b"symbols");
        let symbols = file.len() as u32 - 7;
        put(&mut file, 0x80 + 12, symbols);
        let small = add(&file, b"small").expect("room");
        let large = add(&small, &[7; 5000]).expect("room");
        for stamped in [small, large] {
            assert!(stamped.ends_with(b"symbols"));
            assert_eq!(get(&stamped, 0x80 + 12) as usize, stamped.len() - 7);
        }
    }

    /// A program that came with a manifest as a resource.
    fn with_manifest(behind: &[Part<'_>]) -> Vec<u8> {
        let mut own = Resources::default();
        own.insert(
            Key::Id(24),
            Key::Id(1),
            language::ENGLISH,
            b"<assembly/>".to_vec(),
        );
        let section = own.write(0x2000).expect("small");
        let mut file = program(
            &[&[TEXT, (".rsrc", 0x2000, &section)], behind].concat(),
            b"",
        );
        let image = Image::read(&file).expect("valid");
        let at = image.resource_directory_at().expect("there is one");
        put(&mut file, at, 0x2000);
        put(&mut file, at + 4, section.len() as u32);
        file
    }

    #[test]
    fn the_program_s_own_resources_are_kept() {
        let stamped = add(&with_manifest(&[]), b"picture").expect("room");
        assert_eq!(checked(&stamped), [".text", ".rsrc"]);
        assert_eq!(
            (data(&stamped, 24), data(&stamped, 10)),
            (b"<assembly/>".to_vec(), b"picture".to_vec())
        );
    }

    #[test]
    fn resources_before_another_section_move_behind_it() {
        let file = with_manifest(&[(".reloc", 0x3000, b"relocations")]);
        let stamped = add(&file, &[7; 5000]).expect("room");
        assert_eq!(checked(&stamped), [".text", ".rsrc", ".reloc", ".rsrc"]);
        assert_eq!(
            (data(&stamped, 24), data(&stamped, 10)),
            (b"<assembly/>".to_vec(), vec![7; 5000])
        );
        assert!(add(&stamped, &[7; 5000]).expect("room") == stamped);
    }

    #[test]
    fn a_checksum_is_computed_again_and_none_stays_none() {
        let mut file = program(&[TEXT], b"");
        let field = 0x80 + 24 + 64;
        assert_eq!(get(&add(&file, b"x").expect("room"), field), 0);
        put(&mut file, field, 1);
        let mut stamped = add(&file, b"x").expect("room");
        let sum = get(&stamped, field);
        put(&mut stamped, field, 0);
        assert_eq!(sum, checksum::checksum(&stamped));
    }

    #[test]
    fn a_signed_program_is_not_changed() {
        let mut file = program(&[TEXT], b"");
        let image = Image::read(&file).expect("valid");
        put(&mut file, image.directories + 4 * 8, 0x600);
        put(&mut file, image.directories + 4 * 8 + 4, 8);
        let message = add(&file, b"x").expect_err("signed").to_string();
        assert!(
            message.starts_with("signed, and a changed byte"),
            "{message}"
        );
    }

    #[test]
    fn a_header_without_room_is_refused() {
        let names: Vec<_> = (0..16).map(|number| format!(".s{number}")).collect();
        let sections: Vec<_> = (0u32..)
            .zip(&names)
            .map(|(at, name)| (name.as_str(), 0x1000 * (at + 1), &b"x"[..]))
            .collect();
        let room = |count: usize| {
            add(&program(&sections[..count], b""), b"x").map(|file| checked(&file).len())
        };
        // The headers have 1024 bytes; the first of 40 is at 392.
        assert_eq!(room(14).expect("room"), 15);
        let message = room(15).expect_err("no room").to_string();
        assert_eq!(
            message,
            "32 bytes of room for section headers; expected 40 for a section of resources"
        );
    }

    #[test]
    fn no_cut_off_or_changed_program_makes_it_panic() {
        let file = with_manifest(&[(".reloc", 0x3000, b"relocations")]);
        for length in (0..file.len()).step_by(3) {
            let _ = add(&file[..length], b"x");
        }
        for at in 0..0x400 {
            for value in [0, 1, 0x7f, 0xff] {
                let mut changed = file.clone();
                changed[at] = value;
                let _ = add(&changed, b"x");
            }
        }
    }

    #[test]
    fn what_is_no_windows_program_is_refused() {
        let error = |file: &[u8]| add(file, b"x").expect_err("no program").to_string();
        assert_eq!(error(b"\x7fELF"), "not a Windows program: no `PE` header");
        assert_eq!(
            error(b"MZ"),
            "malformed Windows program: the DOS header ends at byte 64 of 2"
        );
        let dos = program(&[TEXT], b"");
        let mut dos = dos;
        dos[0x80] = b'L';
        assert_eq!(error(&dos), "not a Windows program: no `PE` header");
    }
}
