//! The contents of two files.

use std::fs::{self, File};
use std::io::{BufReader, Read};
use std::path::Path;

use super::{Difference, program};
use crate::output::path_error::PathError;

/// The largest file that is taken apart, so that two of them fit into memory.
const MAX_PROGRAM_BYTES: u64 = 64 << 20;
/// The largest file that is compared as text.
const MAX_TEXT_BYTES: u64 = 1 << 20;
/// How many bytes are shown.
const SHOWN_BYTES: usize = 8;
/// How many characters of a line are shown.
const SHOWN_CHARACTERS: usize = 100;

/// Where two files that are not equal differ: by sections of programs, by lines of text, or by bytes.
pub(super) fn differences(
    place: &str,
    left: &Path,
    right: &Path,
) -> Result<Vec<Difference>, PathError> {
    let size = |path: &Path| Ok(fs::metadata(path).map_err(PathError::reading(path))?.len());
    let largest = size(left)?.max(size(right)?);
    if largest <= MAX_PROGRAM_BYTES {
        let read = |path: &Path| fs::read(path).map_err(PathError::reading(path));
        let (a, b) = (read(left)?, read(right)?);
        if let Some(found) = program::differences(place, &a, &b) {
            return Ok(found);
        }
        if largest <= MAX_TEXT_BYTES
            && let Some(line) = first_line(place, &a, &b)
        {
            return Ok(vec![line]);
        }
    }
    Ok(vec![first_byte(place, left, right)?])
}

/// The first line that differs, if both are text.
fn first_line(place: &str, left: &[u8], right: &[u8]) -> Option<Difference> {
    let (left, right) = (
        std::str::from_utf8(left).ok()?,
        std::str::from_utf8(right).ok()?,
    );
    let is_text = |text: &str| !text.contains('\0');
    if !is_text(left) || !is_text(right) {
        return None;
    }
    // With the line breaks, or two files would be equal of which only one ends with one.
    let (mut ours, mut theirs) = (left.split_inclusive('\n'), right.split_inclusive('\n'));
    let mut number = 0;
    loop {
        number += 1;
        let pair = (ours.next(), theirs.next());
        match pair {
            (None, None) => return None,
            (one, other) if one == other => {}
            (one, other) => {
                return Some(Difference {
                    place: format!("{place}: line {number}"),
                    left: shown_line(one),
                    right: shown_line(other),
                });
            }
        }
    }
}

fn shown_line(line: Option<&str>) -> String {
    let Some(line) = line else {
        return "the end".to_owned();
    };
    let mut shown: String = line.chars().take(SHOWN_CHARACTERS).collect();
    if shown.len() < line.len() {
        shown.push('…');
    }
    format!("{shown:?}")
}

/// The first byte that differs; if there is none, one of the files is longer.
pub(super) fn first_byte(place: &str, left: &Path, right: &Path) -> Result<Difference, PathError> {
    let open = |path: &Path| {
        Ok(BufReader::with_capacity(
            1 << 16,
            File::open(path).map_err(PathError::reading(path))?,
        ))
    };
    let (mut ours, mut theirs) = (open(left)?.bytes(), open(right)?.bytes());
    let mut offset = 0_u64;
    loop {
        let one = ours.next().transpose().map_err(PathError::reading(left))?;
        let other = theirs
            .next()
            .transpose()
            .map_err(PathError::reading(right))?;
        if one != other || one.is_none() {
            let rest = |first: Option<u8>, bytes: &mut dyn Iterator<Item = std::io::Result<u8>>| {
                let more = bytes.take(SHOWN_BYTES - 1).map_while(Result::ok);
                shown_bytes(&first.into_iter().chain(more).collect::<Vec<_>>())
            };
            return Ok(Difference {
                place: format!("{place}: from byte {offset}"),
                left: rest(one, &mut ours),
                right: rest(other, &mut theirs),
            });
        }
        offset += 1;
    }
}

/// Hexadecimal digits of the first bytes.
pub(super) fn shown_bytes(bytes: &[u8]) -> String {
    if bytes.is_empty() {
        return "the end".to_owned();
    }
    let digits: Vec<_> = bytes
        .iter()
        .take(SHOWN_BYTES)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    digits.join(" ")
}
