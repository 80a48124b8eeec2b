//! Shared by the tests of Windows programs: small programs and images.

use super::Image;
use super::section::get;

/// `IMAGE_FILE_MACHINE_AMD64`.
pub const AMD64: u16 = 0x8664;

/// A section of a program to make: name, address, bytes.
pub type Part<'a> = (&'a str, u32, &'a [u8]);

/// A 64-bit program with the given sections, aligned to 512 bytes in the file and 4096 in memory, and optionally with
/// data after its sections.
pub fn program(sections: &[Part<'_>], behind: &[u8]) -> Vec<u8> {
    let mut file = vec![0; 0x80];
    file[..2].copy_from_slice(b"MZ");
    file[0x3c] = 0x80;
    file.extend(b"PE\0\0");
    put16(&mut file, &[AMD64, sections.len() as u16]);
    // Time, symbols and their number; then the size of the optional header and the characteristics.
    put32(&mut file, &[0, 0, 0]);
    put16(&mut file, &[112 + 16 * 8, 0x22]);
    let optional = file.len();
    file.resize(optional + 112 + 16 * 8, 0);
    let set = |file: &mut Vec<u8>, at: usize, number: u32| {
        file[optional + at..optional + at + 4].copy_from_slice(&number.to_le_bytes());
    };
    set(&mut file, 0, 0x20b);
    for (at, number) in [(32, 0x1000), (36, 0x200), (60, 0x400), (108, 16)] {
        set(&mut file, at, number);
    }
    let mut offset = 0x400;
    let mut end = 0x1000;
    for (name, address, bytes) in sections {
        let mut padded = [0; 8];
        padded[..name.len()].copy_from_slice(name.as_bytes());
        file.extend(padded);
        let size = (bytes.len() as u32).next_multiple_of(0x200);
        put32(
            &mut file,
            &[
                bytes.len() as u32,
                *address,
                size,
                offset,
                0,
                0,
                0,
                0x4000_0040,
            ],
        );
        offset += size;
        end = address + (bytes.len() as u32).next_multiple_of(0x1000);
    }
    set(&mut file, 56, end);
    file.resize(0x400, 0);
    for (_, _, bytes) in sections {
        file.extend(*bytes);
        file.resize(file.len().next_multiple_of(0x200), 0);
    }
    file.extend(behind);
    file
}

/// Checks what a loader would check, and returns the names of the sections.
pub fn checked(program: &[u8]) -> Vec<String> {
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

fn put16(file: &mut Vec<u8>, numbers: &[u16]) {
    file.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
}

fn put32(file: &mut Vec<u8>, numbers: &[u32]) {
    file.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
}

/// An .ico file with images: width and height, and the bytes.
pub fn ico(pictures: &[(u8, &[u8])]) -> Vec<u8> {
    let mut file = Vec::new();
    put16(&mut file, &[0, 1, pictures.len() as u16]);
    let mut offset = 6 + 16 * pictures.len() as u32;
    for (size, bytes) in pictures {
        file.extend([*size, *size, 0, 0, 1, 0, 32, 0]);
        put32(&mut file, &[bytes.len() as u32, offset]);
        offset += bytes.len() as u32;
    }
    for (_, bytes) in pictures {
        file.extend(*bytes);
    }
    file
}

/// The start of a .png file with the given size.
pub fn png(width: u32, height: u32) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    file.extend(width.to_be_bytes());
    file.extend(height.to_be_bytes());
    file.extend([8, 6, 0, 0, 0]);
    file
}
