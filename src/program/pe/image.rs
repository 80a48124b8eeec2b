//! The headers of a Windows program, as far as its sections and resources need them.

use std::ops::Range;

use super::PeError;

/// The size of a section header.
pub(super) const SECTION_HEADER_BYTES: usize = 40;
/// The number of a directory: offsets within the optional header's table.
pub(super) const RESOURCES: usize = 2;
const CERTIFICATES: usize = 4;
pub(super) const DEBUG: usize = 6;

/// The locations of a program's headers.
#[derive(Clone, Debug)]
pub struct Image {
    /// `Machine` of the COFF header.
    pub machine: u16,
    /// Where the COFF header starts.
    pub(crate) coff: usize,
    /// Where the optional header starts.
    pub(crate) optional: usize,
    /// Where the data directories start, and how many there are.
    pub(super) directories: usize,
    directory_count: usize,
    /// Where the section headers start.
    pub(super) section_headers: usize,
    /// The sections, in the order of their headers.
    pub(crate) sections: Vec<Section>,
    pub(super) section_alignment: u32,
    pub(crate) file_alignment: u32,
    /// The maximum size of all headers.
    pub(super) headers_end: usize,
    /// Address and size of each data directory.
    pub(super) directory_ranges: Vec<(u32, u32)>,
}

/// A section of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Section {
    pub name: [u8; 8],
    /// Its place in memory.
    pub address: u32,
    pub memory: u32,
    /// Its place in the file.
    pub offset: u32,
    pub size: u32,
}

impl Section {
    /// The address after it.
    pub fn end(&self) -> u32 {
        self.address.saturating_add(self.memory.max(1))
    }

    /// Where its bytes end in the file.
    pub fn file_end(&self) -> usize {
        self.offset as usize + self.size as usize
    }

    pub fn holds(&self, address: u32) -> bool {
        (self.address..self.end()).contains(&address)
    }
}

impl Image {
    /// Reads the headers of a program.
    pub fn read(bytes: &[u8]) -> Result<Self, PeError> {
        let file = Reader(bytes);
        if !bytes.starts_with(b"MZ") {
            return Err(PeError::NotPe);
        }
        let signature = file.u32(0x3c, "the DOS header")? as usize;
        if file.slice(signature, 4, "the PE signature")? != b"PE\0\0" {
            return Err(PeError::NotPe);
        }
        let coff = signature + 4;
        let optional = coff + 20;
        let optional_bytes = usize::from(file.u16(coff + 16, "the COFF header")?);
        file.slice(optional, optional_bytes, "the optional header")?;
        let directories = directories_at(&file, optional, optional_bytes)?;
        let directory_count = file.u32(directories - 4, "the optional header")? as usize;
        let room = (optional + optional_bytes - directories) / 8;
        if directory_count > room.min(16) {
            return Err(PeError::Header {
                what: "the number of data directories",
                found: directory_count as u64,
                expected: "what the optional header has room for",
            });
        }
        let mut image = Self {
            machine: file.u16(coff, "the COFF header")?,
            coff,
            optional,
            directories,
            directory_count,
            section_headers: optional + optional_bytes,
            sections: Vec::new(),
            section_alignment: alignment(&file, optional + 32, "the section alignment")?,
            file_alignment: alignment(&file, optional + 36, "the file alignment")?,
            headers_end: file.u32(optional + 60, "the optional header")? as usize,
            directory_ranges: Vec::new(),
        };
        file.slice(0, image.headers_end, "the headers")?;
        image.read_directories(&file)?;
        image.read_sections(&file)?;
        Ok(image)
    }

    /// Offset and size of all sections with that name that have bytes in the file.
    pub fn sections_named(&self, name: &str) -> Vec<(usize, usize)> {
        let is = |section: &&Section| {
            section.name.split(|byte| *byte == 0).next() == Some(name.as_bytes())
        };
        // In the file, a section is padded to the alignment; in memory, it has its real size.
        let size = |section: &Section| match section.memory {
            0 => section.size,
            memory => memory.min(section.size),
        };
        let found = self.sections.iter().filter(is);
        found
            .map(|section| (section.offset as usize, size(section) as usize))
            .collect()
    }

    /// Refuses a program with an Authenticode signature, which any changed byte would make invalid.
    pub fn check_unsigned(&self) -> Result<(), PeError> {
        match self.directory(CERTIFICATES) {
            (0, 0) => Ok(()),
            _ => Err(PeError::Signed),
        }
    }

    /// A directory's address and size; zeros if there is none.
    pub(super) fn directory(&self, number: usize) -> (u32, u32) {
        self.directory_ranges
            .get(number)
            .copied()
            .unwrap_or_default()
    }

    /// Where the header of a section is.
    pub(super) fn header_of(&self, section: usize) -> usize {
        self.section_headers + section * SECTION_HEADER_BYTES
    }

    /// Where a directory's address and size are stored.
    pub(super) fn directory_at(&self, number: usize) -> Result<usize, PeError> {
        match self.directory_count {
            count if count > number => Ok(self.directories + number * 8),
            count => Err(PeError::Header {
                what: "the number of data directories",
                found: count as u64,
                expected: match number {
                    RESOURCES => "3 or more, the third being that of resources",
                    _ => "7 or more, the seventh being that of debuggers",
                },
            }),
        }
    }

    /// The bytes at an address: a given number, or all up to the end of the section.
    pub(super) fn bytes_at<'a>(
        &self,
        program: &'a [u8],
        address: u32,
        size: Option<u32>,
    ) -> Result<&'a [u8], PeError> {
        let place = self.place_of(address, size)?;
        let end = place.end;
        program.get(place).ok_or(PeError::Beyond {
            what: "the data of a directory",
            end: end as u64,
            size: program.len() as u64,
        })
    }

    /// Their offset in the file.
    pub(super) fn place_of(
        &self,
        address: u32,
        size: Option<u32>,
    ) -> Result<Range<usize>, PeError> {
        let holding = self.sections.iter().find(|section| section.holds(address));
        let section = holding.ok_or(PeError::Header {
            what: "an address of a data directory",
            found: address.into(),
            expected: "an address in a section",
        })?;
        let start = section.offset as usize + (address - section.address) as usize;
        Ok(match size {
            Some(size) => start..start + size as usize,
            None => start..section.file_end(),
        })
    }

    /// Where the bytes of the last section end in the file.
    pub(crate) fn sections_end(&self) -> usize {
        let ends = self.sections.iter().map(Section::file_end);
        ends.max().unwrap_or(self.headers_end)
    }

    fn read_directories(&mut self, file: &Reader<'_>) -> Result<(), PeError> {
        for number in 0..self.directory_count {
            let at = self.directories + number * 8;
            let address = file.u32(at, "the data directories")?;
            let size = file.u32(at + 4, "the data directories")?;
            self.directory_ranges.push((address, size));
        }
        Ok(())
    }

    fn read_sections(&mut self, file: &Reader<'_>) -> Result<(), PeError> {
        let what = "the section headers";
        for number in 0..usize::from(file.u16(self.coff + 2, "the COFF header")?) {
            let at = self.section_headers + number * SECTION_HEADER_BYTES;
            let header = file.slice(at, SECTION_HEADER_BYTES, what)?;
            let section = Section {
                name: *header.first_chunk().expect("40 bytes"),
                memory: file.u32(at + 8, what)?,
                address: file.u32(at + 12, what)?,
                size: file.u32(at + 16, what)?,
                offset: file.u32(at + 20, what)?,
            };
            // A section without bytes in the file may have any offset.
            let section = match section.size {
                0 => Section {
                    offset: 0,
                    ..section
                },
                _ => section,
            };
            file.slice(section.offset as usize, section.size as usize, "a section")?;
            self.sections.push(section);
        }
        Ok(())
    }
}

/// Where the data directories start, which depends on the address width.
fn directories_at(file: &Reader<'_>, optional: usize, bytes: usize) -> Result<usize, PeError> {
    let before = match file.u16(optional, "the optional header")? {
        0x10b => 96,
        0x20b => 112,
        other => {
            return Err(PeError::Header {
                what: "the optional header's magic number",
                found: other.into(),
                expected: "0x10b or 0x20b",
            });
        }
    };
    match before {
        before if before > bytes => Err(PeError::Header {
            what: "the size of the optional header",
            found: bytes as u64,
            expected: "room for all its fields",
        }),
        before => Ok(optional + before),
    }
}

fn alignment(file: &Reader<'_>, at: usize, what: &'static str) -> Result<u32, PeError> {
    match file.u32(at, "the optional header")? {
        alignment if alignment.is_power_of_two() && alignment <= 1 << 24 => Ok(alignment),
        other => Err(PeError::Header {
            what,
            found: other.into(),
            expected: "a power of two",
        }),
    }
}

/// Little-endian numbers of a file.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn slice(&self, at: usize, length: usize, what: &'static str) -> Result<&'a [u8], PeError> {
        let end = at.saturating_add(length);
        self.0.get(at..end).ok_or(PeError::Beyond {
            what,
            end: end as u64,
            size: self.0.len() as u64,
        })
    }

    fn u16(&self, at: usize, what: &'static str) -> Result<u16, PeError> {
        let bytes = self.slice(at, 2, what)?;
        Ok(u16::from_le_bytes(bytes.try_into().expect("two bytes")))
    }

    fn u32(&self, at: usize, what: &'static str) -> Result<u32, PeError> {
        let bytes = self.slice(at, 4, what)?;
        Ok(u32::from_le_bytes(bytes.try_into().expect("four bytes")))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::program;
    use super::*;

    #[test]
    fn headers_that_end_beyond_the_file_are_an_error() {
        let mut program = program(&[(".text", 0x1000, &[0x90; 700])], b"");
        let size_of_headers = Image::read(&program).expect("valid").optional + 60;
        program[size_of_headers..][..4].copy_from_slice(&0x2000_0000_u32.to_le_bytes());
        let error = Image::read(&program).expect_err("too far").to_string();
        assert!(error.contains("the headers"), "{error}");
    }
}
