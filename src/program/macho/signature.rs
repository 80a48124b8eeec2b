//! The bytes of an ad-hoc signature: one super blob with one code directory.
//!
//! The layout is that of `osfmk/kern/cs_blobs.h` of Apple's xnu, `CS_SuperBlob` and `CS_CodeDirectory` of version
//! 0x20400; all numbers are big-endian. It is what linkers write: no requirements, no entitlements, no certificate.
//! For the main program of a bundle it is what `codesign --sign -` writes: the code directory has the hashes of the
//! bundle's Info.plist and CodeResources, too, and is followed by an empty list of requirements and an empty certificate.

use object::macho::{
    CS_ADHOC, CS_EXECSEG_MAIN_BINARY, CS_HASHTYPE_SHA256, CS_LINKER_SIGNED, CS_SUPPORTSEXECSEG,
    CSMAGIC_BLOBWRAPPER, CSMAGIC_CODEDIRECTORY, CSMAGIC_EMBEDDED_DER_ENTITLEMENTS,
    CSMAGIC_EMBEDDED_ENTITLEMENTS, CSMAGIC_EMBEDDED_SIGNATURE, CSMAGIC_REQUIREMENTS,
    CSSLOT_CODEDIRECTORY, CSSLOT_REQUIREMENTS, CSSLOT_SIGNATURESLOT,
};
use object::read::macho::CodeSignature;
use sha2::{Digest, Sha256};

use super::MachError;

/// Signatures start and end at multiples of this.
pub const ALIGNMENT: u64 = 16;

/// The logarithm of the page size. macOS accepts 4 KiB on all machines, and `codesign` always uses it.
const PAGE_SHIFT: u8 = 12;
const HASH_BYTES: usize = 32;
/// The size of a hash of a code directory.
pub const CODE_HASH_BYTES: usize = 20;
/// Magic number, length and count, then index entries: a slot and an offset each.
const SUPER_BLOB_BYTES: usize = 12;
const ENTRY_BYTES: usize = 8;
/// Magic number, length, and for requirements how many.
const REQUIREMENTS_BYTES: usize = 12;
const WRAPPER_BYTES: usize = 8;
/// How many hashes of a bundle are before those of the pages.
const SPECIAL_SLOTS: usize = 3;
/// All fields up to version 0x20400.
const DIRECTORY_BYTES: usize = 88;

/// What the signature of a bundle's main program covers beside the program.
#[derive(Clone, Copy, Debug)]
pub struct Seal<'a> {
    /// The bundle's Info.plist.
    pub info: &'a [u8],
    /// Its CodeResources, which has the hashes of its files.
    pub resources: &'a [u8],
}

/// The program that a signature is made for.
#[derive(Clone, Copy, Debug)]
pub struct Signed<'a> {
    /// The name of the program.
    pub identifier: &'a str,
    /// Offset and size of the code segment in the file.
    pub text: (u64, u64),
    /// Whether the program is executable.
    pub is_executable: bool,
    /// Whether the signature replaces a linker's signature, which other tools may replace without being asked.
    pub linker_signed: bool,
    /// What else is signed, if it is the main program of a bundle.
    pub seal: Option<Seal<'a>>,
}

impl Signed<'_> {
    fn special_slots(self) -> usize {
        self.seal.map_or(0, |_| SPECIAL_SLOTS)
    }

    /// Where the hashes of the pages are in the code directory.
    fn hashes_at(self) -> usize {
        DIRECTORY_BYTES + self.identifier.len() + 1 + self.special_slots() * HASH_BYTES
    }

    fn directory_bytes(self, code: u64) -> usize {
        let pages = code.div_ceil(1 << PAGE_SHIFT) as usize;
        self.hashes_at() + pages * HASH_BYTES
    }

    /// The size in the file of a signature for that many bytes of code.
    pub fn size(self, code: u64) -> u64 {
        let others = match self.seal {
            Some(_) => 2 * ENTRY_BYTES + REQUIREMENTS_BYTES + WRAPPER_BYTES,
            None => 0,
        };
        let size = SUPER_BLOB_BYTES + ENTRY_BYTES + self.directory_bytes(code) + others;
        (size as u64).next_multiple_of(ALIGNMENT)
    }

    /// The signature of all bytes before it, padded to [`Signed::size`].
    pub fn sign(self, code: &[u8]) -> Vec<u8> {
        let size = self.size(code.len() as u64) as usize;
        let mut blobs = vec![(CSSLOT_CODEDIRECTORY.0, self.directory(code))];
        if self.seal.is_some() {
            blobs.push((CSSLOT_REQUIREMENTS.0, no_requirements()));
            let mut wrapper = Vec::new();
            put_u32(&mut wrapper, CSMAGIC_BLOBWRAPPER);
            put_u32(&mut wrapper, small(WRAPPER_BYTES));
            blobs.push((CSSLOT_SIGNATURESLOT.0, wrapper));
        }
        let start = SUPER_BLOB_BYTES + blobs.len() * ENTRY_BYTES;
        let length: usize = blobs.iter().map(|(_, bytes)| bytes.len()).sum();
        let mut blob = Vec::with_capacity(size);
        put_u32(&mut blob, CSMAGIC_EMBEDDED_SIGNATURE);
        put_u32(&mut blob, small(start + length));
        put_u32(&mut blob, small(blobs.len()));
        let mut place = start;
        for (slot, bytes) in &blobs {
            put_u32(&mut blob, *slot);
            put_u32(&mut blob, small(place));
            place += bytes.len();
        }
        for (_, bytes) in blobs {
            blob.extend(bytes);
        }
        blob.resize(size, 0);
        blob
    }

    fn directory(self, code: &[u8]) -> Vec<u8> {
        let size = self.directory_bytes(code.len() as u64);
        let pages = code.chunks(1 << PAGE_SHIFT);
        let mut blob = Vec::with_capacity(size);
        put_u32(&mut blob, CSMAGIC_CODEDIRECTORY);
        put_u32(&mut blob, small(size));
        put_u32(&mut blob, CS_SUPPORTSEXECSEG.0);
        put_u32(&mut blob, self.flags());
        // The hashes follow the identifier and its zero.
        put_u32(&mut blob, small(self.hashes_at()));
        put_u32(&mut blob, small(DIRECTORY_BYTES));
        put_u32(&mut blob, small(self.special_slots()));
        put_u32(&mut blob, small(pages.len()));
        put_u32(&mut blob, small(code.len()));
        // Hash size, hash type, platform, page size.
        blob.extend([HASH_BYTES as u8, CS_HASHTYPE_SHA256.0, 0, PAGE_SHIFT]);
        // Spare, scatter offset, team offset, spare, and the 64-bit limit, which is only for larger files.
        blob.extend([0; 4 * 4 + 8]);
        put_u64(&mut blob, self.text.0);
        put_u64(&mut blob, self.text.1);
        let main = u64::from(self.is_executable) * CS_EXECSEG_MAIN_BINARY.0;
        put_u64(&mut blob, main);
        blob.extend(self.identifier.as_bytes());
        blob.push(0);
        // The slot with the highest number is the first.
        if let Some(seal) = self.seal {
            for part in [seal.resources, &no_requirements(), seal.info] {
                blob.extend(Sha256::digest(part));
            }
        }
        for page in pages {
            blob.extend(Sha256::digest(page));
        }
        blob
    }

    fn flags(self) -> u32 {
        if self.linker_signed {
            CS_ADHOC.0 | CS_LINKER_SIGNED.0
        } else {
            CS_ADHOC.0
        }
    }
}

/// An empty list of requirements: an ad-hoc signature vouches for nobody.
fn no_requirements() -> Vec<u8> {
    let mut blob = Vec::with_capacity(REQUIREMENTS_BYTES);
    put_u32(&mut blob, CSMAGIC_REQUIREMENTS);
    put_u32(&mut blob, small(REQUIREMENTS_BYTES));
    put_u32(&mut blob, 0);
    blob
}

/// By what macOS knows signed code: the hash of the code directory, shortened. `None` if there is none.
pub fn code_hash(signature: &[u8]) -> Option<[u8; CODE_HASH_BYTES]> {
    let number = |at: usize| {
        let bytes = signature.get(at..)?.first_chunk()?;
        Some(u32::from_be_bytes(*bytes) as usize)
    };
    let entries = (0..number(8)?).map(|index| SUPER_BLOB_BYTES + index * ENTRY_BYTES);
    for entry in entries {
        if number(entry)? != CSSLOT_CODEDIRECTORY.0 as usize {
            continue;
        }
        let place = number(entry + 4)?;
        let directory = signature.get(place..)?.get(..number(place + 4)?)?;
        return Sha256::digest(directory).first_chunk().copied();
    }
    None
}

/// Whether a signature covers a bundle, too.
pub fn is_sealed(signature: &[u8]) -> Result<bool, MachError> {
    for blob in CodeSignature::parse(signature)?.blobs() {
        let directory = blob?.code_directory()?;
        let slots = directory.map(|d| d.header().n_special_slots.get(object::BigEndian));
        if slots.is_some_and(|slots| slots > 0) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Makes a signature that [`Signed::sign`] made without a seal one that replaces a linker's.
pub fn mark_as_linker_s(signature: &mut [u8]) {
    const FLAGS: usize = SUPER_BLOB_BYTES + ENTRY_BYTES + 12;
    if let Some(flags) = signature.get_mut(FLAGS..FLAGS + 4) {
        flags.copy_from_slice(&(CS_ADHOC.0 | CS_LINKER_SIGNED.0).to_be_bytes());
    }
}

/// Whether a signature is a linker's. It is an error if it contains more than an ad-hoc signature can.
pub fn is_linker_s(signature: &[u8]) -> Result<bool, MachError> {
    let mut linker_signed = false;
    for blob in CodeSignature::parse(signature)?.blobs() {
        let blob = blob?;
        let what = match blob.magic() {
            // An ad-hoc signature made by `codesign` has an empty one.
            CSMAGIC_BLOBWRAPPER if !blob.contents().is_empty() => "a certificate",
            CSMAGIC_EMBEDDED_ENTITLEMENTS | CSMAGIC_EMBEDDED_DER_ENTITLEMENTS => "entitlements",
            _ => {
                let directory = blob.code_directory()?;
                linker_signed |= directory.is_some_and(|d| {
                    d.header().flags.get(object::BigEndian).0 & CS_LINKER_SIGNED.0 != 0
                });
                continue;
            }
        };
        return Err(MachError::Signed { what });
    }
    Ok(linker_signed)
}

fn small(value: usize) -> u32 {
    u32::try_from(value)
        .expect("files of 4 GiB are refused, and a signature is much smaller than its file")
}

fn put_u32(bytes: &mut Vec<u8>, value: u32) {
    bytes.extend(value.to_be_bytes());
}

fn put_u64(bytes: &mut Vec<u8>, value: u64) {
    bytes.extend(value.to_be_bytes());
}
