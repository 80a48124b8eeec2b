//! What the formats' tests have in common.

use std::io::{Cursor, Read};
use std::num::NonZeroUsize;
use std::path::PathBuf;

use super::{Format, FormatError, Registration, Resources, Tables};
use crate::model::entry::Entry;
use crate::model::package::{Context, Package};
use crate::model::target::Target;
use crate::model::threads::Threads;
use crate::model::tree::Tree;
use crate::program::pe;
pub(crate) use crate::testing::tree::{DATE, file, full_tree, link, package, small_tree, tree};

/// A format with its default table, also where no programs are embedded.
pub(crate) fn make(registration: &Registration) -> Box<dyn Format> {
    let resources = Resources {
        appimage_runtime: Some(runtime().into()),
        setup_stub: Some(stub().into()),
        ..Resources::default()
    };
    (registration.new)(&Tables::default(), &resources)
}

/// The least that an AppImage can begin with: an ELF header, sections for update information
/// and for sums, and the section table.
pub(crate) fn runtime() -> Vec<u8> {
    const NAMES: &[u8] = b"\0.upd_info\0.shstrtab\0.image_sums\0";
    let (information, sums, names) = (64, 64 + 1024, 64 + 1024 + 24);
    let table = names + NAMES.len().next_multiple_of(8);
    let mut elf = vec![0; table];
    // 64 bits, little-endian, ELF version 1; a program for x86_64.
    elf[..7].copy_from_slice(b"\x7fELF\x02\x01\x01");
    elf[16..24].copy_from_slice(&[2, 0, 62, 0, 1, 0, 0, 0]);
    elf[40..48].copy_from_slice(&(table as u64).to_le_bytes());
    // The header's size; no program headers; four sections of 64 bytes, the third of which holds their names.
    elf[52..64].copy_from_slice(&[64, 0, 56, 0, 0, 0, 64, 0, 4, 0, 2, 0]);
    elf[names..][..NAMES.len()].copy_from_slice(NAMES);
    let mut section = |name: u32, kind: u32, offset: usize, size: usize| {
        let mut header = [0; 64];
        header[..4].copy_from_slice(&name.to_le_bytes());
        header[4..8].copy_from_slice(&kind.to_le_bytes());
        header[24..32].copy_from_slice(&(offset as u64).to_le_bytes());
        header[32..40].copy_from_slice(&(size as u64).to_le_bytes());
        elf.extend_from_slice(&header);
    };
    section(0, 0, 0, 0);
    section(1, 1, information, 1024);
    section(11, 3, names, NAMES.len());
    section(21, 1, sums, 24);
    elf
}

/// The least that a setup can begin with, for the first target that setups are for.
pub(crate) fn stub() -> Vec<u8> {
    let mut stub = pe::testing::program(&[(".text", 0x1000, &[0x90; 700])], b"");
    stub[0x84..0x86].copy_from_slice(&0xaa64u16.to_le_bytes());
    stub
}

/// The target of most tests.
pub(super) fn target() -> Target {
    "x86_64-unknown-linux-musl".parse().expect("a known target")
}

/// The target of most tests, or the first one that a format is for.
pub(super) fn target_of(format: &dyn Format) -> Target {
    let mut targets = std::iter::once(target()).chain(Target::all());
    let found = targets.find(|target| format.supports(*target).is_ok());
    found.expect("each format is for some target")
}

/// Writes to memory.
pub(crate) fn write(
    format: &dyn Format,
    package: &Package,
    tree: &Tree,
    threads: usize,
) -> Result<(Vec<u8>, Vec<Entry>), FormatError> {
    write_for(target_of(format), format, package, tree, threads)
}

/// Writes a package for a target.
pub(crate) fn write_for(
    target: Target,
    format: &dyn Format,
    package: &Package,
    tree: &Tree,
    threads: usize,
) -> Result<(Vec<u8>, Vec<Entry>), FormatError> {
    let threads = NonZeroUsize::new(threads).expect("not zero");
    let write = |threads: &Threads, ()| {
        let context = Context {
            target,
            tree,
            date: DATE,
            threads,
        };
        let mut out = Cursor::new(Vec::new());
        let entries = format.write(package, &context, &mut out)?;
        Ok((out.into_inner(), entries))
    };
    Threads::each(threads, vec![()], write).remove(0)
}

/// A file that is removed when the test ends.
pub(crate) struct TempFile(pub(crate) PathBuf);

impl TempFile {
    /// Writes the bytes to a file of this name; a test of the same name would overwrite it.
    pub(crate) fn new(name: &str, bytes: &[u8]) -> Self {
        let path = std::env::temp_dir().join(format!("sealift-{}-{name}", std::process::id()));
        std::fs::write(&path, bytes).expect("the folder for temporary files is writable");
        Self(path)
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        // The test is over either way.
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Reads an artifact from memory: the entries and their contents.
pub(super) fn read(
    registration: &Registration,
    test: &str,
    artifact: &[u8],
) -> Result<Vec<(Entry, Vec<u8>)>, FormatError> {
    let file = TempFile::new(&format!("{}-{test}", registration.name), artifact);
    let mut found = Vec::new();
    (registration.read)(&file.0, &mut |entry, content: &mut dyn Read| {
        let mut bytes = Vec::new();
        content.read_to_end(&mut bytes)?;
        found.push((entry.clone(), bytes));
        Ok(())
    })?;
    Ok(found)
}

/// What is at a path of an artifact.
pub(super) fn content_of(found: &[(Entry, Vec<u8>)], path: &str) -> String {
    let (_, bytes) = found
        .iter()
        .find(|(entry, _)| entry.path == path)
        .unwrap_or_else(|| panic!("no `{path}`"));
    String::from_utf8_lossy(bytes).into_owned()
}
