//! The layout of a program for one machine, as far as a signature needs it (`mach-o/loader.h`).

use object::Endianness;
use object::macho::{
    CPU_TYPE_ARM64, CPU_TYPE_X86_64, CpuSubtype, CpuType, FAT_MAGIC, FAT_MAGIC_64,
    LC_CODE_SIGNATURE, MH_EXECUTE, MH_MAGIC_64, MachHeader64, Section64, SegmentCommand64,
};
use object::read::macho::{LoadCommandVariant, MachHeader, Section as _, Segment as _};

use super::MachError;

/// The size of `mach_header_64`.
pub(super) const HEADER_BYTES: u64 = 32;

/// A segment's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Where its load command starts.
    pub(super) command: usize,
    /// Where its bytes are in the file.
    pub offset: u64,
    /// How many bytes of the file it covers.
    pub size: u64,
    /// Where it is in memory.
    pub address: u64,
}

/// A program for one machine: 64-bit, little-endian, linked.
#[derive(Debug)]
pub struct Thin {
    /// The machine.
    pub cpu: CpuType,
    /// What the program wants of the machine, as its header says it.
    pub cpu_subtype: CpuSubtype,
    /// Whether it is executable, unlike a library.
    pub is_executable: bool,
    /// The segment with the code.
    pub text: Segment,
    /// The segment with the linker's tables, and the signature at its end.
    pub linkedit: Segment,
    /// Where the load command of the signature starts, if there is one.
    pub(super) signature_command: Option<usize>,
    /// The signature's offset and size.
    pub signature: Option<(u64, u64)>,
    /// Where the load commands end.
    pub(super) commands_end: u64,
    /// Where the first content after the load commands starts.
    pub(super) content: u64,
    sections: Vec<Section>,
}

/// A section with bytes in the file.
#[derive(Debug)]
struct Section {
    segment: [u8; 16],
    name: [u8; 16],
    offset: u64,
    size: u64,
}

impl Thin {
    /// Reads the layout of a program.
    pub fn read(bytes: &[u8]) -> Result<Self, MachError> {
        let header = header_of(bytes)?;
        let endian = Endianness::Little;
        let mut found = Found::default();
        let mut commands = header.load_commands(endian, bytes, 0)?;
        while let Some(command) = commands.next()? {
            let at = command.offset() as usize;
            match command.variant()? {
                LoadCommandVariant::Segment64(segment, sections) => {
                    found.segment(at, segment, segment.sections(endian, sections)?, bytes)?;
                }
                LoadCommandVariant::LinkeditData(data) if command.cmd() == LC_CODE_SIGNATURE => {
                    let place = (data.dataoff.get(endian), data.datasize.get(endian));
                    found.signature = Some((at, u64::from(place.0), u64::from(place.1)));
                }
                _ => {}
            }
        }
        let missing = |name| MachError::NoSegment { name };
        let linkedit = found.linkedit.ok_or(missing("__LINKEDIT"))?;
        found.check_last(linkedit, bytes.len() as u64)?;
        let commands_end = HEADER_BYTES + u64::from(header.sizeofcmds.get(endian));
        Ok(Self {
            cpu: header.cputype.get(endian),
            cpu_subtype: header.cpusubtype.get(endian),
            is_executable: header.filetype.get(endian) == MH_EXECUTE,
            text: found.text.ok_or(missing("__TEXT"))?,
            linkedit,
            signature_command: found.signature.map(|(command, _, _)| command),
            signature: found.signature.map(|(_, offset, size)| (offset, size)),
            commands_end,
            content: found.content.unwrap_or(linkedit.offset),
            sections: found.sections,
        })
    }

    /// The machine's name in `lipo` and in target names.
    pub fn machine(&self) -> &'static str {
        match self.cpu {
            CPU_TYPE_ARM64 => "arm64",
            _ => "x86_64",
        }
    }

    /// Offset and size of all sections with that name, in the order of the load commands.
    pub fn sections_named(&self, segment: &str, section: &str) -> Vec<(usize, usize)> {
        let is = |padded: &[u8; 16], name: &str| {
            padded.split(|byte| *byte == 0).next() == Some(name.as_bytes())
        };
        self.sections
            .iter()
            .filter(|found| is(&found.segment, segment) && is(&found.name, section))
            .map(|found| (found.offset as usize, found.size as usize))
            .collect()
    }
}

/// The header of a program for a machine that Sealift supports.
fn header_of(bytes: &[u8]) -> Result<&MachHeader64<Endianness>, MachError> {
    let magic = bytes.first_chunk::<4>().ok_or(MachError::NotMachO)?;
    match (u32::from_le_bytes(*magic), u32::from_be_bytes(*magic)) {
        (MH_MAGIC_64, _) => {}
        (_, FAT_MAGIC | FAT_MAGIC_64) => return Err(MachError::Universal),
        _ => return Err(MachError::NotMachO),
    }
    let header = MachHeader64::<Endianness>::parse(bytes, 0)?;
    match header.cputype.get(Endianness::Little) {
        CPU_TYPE_X86_64 | CPU_TYPE_ARM64 => Ok(header),
        other => Err(MachError::Cpu { found: other.0 }),
    }
}

/// What has been found in the load commands so far.
#[derive(Default)]
struct Found {
    text: Option<Segment>,
    linkedit: Option<Segment>,
    signature: Option<(usize, u64, u64)>,
    content: Option<u64>,
    last_address: u64,
    sections: Vec<Section>,
}

impl Found {
    fn segment(
        &mut self,
        command: usize,
        segment: &SegmentCommand64<Endianness>,
        sections: &[Section64<Endianness>],
        bytes: &[u8],
    ) -> Result<(), MachError> {
        let endian = Endianness::Little;
        let (offset, size) = segment.file_range(endian);
        within("a segment", offset, size, bytes)?;
        let address = segment.vmaddr.get(endian);
        self.last_address = self.last_address.max(address);
        let place = Segment {
            command,
            offset,
            size,
            address,
        };
        match segment.name() {
            b"__TEXT" => self.text = Some(place),
            b"__LINKEDIT" => self.linkedit = Some(place),
            _ => {}
        }
        if offset > 0 && size > 0 {
            self.starts(offset);
        }
        for section in sections {
            // Zero-filled sections take no space in the file.
            let Some(size) = section.file_size(endian).filter(|size| *size > 0) else {
                continue;
            };
            let offset = u64::from(section.offset.get(endian));
            within("a section", offset, size, bytes)?;
            self.starts(offset);
            self.sections.push(Section {
                segment: section.segname,
                name: section.sectname,
                offset,
                size,
            });
        }
        Ok(())
    }

    fn starts(&mut self, offset: u64) {
        self.content = Some(self.content.map_or(offset, |first| first.min(offset)));
    }

    /// A signature extends the last segment, in the file and in memory.
    fn check_last(&self, linkedit: Segment, size: u64) -> Result<(), MachError> {
        let end = linkedit.offset + linkedit.size;
        if end != size || linkedit.address < self.last_address {
            return Err(MachError::LinkeditNotLast { end, size });
        }
        match self.signature {
            Some((_, offset, length)) if offset < linkedit.offset || offset + length != size => {
                Err(MachError::SignatureNotLast {
                    end: offset + length,
                    size,
                })
            }
            _ => Ok(()),
        }
    }
}

fn within(what: &'static str, offset: u64, length: u64, bytes: &[u8]) -> Result<(), MachError> {
    let size = bytes.len() as u64;
    match offset.saturating_add(length) {
        end if end > size => Err(MachError::Beyond { what, end, size }),
        _ => Ok(()),
    }
}
