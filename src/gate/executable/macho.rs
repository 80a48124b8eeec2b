//! macOS programs (`mach-o/loader.h`, `mach-o/fat.h`).

use std::collections::BTreeSet;

use object::Endianness;
use object::macho::{
    LC_CODE_SIGNATURE, LC_VERSION_MIN_MACOSX, MH_ALLOW_STACK_EXECUTION, MH_EXECUTE, MH_PIE,
    MachHeader32, MachHeader64, PLATFORM_MACOS,
};
use object::read::macho::{LoadCommandData, LoadCommandVariant, MachHeader};

use super::signature::{self, Signature};
use crate::program::macho::{Import, MachError, imports, slices};

/// The properties of a program for one processor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::gate) struct Facts {
    /// `cputype`.
    pub(in crate::gate) cpu: u32,
    /// Whether it is executable, unlike a library.
    pub(in crate::gate) is_executable: bool,
    /// The libraries that it needs.
    pub(in crate::gate) libraries: Vec<String>,
    /// The run paths for libraries.
    pub(in crate::gate) run_paths: Vec<String>,
    /// The minimum macOS version: major, minor and patch number.
    pub(in crate::gate) minimum: Option<[u16; 3]>,
    /// Whether it can be loaded anywhere in memory.
    pub(in crate::gate) position_independent: bool,
    /// Whether the stack is executable.
    pub(in crate::gate) executable_stack: bool,
    /// Whether it has a build ID.
    pub(in crate::gate) has_uuid: bool,
    /// The symbols that it binds.
    pub(in crate::gate) imports: BTreeSet<Import>,
    /// The validity of its signature.
    pub(in crate::gate) signature: Signature,
}

/// A program that could not be read.
#[derive(Debug, thiserror::Error)]
pub(in crate::gate) enum Malformed {
    /// The parts of a universal program.
    #[error("the list of its parts is damaged")]
    Parts(#[from] MachError),
    /// The symbols that it binds.
    #[error("its table of imports is damaged")]
    Imports(#[source] MachError),
    /// The load commands.
    #[error("its load commands are damaged")]
    Commands(#[from] object::Error),
}

/// Reads a program: one part, or those of a universal program in their order.
pub(in crate::gate) fn facts(bytes: &[u8]) -> Result<Vec<Facts>, Malformed> {
    let parts = slices(bytes)?.into_iter();
    parts.map(|part| facts_of_part(&bytes[part])).collect()
}

fn facts_of_part(bytes: &[u8]) -> Result<Facts, Malformed> {
    match object::FileKind::parse(bytes)? {
        object::FileKind::MachO32 => Ok(facts_of::<MachHeader32<Endianness>>(bytes)?),
        _ => Ok(Facts {
            imports: imports(bytes).map_err(Malformed::Imports)?,
            ..facts_of::<MachHeader64<Endianness>>(bytes)?
        }),
    }
}

fn facts_of<Mach: MachHeader<Endian = Endianness>>(bytes: &[u8]) -> object::Result<Facts> {
    let header = Mach::parse(bytes, 0)?;
    let endian = header.endian()?;
    let flags = header.flags(endian).0;
    let mut facts = Facts {
        cpu: header.cputype(endian).0,
        is_executable: header.filetype(endian) == MH_EXECUTE,
        libraries: Vec::new(),
        run_paths: Vec::new(),
        minimum: None,
        position_independent: flags & MH_PIE.0 != 0,
        executable_stack: flags & MH_ALLOW_STACK_EXECUTION.0 != 0,
        has_uuid: false,
        imports: BTreeSet::new(),
        signature: Signature::None,
    };
    let mut commands = header.load_commands(endian, bytes, 0)?;
    while let Some(command) = commands.next()? {
        facts.add(command, endian, bytes)?;
    }
    Ok(facts)
}

impl Facts {
    fn add(
        &mut self,
        command: LoadCommandData<'_, Endianness>,
        endian: Endianness,
        bytes: &[u8],
    ) -> object::Result<()> {
        let text = |place| {
            let text = command.string(endian, place);
            text.map(|bytes| String::from_utf8_lossy(bytes).into_owned())
        };
        match command.variant()? {
            LoadCommandVariant::Dylib(dylib) => self.libraries.push(text(dylib.dylib.name)?),
            LoadCommandVariant::Rpath(path) => self.run_paths.push(text(path.path)?),
            LoadCommandVariant::Uuid(_) => self.has_uuid = true,
            LoadCommandVariant::BuildVersion(version, _)
                if version.platform.get(endian) == PLATFORM_MACOS =>
            {
                self.minimum = Some(version_of(version.minos.get(endian).0));
            }
            LoadCommandVariant::VersionMin(version) if command.cmd() == LC_VERSION_MIN_MACOSX => {
                self.minimum = Some(version_of(version.version.get(endian).0));
            }
            LoadCommandVariant::LinkeditData(data) if command.cmd() == LC_CODE_SIGNATURE => {
                let (offset, size) = (data.dataoff.get(endian), data.datasize.get(endian));
                self.signature = signature::judge(bytes, offset as usize, size as usize);
            }
            _ => {}
        }
        Ok(())
    }
}

/// The parts of a program, each with the words that identify it if there are several.
pub(in crate::gate) fn named(parts: &[Facts]) -> impl Iterator<Item = (String, &Facts)> {
    let many = parts.len() > 1;
    parts.iter().map(move |part| match many {
        true => (format!("for processor type {:#x}, ", part.cpu), part),
        false => (String::new(), part),
    })
}

/// A version in 16, 8 and 8 bits of a number.
fn version_of(number: u32) -> [u16; 3] {
    let [major_high, major_low, minor, patch] = number.to_be_bytes();
    let major = u16::from_be_bytes([major_high, major_low]);
    [major, minor.into(), patch.into()]
}
