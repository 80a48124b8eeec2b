//! Shared by the tests of Mach-O programs: small programs, and a signature reader that is written independently of the
//! writer, only from the layout.

use sha2::{Digest, Sha256};

/// `CPU_TYPE_X86_64`.
pub const X86_64: u32 = 0x0100_0007;
/// `CPU_TYPE_ARM64`.
pub const ARM64: u32 = 0x0100_000c;

/// The differences between the program to make and the usual one.
#[derive(Clone, Copy)]
pub struct Shape<'a> {
    /// `cputype`.
    pub cpu: u32,
    /// `filetype`: 2 for a program, 6 for a library.
    pub file_type: u32,
    /// Unused bytes after the load commands.
    pub room: usize,
    /// The content of the section `__DATA,__slstamp`, if there is one.
    pub field: Option<&'a [u8]>,
}

impl Shape<'_> {
    /// The usual program.
    pub fn program(cpu: u32) -> Self {
        Self {
            cpu,
            file_type: 2,
            room: 64,
            field: None,
        }
    }

    /// Its bytes: code of a little more than three pages, optionally the field, and linker tables of 100 bytes.
    pub fn bytes(self) -> Vec<u8> {
        let sections = 1 + usize::from(self.field.is_some());
        let commands = 3 * 72 + sections * 80;
        let code_at = 32 + commands + self.room;
        let code_bytes = 3 * 4096 + 17;
        let data_at = code_at + code_bytes;
        let field = self.field.unwrap_or_default();
        let linkedit_at = data_at + field.len();
        let mut file = Vec::new();
        put(
            &mut file,
            &[
                0xfeed_facf,
                self.cpu,
                0,
                self.file_type,
                3,
                commands as u32,
                0x85,
                0,
            ],
        );
        segment(
            &mut file,
            "__TEXT",
            0,
            data_at,
            &[("__text", code_at, code_bytes)],
        );
        match self.field {
            Some(_) => segment(
                &mut file,
                "__DATA",
                data_at,
                field.len(),
                &[("__slstamp", data_at, field.len())],
            ),
            None => segment(&mut file, "__DATA", 0, 0, &[]),
        }
        segment(&mut file, "__LINKEDIT", linkedit_at, 100, &[]);
        file.resize(code_at, 0);
        file.extend((0..code_bytes).map(|at| (at % 251) as u8 + 1));
        file.extend(field);
        file.extend([0xee; 100]);
        file
    }
}

/// The usual program with a symbol that it binds in both ways that there are.
pub fn with_imports(cpu: u32) -> Vec<u8> {
    let shape = Shape::program(cpu);
    let mut file = shape.bytes();
    let number = |at: usize| u32::from_le_bytes(*file[at..].first_chunk().expect("four bytes"));
    let (count, size) = (number(16), number(20));
    let opcodes = b"\x11\x40_a\0\x90\0";
    let tables = file.len() - 100;
    let mut chain = Vec::new();
    put(&mut chain, &[0, 28, 28, 32, 1, 1, 0, 1 | 1 << 9]);
    chain.extend(b"\0_a\0");
    let mut commands = Vec::new();
    let place = tables as u32;
    put(
        &mut commands,
        &[0x8000_0022, 48, 0, 0, place, opcodes.len() as u32],
    );
    put(&mut commands, &[0; 6]);
    put(
        &mut commands,
        &[0x8000_0034, 16, place + 16, chain.len() as u32],
    );
    assert_eq!(commands.len(), shape.room);
    file[32 + size as usize..][..commands.len()].copy_from_slice(&commands);
    for (at, number) in [(16, count + 2), (20, size + commands.len() as u32)] {
        file[at..at + 4].copy_from_slice(&number.to_le_bytes());
    }
    file[tables..][..opcodes.len()].copy_from_slice(opcodes);
    file[tables + 16..][..chain.len()].copy_from_slice(&chain);
    file
}

fn put(file: &mut Vec<u8>, numbers: &[u32]) {
    file.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
}

fn segment(
    file: &mut Vec<u8>,
    name: &str,
    offset: usize,
    size: usize,
    sections: &[(&str, usize, usize)],
) {
    let padded = |text: &str| {
        let mut bytes = [0; 16];
        bytes[..text.len()].copy_from_slice(text.as_bytes());
        bytes
    };
    put(file, &[0x19, 72 + 80 * sections.len() as u32]);
    file.extend(padded(name));
    for number in [
        0x1_0000_0000 + offset as u64,
        size as u64,
        offset as u64,
        size as u64,
    ] {
        file.extend(number.to_le_bytes());
    }
    put(file, &[5, 5, sections.len() as u32, 0]);
    for (section, offset, size) in sections {
        file.extend(padded(section));
        file.extend(padded(name));
        file.extend(
            [*offset as u64, *size as u64]
                .iter()
                .flat_map(|number| number.to_le_bytes()),
        );
        put(file, &[*offset as u32, 0, 0, 0, 0, 0, 0, 0]);
    }
}

/// The content of a signature whose hashes have all been verified.
#[derive(Debug, PartialEq, Eq)]
pub struct Seen {
    pub identifier: String,
    pub flags: u32,
    pub exec_segment: (u64, u64, u64),
    pub offset: usize,
}

/// Reads the signature of a program for one machine, recomputes every hash in it, and checks all sizes.
pub fn verify(program: &[u8]) -> Seen {
    let le = |at: usize| {
        u32::from_le_bytes(program[at..at + 4].try_into().expect("four bytes")) as usize
    };
    let le64 = |at: usize| u64::from_le_bytes(program[at..at + 8].try_into().expect("eight bytes"));
    let (mut signatures, mut linkedit) = (Vec::new(), None);
    let mut at = 32;
    for _ in 0..le(16) {
        match le(at) {
            0x1d => signatures.push((le(at + 8), le(at + 12))),
            0x19 if program[at + 8..].starts_with(b"__LINKEDIT\0") => {
                linkedit = Some((le64(at + 32), le64(at + 40), le64(at + 48)));
            }
            _ => {}
        }
        at += le(at + 4);
    }
    assert_eq!(
        at,
        32 + le(20),
        "the commands are as large as the header says"
    );
    let [(offset, size)] = signatures[..] else {
        panic!("{signatures:?}")
    };
    let (memory, linkedit_at, linkedit_size) = linkedit.expect("a segment `__LINKEDIT`");
    assert_eq!(
        (offset % 16, size % 16, offset + size),
        (0, 0, program.len())
    );
    assert_eq!(linkedit_at + linkedit_size, program.len() as u64);
    assert!(memory >= linkedit_size && memory % 4096 == 0, "{memory}");
    verify_directory(&program[..offset], &program[offset..])
}

fn verify_directory(code: &[u8], signature: &[u8]) -> Seen {
    let be = |at: usize| u32::from_be_bytes(signature[at..at + 4].try_into().expect("four bytes"));
    let be64 = |at: usize| u64::from(be(at)) << 32 | u64::from(be(at + 4));
    assert_eq!([be(0), be(8), be(12)], [0xfade_0cc0, 1, 0]);
    let length = be(4) as usize;
    assert!(length <= signature.len() && signature[length..].iter().all(|byte| *byte == 0));
    let cd = be(16) as usize;
    assert_eq!([be(cd), be(cd + 8)], [0xfade_0c02, 0x20400]);
    assert_eq!(
        cd + be(cd + 4) as usize,
        length,
        "the directory is the last blob"
    );
    assert_eq!(be(cd + 24), 0, "no special slots");
    assert_eq!(
        be(cd + 32) as usize,
        code.len(),
        "all up to the signature is signed"
    );
    assert_eq!(signature[cd + 36..cd + 39], [32, 2, 0], "SHA-256");
    let page = 1 << signature[cd + 39];
    let hashes = &signature[cd + be(cd + 16) as usize..length];
    assert_eq!(be(cd + 28) as usize * 32, hashes.len());
    let mut expected = Vec::new();
    let mut start = 0;
    while start < code.len() {
        let end = (start + page).min(code.len());
        let mut hasher = Sha256::new();
        hasher.update(&code[start..end]);
        expected.extend(hasher.finalize());
        start = end;
    }
    assert!(expected == hashes, "a page has another hash");
    let name = &signature[cd + be(cd + 20) as usize..];
    let name = name.split(|byte| *byte == 0).next().expect("it ends");
    Seen {
        identifier: String::from_utf8(name.to_vec()).expect("UTF-8"),
        flags: be(cd + 12),
        exec_segment: (be64(cd + 64), be64(cd + 72), be64(cd + 80)),
        offset: code.len(),
    }
}
