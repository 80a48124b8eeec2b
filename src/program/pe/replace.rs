//! Replacing the resources of a finished program.

use super::image::{RESOURCES, Section};
use super::section::{NewSection, Place};
use super::{Image, PeError, Resources};

const NAME: [u8; 8] = *b".rsrc\0\0\0";

/// Changes the resources of a program.
///
/// They get their own section at the end. If the program's resource section is the last one, it is replaced. Otherwise
/// it stays, unused, because the sections after it cannot move.
pub fn replace_resources(
    program: &[u8],
    change: impl FnOnce(&mut Resources),
) -> Result<Vec<u8>, PeError> {
    let image = Image::read(program)?;
    image.check_unsigned()?;
    let mut resources = read(program, &image)?;
    change(&mut resources);
    let replaceable = |section: &Section| is_replaceable(&image, section);
    let place = match image.sections.iter().position(replaceable) {
        Some(index) => Place::of(&image, index),
        None => Place::new(program, &image)?,
    };
    let section = resources.write(place.address).ok_or(PeError::TooLarge {
        size: program.len() as u64,
    })?;
    let new = NewSection {
        name: NAME,
        bytes: &section,
        directory: RESOURCES,
        directory_bytes: section.len() as u32,
    };
    place.write(program, &image, &new)
}

/// The resources of a program.
pub fn read(program: &[u8], image: &Image) -> Result<Resources, PeError> {
    let (address, _) = image.directory(RESOURCES);
    if address == 0 {
        return Ok(Resources::default());
    }
    let fetch = |address: u32, size: u32| image.bytes_at(program, address, Some(size));
    Resources::read(image.bytes_at(program, address, None)?, &fetch)
}

/// Whether the resources are alone in the last section of both file and memory.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::pe::checksum;
    use crate::program::pe::section::{get, put};
    use crate::program::pe::testing::{Part, checked, program};
    use crate::program::pe::{Key, language};

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

    #[test]
    fn a_program_without_resources_gets_a_section_for_them() {
        let plain = program(&[TEXT], b"");
        let stamped = add(&plain, b"picture").expect("room");
        assert_eq!(checked(&stamped), [".text", ".rsrc"]);
        assert_eq!(data(&stamped, 10), b"picture");
        assert_eq!(stamped[0x400..0x400 + 700], [0x90; 700]);
        let initialized = |file: &[u8]| get(file, 0x80 + 24 + 8);
        assert_eq!(initialized(&stamped) - initialized(&plain), 0x200);
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

    /// A program that has a manifest as a resource.
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
        let at = image.directory_at(RESOURCES).expect("there is one");
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
            "32 bytes of room for section headers; expected 40 for another section"
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
