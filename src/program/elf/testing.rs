//! Programs that ask the loader for something.

/// What a 64-bit little-endian program to make is like. It lacks no protection.
#[derive(Clone)]
pub(crate) struct Shape<'a> {
    pub(crate) machine: u16,
    pub(crate) interpreter: &'a str,
    /// Libraries, each with the versions of symbols that are needed of it.
    pub(crate) needed: &'a [(&'a str, &'a [&'a str])],
    pub(crate) run_path: Option<&'a str>,
    pub(crate) binds_at_start: bool,
}

const HEADER: usize = 64;
const PROGRAM_HEADER: usize = 56;

impl Shape<'_> {
    /// A program for glibc as it should be, for x86_64.
    pub(crate) fn good() -> Self {
        Self {
            machine: 62,
            interpreter: "/lib64/ld-linux-x86-64.so.2",
            needed: &[("libc.so.6", &["GLIBC_2.2.5", "GLIBC_2.28"])],
            run_path: None,
            binds_at_start: true,
        }
    }

    /// Its bytes. Addresses are offsets in the file.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut strings = b"\0".to_vec();
        let mut text = |text: &str| {
            let place = strings.len() as u64;
            strings.extend(text.bytes().chain([0]));
            place
        };
        let (mut dynamic, mut versions) = (Vec::new(), Vec::new());
        for (library, names) in self.needed {
            let file = text(library);
            dynamic.push((1, file));
            let names: Vec<_> = names.iter().map(|name| text(name)).collect();
            if !names.is_empty() {
                versions.push((file, names));
            }
        }
        if let Some(path) = self.run_path {
            dynamic.push((29, text(path)));
        }
        if self.binds_at_start {
            dynamic.push((30, 8));
        }

        let mut file = vec![0; HEADER + 6 * PROGRAM_HEADER];
        let add = |file: &mut Vec<u8>, bytes: &[u8]| {
            file.resize(file.len().next_multiple_of(8), 0);
            let place = (file.len() as u64, bytes.len() as u64);
            file.extend(bytes);
            place
        };
        let interpreter = add(&mut file, format!("{}\0", self.interpreter).as_bytes());
        let note = add(&mut file, &note());
        dynamic.push((5, add(&mut file, &strings).0));
        dynamic.push((0x6fff_fffe, add(&mut file, &version_lists(&versions)).0));
        dynamic.push((0, 0));
        let numbers = dynamic.iter().flat_map(|(tag, value)| [*tag, *value]);
        let dynamic: Vec<_> = numbers.flat_map(u64::to_le_bytes).collect();
        let dynamic = add(&mut file, &dynamic);
        let whole = (0, file.len() as u64);
        let segments = [
            (1, whole),
            (3, interpreter),
            (2, dynamic),
            (4, note),
            (0x6474_e552, dynamic),
            (0x6474_e551, (0, 0)),
        ];
        let headers = self.headers(&segments);
        file[..headers.len()].copy_from_slice(&headers);
        file
    }

    fn headers(&self, segments: &[(u32, (u64, u64))]) -> Vec<u8> {
        let mut header = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
        for number in [3, self.machine, 1, 0] {
            header.extend(number.to_le_bytes());
        }
        for number in [0, HEADER as u64, 0] {
            header.extend(number.to_le_bytes());
        }
        for number in [0u16, 0, 64, 56, segments.len() as u16, 64, 0, 0] {
            header.extend(number.to_le_bytes());
        }
        for (kind, (place, size)) in segments {
            for number in [*kind, 6] {
                header.extend(number.to_le_bytes());
            }
            for number in [*place, *place, *place, *size, *size, 8] {
                header.extend(number.to_le_bytes());
            }
        }
        header
    }
}

/// A build ID: sizes of name and content, type, name, content.
fn note() -> Vec<u8> {
    let mut note = Vec::new();
    for number in [4u32, 4, 3] {
        note.extend(number.to_le_bytes());
    }
    note.extend(b"GNU\0\x12\x34\x56\x78");
    note
}

/// Entries of 16 bytes: each library is followed by its versions.
fn version_lists(libraries: &[(u64, Vec<u64>)]) -> Vec<u8> {
    let mut lists = Vec::new();
    for (index, (file, names)) in libraries.iter().enumerate() {
        let size = 16 * (1 + names.len() as u32);
        let next = if index + 1 < libraries.len() { size } else { 0 };
        for number in [1, names.len() as u16] {
            lists.extend(number.to_le_bytes());
        }
        for number in [*file as u32, 16, next] {
            lists.extend(number.to_le_bytes());
        }
        for (index, name) in names.iter().enumerate() {
            let next = if index + 1 < names.len() { 16 } else { 0 };
            for number in [0, 0, *name as u32, next] {
                lists.extend(number.to_le_bytes());
            }
        }
    }
    lists
}
