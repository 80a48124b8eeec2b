//! Windows programs (Microsoft PE and COFF specification).

use object::LittleEndian as LE;
use object::Object;
use object::pe::{
    IMAGE_DLLCHARACTERISTICS_DYNAMIC_BASE, IMAGE_DLLCHARACTERISTICS_HIGH_ENTROPY_VA,
    IMAGE_DLLCHARACTERISTICS_NX_COMPAT, IMAGE_FILE_RELOCS_STRIPPED, ImageNtHeaders32,
    ImageNtHeaders64,
};
use object::read::pe::{ImageNtHeaders, ImageOptionalHeader, PeFile};

/// The properties of a Windows program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::gate) struct Facts {
    /// `Machine` of the COFF header.
    pub(in crate::gate) machine: u16,
    /// The libraries that it needs, at start or later.
    pub(in crate::gate) libraries: Vec<String>,
    /// Whether it can be loaded anywhere in memory.
    pub(in crate::gate) position_independent: bool,
    /// Whether "anywhere" includes all of a 64-bit address space.
    pub(in crate::gate) high_entropy: bool,
    /// Whether data memory is not executable.
    pub(in crate::gate) no_execute: bool,
    /// Whether a debug directory contains a CodeView record.
    pub(in crate::gate) has_build_id: bool,
}

/// Whether a file is a Windows program rather than a DOS program.
pub(in crate::gate) fn is_pe(bytes: &[u8]) -> bool {
    let header = bytes.get(0x3c..).and_then(|rest| rest.first_chunk::<4>());
    let place = header.map(|bytes| u32::from_le_bytes(*bytes) as usize);
    bytes.starts_with(b"MZ")
        && place
            .and_then(|place| bytes.get(place..))
            .is_some_and(|rest| rest.starts_with(b"PE\0\0"))
}

/// Reads a program of either class.
pub(in crate::gate) fn facts(bytes: &[u8]) -> object::Result<Facts> {
    match object::read::pe::optional_header_magic(bytes)? {
        object::pe::IMAGE_NT_OPTIONAL_HDR32_MAGIC => facts_of::<ImageNtHeaders32>(bytes),
        _ => facts_of::<ImageNtHeaders64>(bytes),
    }
}

fn facts_of<Pe: ImageNtHeaders>(bytes: &[u8]) -> object::Result<Facts> {
    let file = PeFile::<Pe>::parse(bytes)?;
    let headers = file.nt_headers();
    let flags = headers.optional_header().dll_characteristics();
    let has = |flag: object::pe::DllFlags| flags.0 & flag.0 != 0;
    let file_flags = headers.file_header().characteristics.get(LE);
    let is_movable = file_flags.0 & IMAGE_FILE_RELOCS_STRIPPED.0 == 0;
    Ok(Facts {
        machine: headers.file_header().machine.get(LE).0,
        libraries: libraries_of(&file)?,
        position_independent: is_movable && has(IMAGE_DLLCHARACTERISTICS_DYNAMIC_BASE),
        high_entropy: has(IMAGE_DLLCHARACTERISTICS_HIGH_ENTROPY_VA) || !headers.is_type_64(),
        no_execute: has(IMAGE_DLLCHARACTERISTICS_NX_COMPAT),
        has_build_id: file.pdb_info()?.is_some(),
    })
}

fn libraries_of<Pe: ImageNtHeaders>(file: &PeFile<'_, Pe>) -> object::Result<Vec<String>> {
    let mut libraries = Vec::new();
    let mut add = |name: &[u8]| libraries.push(String::from_utf8_lossy(name).into_owned());
    if let Some(table) = file.import_table()? {
        let mut descriptors = table.descriptors()?;
        while let Some(descriptor) = descriptors.next()? {
            add(table.name(descriptor.name.get(LE))?);
        }
    }
    if let Some(table) = file.delay_load_import_table()? {
        let mut descriptors = table.descriptors()?;
        while let Some(descriptor) = descriptors.next()? {
            add(table.name(descriptor.dll_name_rva.get(LE))?);
        }
    }
    Ok(libraries)
}
