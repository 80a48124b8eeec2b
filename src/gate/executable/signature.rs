//! macOS code signatures, compared with the bytes that they sign.
//!
//! The layout is that of `osfmk/kern/cs_blobs.h` of Apple's xnu; all numbers are big-endian. Nothing here is shared
//! with the code that writes signatures, so that mistakes there are found.

use sha2::{Digest, Sha256, Sha384};

const SUPER_BLOB: u32 = 0xfade_0cc0;
const CODE_DIRECTORY: u32 = 0xfade_0c02;
/// The index entries of code directories: the main one, and alternatives with other hash functions.
const MAIN_DIRECTORY: u32 = 0;
const ALTERNATIVES: std::ops::Range<u32> = 0x1000..0x1005;
/// The numbers of hash functions. The first one is no longer secure, and no longer enough for macOS.
const SHA1: u8 = 1;
const SHA256: u8 = 2;
const SHA256_TRUNCATED: u8 = 3;
const SHA384: u8 = 4;

/// The validity of a program's signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::gate) enum Signature {
    /// There is no signature.
    None,
    /// Every page of the program has the signed hash.
    Valid,
    /// It does not match the program, for this reason.
    Invalid(String),
}

/// Judges the signature at an offset of a program for one processor.
pub(super) fn judge(program: &[u8], offset: usize, size: usize) -> Signature {
    match check(program, offset, size) {
        Ok(()) => Signature::Valid,
        Err(reason) => Signature::Invalid(reason),
    }
}

fn check(program: &[u8], offset: usize, size: usize) -> Result<(), String> {
    let end = offset.checked_add(size).filter(|end| *end <= program.len());
    let end = end.ok_or("it lies outside of the program")?;
    // 1. Nothing follows the signature, because it would not be covered.
    if end != program.len() {
        return Err(format!("{} bytes follow it", program.len() - end));
    }
    let (code, blob) = (&program[..offset], Blob(&program[offset..]));
    // 2. One blob contains the others.
    if blob.u32(0)? != SUPER_BLOB {
        return Err("it does not begin as signatures do".to_owned());
    }
    let blob = blob.part(0, blob.u32(4)?)?;
    let mut judged = 0;
    for index in 0..blob.u32(8)? {
        let entry = 12 + 8 * index as usize;
        let (slot, place) = (blob.u32(entry)?, blob.u32(entry + 4)?);
        if slot != MAIN_DIRECTORY && !ALTERNATIVES.contains(&slot) {
            continue;
        }
        // 3. Each code directory contains the hashes of all code before the signature.
        let length = blob.u32(place as usize + 4)?;
        let directory = Directory(blob.part(place, length)?);
        if directory.0.u8(37)? != SHA1 {
            directory.check_pages(code)?;
            directory.check_others(blob)?;
            judged += 1;
        }
    }
    match judged {
        0 => Err("it has no hashes by SHA-256".to_owned()),
        _ => Ok(()),
    }
}

/// Bytes that may be fewer than their length fields say.
#[derive(Clone, Copy)]
struct Blob<'a>(&'a [u8]);

impl<'a> Blob<'a> {
    fn bytes(self, at: usize, length: usize) -> Result<&'a [u8], String> {
        let part = self.0.get(at..).and_then(|rest| rest.get(..length));
        part.ok_or_else(|| format!("it has no {length} bytes at byte {at}"))
    }

    fn part(self, at: u32, length: u32) -> Result<Self, String> {
        self.bytes(at as usize, length as usize).map(Self)
    }

    fn u8(self, at: usize) -> Result<u8, String> {
        Ok(self.bytes(at, 1)?[0])
    }

    fn u32(self, at: usize) -> Result<u32, String> {
        let bytes = self.bytes(at, 4)?.first_chunk();
        Ok(u32::from_be_bytes(
            *bytes.expect("four bytes were asked for"),
        ))
    }
}

/// `CS_CodeDirectory`.
struct Directory<'a>(Blob<'a>);

impl Directory<'_> {
    fn check_pages(&self, code: &[u8]) -> Result<(), String> {
        let field = |at| self.0.u32(at);
        if field(0)? != CODE_DIRECTORY {
            return Err("its code directory does not begin as one".to_owned());
        }
        let (count, limit) = (field(28)? as usize, field(32)? as usize);
        if limit != code.len() {
            return Err(format!(
                "it covers {limit} bytes, and {} are before it",
                code.len()
            ));
        }
        let page = match self.0.u8(39)? {
            // One hash of everything.
            0 => code.len().max(1),
            shift @ 12..=16 => 1 << shift,
            shift => return Err(format!("its pages have 2^{shift} bytes")),
        };
        if code.len().div_ceil(page) != count {
            return Err(format!(
                "it has {count} hashes for {} pages",
                code.len().div_ceil(page)
            ));
        }
        let hashes = field(16)? as usize;
        for (index, bytes) in code.chunks(page).enumerate() {
            if self.hash(bytes)? != self.signed_hash(hashes, index)? {
                return Err(format!(
                    "the page at byte {} has another hash",
                    index * page
                ));
            }
        }
        Ok(())
    }

    /// The hashes before those of the pages are those of the other blobs: slot n is n places before the first page's.
    fn check_others(&self, signature: Blob<'_>) -> Result<(), String> {
        let (hashes, count) = (self.0.u32(16)? as usize, self.0.u32(24)?);
        let size = usize::from(self.0.u8(36)?);
        for index in 0..signature.u32(8)? {
            let entry = 12 + 8 * index as usize;
            let (slot, place) = (signature.u32(entry)?, signature.u32(entry + 4)?);
            if slot == MAIN_DIRECTORY || slot > count {
                continue;
            }
            let blob = signature.part(place, signature.u32(place as usize + 4)?)?;
            let at = hashes.checked_sub(slot as usize * size);
            let at = at.ok_or("its hashes begin before itself")?;
            if self.hash(blob.0)? != self.0.bytes(at, size)? {
                return Err(format!("its part {slot} has another hash"));
            }
        }
        Ok(())
    }

    fn signed_hash(&self, hashes: usize, index: usize) -> Result<&[u8], String> {
        let size = usize::from(self.0.u8(36)?);
        self.0.bytes(hashes.saturating_add(index * size), size)
    }

    fn hash(&self, bytes: &[u8]) -> Result<Vec<u8>, String> {
        let (size, kind) = (self.0.u8(36)?, self.0.u8(37)?);
        match (kind, size) {
            (SHA256, 32) => Ok(Sha256::digest(bytes).to_vec()),
            (SHA256_TRUNCATED, 20) => Ok(Sha256::digest(bytes)[..20].to_vec()),
            (SHA384, 48) => Ok(Sha384::digest(bytes).to_vec()),
            _ => Err(format!("its hashes are of kind {kind} with {size} bytes")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::macho::testing::{ARM64, Shape};

    fn signed() -> (Vec<u8>, usize) {
        let program = crate::program::macho::sign(Shape::program(ARM64).bytes(), "hello");
        let program = program.expect("it can be signed");
        let magic = SUPER_BLOB.to_be_bytes();
        let places: Vec<_> = (0..program.len() - 4)
            .filter(|at| program[*at..].starts_with(&magic))
            .collect();
        let [place] = places[..] else {
            panic!("{places:?}")
        };
        (program, place)
    }

    fn verdict(program: &[u8], offset: usize) -> String {
        match judge(program, offset, program.len() - offset) {
            Signature::Invalid(reason) => reason,
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn what_was_just_signed_is_valid() {
        let (program, offset) = signed();
        assert_eq!(verdict(&program, offset), "Valid");
    }

    #[test]
    fn a_changed_byte_of_the_code_is_found_with_its_page() {
        let (program, offset) = signed();
        for place in [0, 40, 4096, 2 * 4096 - 1, offset - 1] {
            let mut changed = program.clone();
            changed[place] ^= 1;
            let page = place / 4096 * 4096;
            let expected = format!("the page at byte {page} has another hash");
            assert_eq!(verdict(&changed, offset), expected);
        }
    }

    #[test]
    fn no_changed_byte_of_the_hashes_is_valid_and_none_is_a_panic() {
        let (program, offset) = signed();
        let length = u32::from_be_bytes(*program[offset + 4..].first_chunk().expect("its length"));
        let end = offset + length as usize;
        let pages = offset.div_ceil(4096) * 32;
        for place in offset..end {
            for change in [1, 0x80, 0xff] {
                let mut changed = program.clone();
                changed[place] ^= change;
                let verdict = verdict(&changed, offset);
                assert!(place < end - pages || verdict != "Valid", "byte {place}");
            }
        }
    }

    #[test]
    fn a_signature_that_is_cut_or_followed_by_something_is_invalid() {
        let (program, offset) = signed();
        for size in [0, 3, 11, 30, 100] {
            let cut = &program[..offset + size];
            assert_ne!(verdict(cut, offset), "Valid", "{size} bytes");
        }
        let longer = [&program[..], b"more"].concat();
        let verdict = judge(&longer, offset, program.len() - offset);
        assert_eq!(verdict, Signature::Invalid("4 bytes follow it".to_owned()));
        let beyond = judge(&program, offset, program.len());
        let expected = Signature::Invalid("it lies outside of the program".to_owned());
        assert_eq!(beyond, expected);
    }
}
