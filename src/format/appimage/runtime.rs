//! The runtime at the head of an AppImage.

use super::UpdateInformation;
use crate::format::FormatError;
use crate::model::target::Target;
use crate::program::elf::{ElfError, Facts, Layout};

/// Marks an AppImage of type 2, in padding bytes of the ELF header.
pub const MAGIC: &[u8; 3] = b"AI\x02";
/// Where the magic is.
pub const MAGIC_OFFSET: usize = 8;

const UPDATE_SECTION: &str = ".upd_info";

/// The runtime as it stands in an AppImage.
pub fn prepare(
    runtime: &[u8],
    target: Target,
    update_information: Option<&UpdateInformation>,
) -> Result<Vec<u8>, FormatError> {
    let facts = Facts::read(runtime).map_err(invalid)?;
    if Some(facts.header.machine) != target.program.elf_machine() {
        let found = facts.header.machine;
        let problem = match target.program.elf_machine() {
            Some(expected) => format!("expected a program for machine {expected}, found {found}"),
            None => format!("`{target}` has no ELF programs"),
        };
        return Err(invalid(problem));
    }
    // The image is looked for where the ELF structures end.
    if facts.end != runtime.len() {
        let (expected, found) = (facts.end, runtime.len());
        let problem = format!("expected {expected} bytes by its section table, found {found}");
        return Err(invalid(problem));
    }
    let mut head = runtime.to_vec();
    head[MAGIC_OFFSET..][..MAGIC.len()].copy_from_slice(MAGIC);
    if let Some(information) = update_information {
        fill_update_section(&mut head, information)?;
    }
    Ok(head)
}

fn fill_update_section(
    head: &mut [u8],
    information: &UpdateInformation,
) -> Result<(), FormatError> {
    let sections = Layout::read(head)
        .map_err(invalid)?
        .sections_named(UPDATE_SECTION);
    let text = information.as_bytes();
    let [(offset, size)] = sections[..] else {
        return Err(invalid(format!("there is no section `{UPDATE_SECTION}`")));
    };
    if size <= text.len() {
        let problem = format!("`{UPDATE_SECTION}` has only {size} bytes");
        return Err(invalid(problem));
    }
    let section = &mut head[offset..][..size];
    section.fill(0);
    section[..text.len()].copy_from_slice(text);
    Ok(())
}

pub fn invalid(problem: impl Into<Problem>) -> FormatError {
    let Problem(problem) = problem.into();
    FormatError::Invalid(format!("the AppImage runtime is not usable: {problem}"))
}

/// What is wrong with a runtime.
pub struct Problem(String);

impl From<String> for Problem {
    fn from(text: String) -> Self {
        Problem(text)
    }
}

impl From<ElfError> for Problem {
    fn from(error: ElfError) -> Self {
        Problem(error.to_string())
    }
}
