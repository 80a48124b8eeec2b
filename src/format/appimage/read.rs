//! Opening an AppImage and showing what is in its image.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::runtime::{MAGIC, MAGIC_OFFSET};
use super::{runtimes, sums};
use crate::container::squashfs::reader::Summary;
use crate::container::squashfs::{Image, Limits};
use crate::container::{Malformed, ReadError, Visit};
use crate::format::FormatError;
use crate::model::target::Target;
use crate::program::elf::{ElfError, Facts};

/// No runtime is larger; so much of a file is read to find the runtime's end.
const MAX_RUNTIME: u64 = 16 << 20;

/// Shows the entries of an AppImage's image, after all that vouches for its bytes was held against them.
pub fn read(artifact: &Path, visit: &mut Visit<'_>) -> Result<(), FormatError> {
    let mut file = File::open(artifact)?;
    let runtime = runtime(&mut file)?;
    let behind = match summary(&runtime).map_err(damaged)? {
        None => 0,
        Some(summary) => {
            check_known(&runtime)?;
            sums::check(&mut file, &runtime, &summary)?
        }
    };
    let mut image = Image::open(&mut file, runtime.len() as u64, Limits::default())?;
    image.check_end(behind)?;
    Ok(image.visit(visit)?)
}

/// The program before the image, which begins at the end of the ELF file, as every tool computes it.
fn runtime(file: &mut File) -> Result<Vec<u8>, ReadError> {
    let mut head = Vec::new();
    file.take(MAX_RUNTIME).read_to_end(&mut head)?;
    let magic = head
        .get(MAGIC_OFFSET..)
        .and_then(|rest| rest.get(..MAGIC.len()));
    if magic != Some(MAGIC) {
        let what = "expected the AppImage magic `AI\\x02`".to_owned();
        let offset = MAGIC_OFFSET as u64;
        return Err(Malformed { what, offset }.into());
    }
    let end = Facts::read(&head).map_err(damaged)?.end;
    head.truncate(end);
    Ok(head)
}

/// What vouches for the image, where the runtime is one that asks for it.
fn summary(runtime: &[u8]) -> Result<Option<Summary>, ElfError> {
    let place = sums::place(runtime)?;
    Ok(place.and_then(|place| Summary::parse(&runtime[place])))
}

/// A runtime of Sealift's is the one that this program would have written, if it has one for the machine.
fn check_known(runtime: &[u8]) -> Result<(), ReadError> {
    let kind = Facts::read(runtime).map_err(damaged)?.header.program_kind();
    let mut targets = Target::all().filter(|target| *target.program == kind);
    let known = targets.find_map(|target| runtimes::runtime(super::machine(target)?));
    known.map_or(Ok(()), |known| check_equal(runtime, known))
}

fn check_equal(runtime: &[u8], known: &[u8]) -> Result<(), ReadError> {
    let mut known = sums::constant_part(known).map_err(damaged)?;
    known[MAGIC_OFFSET..][..MAGIC.len()].copy_from_slice(MAGIC);
    let found = sums::constant_part(runtime).map_err(damaged)?;
    let differs = found.iter().zip(&known).position(|(a, b)| a != b);
    let offset = match differs {
        None if found.len() == known.len() => return Ok(()),
        None => found.len().min(known.len()),
        Some(offset) => offset,
    };
    let what = "the AppImage's runtime is not the one of this sealift: it was changed, or another version packed it";
    let (what, offset) = (what.to_owned(), offset as u64);
    Err(Malformed { what, offset }.into())
}

fn damaged(error: ElfError) -> ReadError {
    let what = format!("the AppImage's runtime is damaged: {error}");
    Malformed { what, offset: 0 }.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::testing::runtime;

    #[test]
    fn a_runtime_is_the_known_one_but_for_what_is_written_into_it() {
        let known = runtime();
        let mut packed = known.clone();
        packed[MAGIC_OFFSET..][..MAGIC.len()].copy_from_slice(MAGIC);
        let update_information = 64..64 + 1024;
        packed[update_information.start] = b'z';
        check_equal(&packed, &known).expect("only what may change was changed");
        let names = update_information.end + Summary::SIZE;
        for place in [18, names, known.len() - 1] {
            let mut changed = packed.clone();
            changed[place] ^= 1;
            let error = check_equal(&changed, &known).expect_err("changed");
            assert!(error.to_string().contains("runtime"), "{error}");
        }
    }
}
