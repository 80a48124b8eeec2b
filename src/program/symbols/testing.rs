//! Shared by the tests: a small program of either class with sections of every kind.

/// A section to make.
#[derive(Clone, Copy)]
pub struct Part {
    pub name: &'static str,
    /// `sh_type`.
    kind: u32,
    /// `sh_flags`; 2 marks loaded sections.
    flags: u32,
    /// The names of the sections that `sh_link` and `sh_info` refer to.
    link: &'static str,
    info: &'static str,
    bytes: &'static [u8],
}

const fn part(name: &'static str, kind: u32, flags: u32, bytes: &'static [u8]) -> Part {
    Part {
        name,
        kind,
        flags,
        link: "",
        info: "",
        bytes,
    }
}

const BUILD_ID: &[u8] = b"\x04\0\0\0\x03\0\0\0\x03\0\0\0GNU\0\x01\x02\x03\0";

/// In the order that linkers use.
pub const SECTIONS: &[Part] = &[
    part(".note.gnu.build-id", 7, 2, BUILD_ID),
    Part {
        link: ".dynstr",
        ..part(".dynsym", 11, 2, &[0; 48])
    },
    part(".dynstr", 3, 2, b"\0"),
    part(".text", 1, 6, b"code that is loaded"),
    Part {
        link: ".dynsym",
        info: ".text",
        ..part(".rela.text", 4, 2, &[0; 24])
    },
    part(".bss", 8, 3, &[0; 100]),
    part(".debug_info", 1, 0, b"information"),
    Part {
        link: ".symtab",
        info: ".debug_info",
        ..part(".rela.debug_info", 4, 0, &[0; 24])
    },
    part(".comment", 1, 0x30, b"comment"),
    Part {
        link: ".strtab",
        ..part(".symtab", 2, 0, &[0; 48])
    },
    part(".strtab", 3, 0, b"\0main\0"),
];

/// A program to make.
pub struct Elf<'a> {
    pub bits: u8,
    pub sections: &'a [Part],
}

const BASE: u64 = 0x1000;

impl Elf<'_> {
    /// The usual program.
    pub fn usual(bits: u8) -> Self {
        Self {
            bits,
            sections: SECTIONS,
        }
    }

    /// Its bytes: header, two program headers, sections, names, section headers.
    pub fn bytes(&self) -> Vec<u8> {
        let (header, segment) = if self.bits == 64 { (64, 56) } else { (52, 32) };
        let mut file = vec![0; header + 2 * segment];
        let mut names = vec![0];
        let mut headers = Vec::new();
        self.header(&mut headers, [0; 10]);
        let mut loaded = 0;
        let mut note = (0, 0);
        for part in self.sections {
            file.resize(file.len().next_multiple_of(8), 0);
            let offset = file.len() as u64;
            let size = part.bytes.len() as u64;
            if part.kind != 8 {
                file.extend(part.bytes);
            }
            if part.flags & 2 != 0 {
                loaded = file.len() as u64;
            }
            if part.kind == 7 {
                note = (offset, size);
            }
            let address = if part.flags & 2 != 0 {
                BASE + offset
            } else {
                0
            };
            let (link, info) = (self.number(part.link), self.number(part.info));
            let numbers = [
                names.len() as u64,
                part.kind.into(),
                part.flags.into(),
                address,
                offset,
                size,
                link,
                info,
                8,
                0,
            ];
            self.header(&mut headers, numbers);
            names.extend(part.name.bytes());
            names.push(0);
        }
        let numbers = [
            names.len() as u64,
            3,
            0,
            0,
            file.len() as u64,
            names.len() as u64 + 10,
            0,
            0,
            1,
            0,
        ];
        self.header(&mut headers, numbers);
        names.extend(b".shstrtab\0");
        file.extend(names);
        file.resize(file.len().next_multiple_of(8), 0);
        let sections_at = file.len() as u64;
        file.extend(headers);
        self.start(&mut file, header as u64, sections_at);
        let mut segments = Vec::new();
        self.segment(&mut segments, 1, 0, loaded, loaded + 100);
        self.segment(&mut segments, 4, note.0, note.1, note.1);
        file[header..header + segments.len()].copy_from_slice(&segments);
        file
    }

    fn number(&self, name: &str) -> u64 {
        let found = self.sections.iter().position(|part| part.name == name);
        found.map_or(0, |index| index as u64 + 1)
    }

    fn wide(&self, out: &mut Vec<u8>, number: u64) {
        let bytes = number.to_le_bytes();
        out.extend(&bytes[..usize::from(self.bits) / 8]);
    }

    /// Name, type, flags, address, offset, size, link, info, alignment, entry size.
    fn header(&self, out: &mut Vec<u8>, numbers: [u64; 10]) {
        for (index, number) in numbers.into_iter().enumerate() {
            match index {
                0 | 1 | 6 | 7 => out.extend((number as u32).to_le_bytes()),
                _ => self.wide(out, number),
            }
        }
    }

    fn segment(&self, out: &mut Vec<u8>, kind: u32, offset: u64, size: u64, memory: u64) {
        out.extend(kind.to_le_bytes());
        if self.bits == 64 {
            out.extend(5u32.to_le_bytes());
        }
        for number in [offset, BASE + offset, BASE + offset, size, memory] {
            self.wide(out, number);
        }
        if self.bits == 32 {
            out.extend(5u32.to_le_bytes());
        }
        self.wide(out, 8);
    }

    fn start(&self, file: &mut [u8], segments_at: u64, sections_at: u64) {
        let class = self.bits / 32;
        let mut start = vec![
            0x7f, b'E', b'L', b'F', class, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        ];
        start.extend([2, 0, 62, 0, 1, 0, 0, 0]);
        for number in [BASE, segments_at, sections_at] {
            self.wide(&mut start, number);
        }
        start.extend(0u32.to_le_bytes());
        let (segment, section) = if self.bits == 64 { (56, 64) } else { (32, 40) };
        let count = self.sections.len() as u16 + 2;
        for number in [segments_at as u16, segment, 2, section, count, count - 1] {
            start.extend(number.to_le_bytes());
        }
        file[..start.len()].copy_from_slice(&start);
    }
}
