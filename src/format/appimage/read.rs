//! Opening an AppImage and showing what is in its image.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::runtime::{MAGIC, MAGIC_OFFSET};
use crate::container::squashfs::{Image, Limits};
use crate::container::{Malformed, Visit};
use crate::format::FormatError;
use crate::program::elf::Facts;

/// No runtime is larger; so much of a file is read to find the runtime's end.
const MAX_RUNTIME: u64 = 16 << 20;

/// Shows the entries of an AppImage's image.
pub fn read(artifact: &Path, visit: &mut Visit<'_>) -> Result<(), FormatError> {
    let mut file = File::open(artifact)?;
    let start = image_start(&mut file)?;
    let mut image = Image::open(&mut file, start, Limits::default())?;
    image.check_end()?;
    Ok(image.visit(visit)?)
}

/// Where the image begins: at the end of the ELF file, as every tool computes it.
fn image_start(file: &mut File) -> Result<u64, FormatError> {
    let mut head = Vec::new();
    file.take(MAX_RUNTIME).read_to_end(&mut head)?;
    let malformed = |what: String, offset| Err(Malformed { what, offset }.into());
    let magic = head
        .get(MAGIC_OFFSET..)
        .and_then(|rest| rest.get(..MAGIC.len()));
    if magic != Some(MAGIC) {
        let what = "expected the AppImage magic `AI\\x02`".to_owned();
        return malformed(what, MAGIC_OFFSET as u64);
    }
    match Facts::read(&head) {
        Ok(facts) => Ok(facts.end as u64),
        Err(error) => malformed(format!("the AppImage's runtime is damaged: {error}"), 0),
    }
}
