//! Universal programs: one file with the program of each machine (`mach-o/fat.h`).

use std::io::Write;
use std::ops::Range;
use std::path::{Path, PathBuf};

use object::macho::{
    FAT_MAGIC, FAT_MAGIC_64, FatArch32, FatArch64, FatHeader, MH_MAGIC, MH_MAGIC_64,
};
use object::pod::bytes_of;
use object::read::macho::{FatArch, MachOFatFile};

use super::signature::{CODE_HASH_BYTES, code_hash, is_sealed, mark_as_linker_s};
use super::{MachError, Thin, sign};

use crate::output::path_error::PathError;
use crate::output::{AtomicFile, OutputError};
use crate::program::file::Program;

/// Why programs could not be merged.
#[derive(Debug, thiserror::Error)]
pub enum UniversalError {
    /// A program could not be read.
    #[error(transparent)]
    Read(#[from] PathError),
    /// A program cannot be part of a universal one.
    #[error("cannot merge `{}`", path.display())]
    Program {
        /// The program.
        path: PathBuf,
        /// What is wrong with it.
        source: MachError,
    },
    /// Two programs are for the same machine.
    #[error("`{}` and `{}` are both for {machine}; expected one program for each machine", first.display(), second.display())]
    Duplicate {
        /// The first.
        first: PathBuf,
        /// The second.
        second: PathBuf,
        /// The machine.
        machine: &'static str,
    },
    /// The result could not be written.
    #[error(transparent)]
    Output(#[from] OutputError),
}

/// Merges programs for one machine each into a universal one, each signed ad hoc under the file name of `out`. The order
/// of the programs does not matter.
pub fn universal(programs: &[PathBuf], out: &Path) -> Result<(), UniversalError> {
    let name = file_name(out);
    let mut known: Vec<(&'static str, &Path)> = Vec::new();
    let mut signed = Vec::new();
    for path in programs {
        let fail = |source| UniversalError::Program {
            path: path.clone(),
            source,
        };
        let bytes = Program::read(path)?.bytes;
        let machine = Thin::read(&bytes).map_err(fail)?.machine();
        if let Some((_, first)) = known.iter().find(|(other, _)| *other == machine) {
            let (first, second) = (first.to_path_buf(), path.clone());
            return Err(UniversalError::Duplicate {
                first,
                second,
                machine,
            });
        }
        known.push((machine, path));
        signed.push(sign(bytes, &name).map_err(fail)?);
    }
    let fail = |source| UniversalError::Program {
        path: out.to_owned(),
        source,
    };
    let bytes = merge(&signed).map_err(fail)?;
    write(&bytes, out)
}

fn write(bytes: &[u8], out: &Path) -> Result<(), UniversalError> {
    let mut file = AtomicFile::create(out, 0o755)?;
    file.write_all(bytes).map_err(|source| OutputError::Write {
        path: out.to_owned(),
        source,
    })?;
    Ok(file.commit()?)
}

/// The last part of a path: what a program is called in its signature.
pub fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// Whether a file starts as a Mach-O program does, of one machine or of several.
pub fn is_macho(bytes: &[u8]) -> bool {
    let Some(magic) = bytes.first_chunk::<4>() else {
        return false;
    };
    // A universal file's magic number is that of Java classes, too, whose next number is a version beyond any count.
    let count = bytes.get(4..8).map_or(u32::MAX, |count| {
        u32::from_be_bytes(count.try_into().expect("four bytes"))
    });
    match (u32::from_le_bytes(*magic), u32::from_be_bytes(*magic)) {
        (MH_MAGIC | MH_MAGIC_64, _) => true,
        (_, FAT_MAGIC | FAT_MAGIC_64) => (1..40).contains(&count),
        _ => false,
    }
}

/// Merges programs into a universal one; whatever their order, arm64 is the last.
///
/// Each starts at a page of arm64, the largest that there is.
///
/// # Errors
///
/// If one is no program for a single machine, or if they do not fit into 4 GiB.
pub fn merge(programs: &[Vec<u8>]) -> Result<Vec<u8>, MachError> {
    const ALIGN: u32 = 14;
    let mut machines = Vec::new();
    for program in programs {
        machines.push((Thin::read(program)?, program));
    }
    machines.sort_by_key(|(thin, _)| thin.cpu.0);
    let number = |size: usize| {
        let too_large = MachError::TooLarge { size: size as u64 };
        u32::try_from(size).map_err(|_| too_large)
    };
    let mut offset = size_of::<FatHeader>() + size_of::<FatArch32>() * machines.len();
    let header = FatHeader {
        magic: FAT_MAGIC.into(),
        nfat_arch: number(machines.len())?.into(),
    };
    let mut bytes = bytes_of(&header).to_vec();
    for (thin, program) in &machines {
        offset = offset.next_multiple_of(1 << ALIGN);
        bytes.extend_from_slice(bytes_of(&FatArch32 {
            cputype: thin.cpu.into(),
            cpusubtype: thin.cpu_subtype.into(),
            offset: number(offset)?.into(),
            size: number(program.len())?.into(),
            align: ALIGN.into(),
        }));
        offset += program.len();
    }
    for (_, program) in &machines {
        bytes.resize(bytes.len().next_multiple_of(1 << ALIGN), 0);
        bytes.extend_from_slice(program);
    }
    Ok(bytes)
}

/// Where the program of each machine is in a file; the whole file where it is for one.
pub fn slices(bytes: &[u8]) -> Result<Vec<Range<usize>>, MachError> {
    let magic = bytes.first_chunk::<4>().ok_or(MachError::NotMachO)?;
    match u32::from_be_bytes(*magic) {
        FAT_MAGIC => slices_of::<FatArch32>(bytes),
        FAT_MAGIC_64 => slices_of::<FatArch64>(bytes),
        _ => Ok(std::iter::once(0..bytes.len()).collect()),
    }
}

fn slices_of<Fat: FatArch>(bytes: &[u8]) -> Result<Vec<Range<usize>>, MachError> {
    let file = MachOFatFile::<Fat>::parse(bytes)?;
    if file.arches().is_empty() {
        return Err(MachError::NotMachO);
    }
    let mut slices = Vec::new();
    for arch in file.arches() {
        let (offset, size) = arch.file_range();
        let (end, file) = (offset.saturating_add(size), bytes.len() as u64);
        if end > file {
            return Err(MachError::Beyond {
                what: "a slice",
                end,
                size: file,
            });
        }
        slices.push(offset as usize..end as usize);
    }
    Ok(slices)
}

/// The hashes by which macOS knows the signed program of each machine; those without a signature have none.
pub fn code_hashes(bytes: &[u8]) -> Result<Vec<[u8; CODE_HASH_BYTES]>, MachError> {
    let mut hashes = Vec::new();
    for slice in slices(bytes)? {
        let program = &bytes[slice];
        if let Some((offset, _)) = Thin::read(program)?.signature {
            hashes.extend(code_hash(&program[offset as usize..]));
        }
    }
    Ok(hashes)
}

/// What a program that was signed with a bundle may have been before, signed by itself under the file's name: with the
/// mark of a linker or without, for each machine. Nothing if it was not signed with a bundle.
pub fn unsealed(bytes: &[u8], name: &str) -> Result<Vec<Vec<u8>>, MachError> {
    /// No universal program has more.
    const MOST: usize = 2;
    let slices = slices(bytes)?;
    let mut sealed = 0;
    for slice in slices.iter().cloned() {
        let program = &bytes[slice];
        if let Some((offset, _)) = Thin::read(program)?.signature {
            sealed += usize::from(is_sealed(&program[offset as usize..])?);
        }
    }
    if sealed == 0 || sealed != slices.len() || sealed > MOST {
        return Ok(Vec::new());
    }
    let variants = (0..1 << sealed).map(|marks: usize| {
        let mut index = 0;
        map_slices(bytes, |slice| {
            let mut program = sign(slice, name)?;
            if let Some((offset, _)) = Thin::read(&program)?.signature
                && marks >> index & 1 == 1
            {
                mark_as_linker_s(&mut program[offset as usize..]);
            }
            index += 1;
            Ok::<_, MachError>(program)
        })
    });
    variants.collect()
}

/// Changes the program of each machine in a file, and puts the file together again.
pub fn map_slices<E: From<MachError>>(
    bytes: &[u8],
    mut change: impl FnMut(Vec<u8>) -> Result<Vec<u8>, E>,
) -> Result<Vec<u8>, E> {
    let mut changed = Vec::new();
    for slice in slices(bytes)? {
        changed.push(change(bytes[slice].to_vec())?);
    }
    match Thin::read(bytes) {
        Err(MachError::Universal) => Ok(merge(&changed)?),
        _ => Ok(changed.pop().expect("a file for one machine is one slice")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::macho::testing::{ARM64, Shape, X86_64, verify};
    use crate::program::macho::{Seal, sign_bundle};

    /// A directory with a program for each machine.
    fn directory() -> tempfile::TempDir {
        let directory = tempfile::tempdir().expect("a directory");
        for (name, cpu) in [("intel", X86_64), ("arm", ARM64)] {
            std::fs::write(directory.path().join(name), Shape::program(cpu).bytes())
                .expect("writable");
        }
        directory
    }

    fn merged(directory: &Path, names: &[&str]) -> Result<Vec<u8>, UniversalError> {
        let paths: Vec<_> = names.iter().map(|name| directory.join(name)).collect();
        universal(&paths, &directory.join("hello"))?;
        Ok(std::fs::read(directory.join("hello")).expect("it was written"))
    }

    fn error_of(directory: &Path, names: &[&str]) -> String {
        let error = merged(directory, names).expect_err("they cannot be merged");
        assert!(!directory.join("hello").exists());
        let source = std::error::Error::source(&error).map(|source| format!(": {source}"));
        let message = format!("{error}{}", source.unwrap_or_default());
        message.replace(&format!("{}/", directory.display()), "")
    }

    #[test]
    fn a_sealed_program_is_known_by_what_it_was_before() {
        let intel = sign(Shape::program(X86_64).bytes(), "hello").expect("signed");
        let mut arm = sign(Shape::program(ARM64).bytes(), "hello").expect("signed");
        let signature = verify(&arm).offset;
        mark_as_linker_s(&mut arm[signature..]);
        let both = merge(&[intel.clone(), arm.clone()]).expect("merged");
        for program in [intel, arm, both] {
            assert_eq!(unsealed(&program, "hello").expect("valid"), [[0; 0]; 0]);
            let seal = Seal {
                info: b"info",
                resources: b"resources",
            };
            let sealed = map_slices(&program, |slice| sign_bundle(slice, "org.example", seal));
            let sealed: Result<_, MachError> = sealed;
            let sealed = sealed.expect("it can be signed");
            assert!(sealed != program);
            let before = unsealed(&sealed, "hello").expect("valid");
            assert!(before.contains(&program));
            assert!(
                !unsealed(&sealed, "other")
                    .expect("valid")
                    .contains(&program)
            );
        }
    }

    #[test]
    fn a_universal_program_holds_each_machine_s_with_a_valid_signature() {
        let directory = directory();
        let program = merged(directory.path(), &["intel", "arm"]).expect("merged");
        assert!(is_macho(&program));
        let slices = slices(&program).expect("valid");
        let cpus: Vec<_> = slices
            .iter()
            .map(|slice| Thin::read(&program[slice.clone()]).expect("valid").cpu.0)
            .collect();
        assert_eq!(cpus, [X86_64, ARM64]);
        let number = |at: usize| {
            let bytes = program[at..][..4].try_into().expect("four bytes");
            u32::from_be_bytes(bytes)
        };
        assert_eq!([number(0), number(4)], [0xcafe_babe, 2]);
        // What Apple's header says of each: processor, its kind, place, size, and the place's power of two.
        for (index, slice) in slices.iter().enumerate() {
            let subtype = Thin::read(&program[slice.clone()])
                .expect("valid")
                .cpu_subtype
                .0;
            let place = [slice.start as u32, slice.len() as u32];
            let expected = [cpus[index], subtype, place[0], place[1], 14];
            let found = [0, 4, 8, 12, 16].map(|field| number(8 + 20 * index + field));
            assert_eq!(found, expected);
        }
        for slice in slices {
            assert_eq!(slice.start % 0x4000, 0);
            assert_eq!(verify(&program[slice]).identifier, "hello");
        }
    }

    #[test]
    fn the_order_of_the_programs_does_not_matter() {
        let directory = directory();
        let one = merged(directory.path(), &["intel", "arm"]).expect("merged");
        assert!(merged(directory.path(), &["arm", "intel"]).expect("merged") == one);
    }

    #[test]
    fn all_slices_are_changed_and_put_together_again() {
        let directory = directory();
        let program = merged(directory.path(), &["intel", "arm"]).expect("merged");
        let same = map_slices(&program, |slice| sign(slice, "hello")).expect("signed");
        assert!(same == program);
        let renamed = map_slices(&program, |slice| sign(slice, "world")).expect("signed");
        for slice in slices(&renamed).expect("valid") {
            assert_eq!(verify(&renamed[slice]).identifier, "world");
        }
        let thin = Shape::program(ARM64).bytes();
        assert!(map_slices(&thin, Ok::<_, MachError>).expect("unchanged") == thin);
    }

    #[test]
    fn two_programs_for_one_machine_are_refused_by_name() {
        let directory = directory();
        std::fs::copy(directory.path().join("arm"), directory.path().join("arm2"))
            .expect("writable");
        let expected = "`arm` and `arm2` are both for arm64; expected one program for each machine";
        assert_eq!(
            error_of(directory.path(), &["arm", "intel", "arm2"]),
            expected
        );
    }

    #[test]
    fn what_is_no_program_for_one_machine_is_refused_by_name() {
        let directory = directory();
        let write = |name: &str, bytes: &[u8]| {
            std::fs::write(directory.path().join(name), bytes).expect("writable");
        };
        write("text", b"#!/bin/sh\n");
        write("windows", b"MZ\x90\0");
        write("powerpc", &Shape::program(0x0100_0012).bytes());
        let both = [
            Shape::program(X86_64).bytes(),
            Shape::program(ARM64).bytes(),
        ];
        write("both", &merge(&both).expect("merged"));
        for (name, message) in [
            ("text", "not a Mach-O program"),
            ("windows", "not a Mach-O program"),
            (
                "both",
                "a universal program; expected one for a single machine",
            ),
            (
                "powerpc",
                "CPU type 0x1000012; expected 0x1000007 (x86_64) or 0x100000c (arm64)",
            ),
        ] {
            let expected = format!("cannot merge `{name}`: {message}");
            assert_eq!(error_of(directory.path(), &["intel", name]), expected);
        }
        let message = error_of(directory.path(), &["nowhere"]);
        assert!(
            message.starts_with("cannot read `nowhere`: No such file"),
            "{message}"
        );
    }

    #[test]
    fn a_slice_beyond_the_file_is_refused() {
        let both = [
            Shape::program(X86_64).bytes(),
            Shape::program(ARM64).bytes(),
        ];
        let mut program = merge(&both).expect("merged");
        program.truncate(program.len() - 1);
        let error = slices(&program).expect_err("cut off").to_string();
        assert!(
            error.starts_with("malformed Mach-O program: a slice ends at byte "),
            "{error}"
        );
    }

    #[test]
    fn a_java_class_is_no_program() {
        assert!(!is_macho(b"\xca\xfe\xba\xbe\0\0\0\x34"));
    }

    #[test]
    fn a_universal_file_of_nothing_is_no_program() {
        let nothing = b"\xca\xfe\xba\xbe\0\0\0\0";
        assert!(!is_macho(nothing));
        let error = map_slices(nothing, Ok::<_, MachError>).expect_err("nothing to change");
        assert_eq!(error.to_string(), "not a Mach-O program");
    }
}
