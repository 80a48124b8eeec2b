//! The headers of the program, as far as what stands behind it depends on them (Microsoft PE and COFF specification).

use std::ops::Range;

/// What is known of a program from its headers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Where its sections end in the file.
    pub end: u64,
    /// The fields that signing changes: the checksum, and where the certificates are.
    pub free: [Range<usize>; 2],
    /// Offset and size of the certificates, both zero if there are none.
    pub certificates: (u32, u32),
}

impl Head {
    /// How many bytes of a file are enough to read it.
    pub const BYTES: usize = 4096;

    /// Reads the start of a program; `None` if it is not one for 64-bit Windows.
    pub fn read(start: &[u8]) -> Option<Self> {
        let short = |at: usize| Some(u16::from_le_bytes(*start.get(at..)?.first_chunk()?));
        let long = |at: usize| Some(u32::from_le_bytes(*start.get(at..)?.first_chunk()?));
        let signature = long(0x3c)? as usize;
        if !start.starts_with(b"MZ") || start.get(signature..)?.first_chunk()? != b"PE\0\0" {
            return None;
        }
        let optional = signature.checked_add(24)?;
        // PE32+, with a certificate table among its directories.
        if short(optional)? != 0x20b || long(optional + 108)? <= 4 {
            return None;
        }
        let sections = optional + usize::from(short(signature + 20)?);
        let mut end = 0;
        for index in 0..usize::from(short(signature + 6)?) {
            let size = u64::from(long(sections + index * 40 + 16)?);
            let offset = u64::from(long(sections + index * 40 + 20)?);
            if size > 0 {
                end = end.max(offset + size);
            }
        }
        let (checksum, certificates) = (optional + 64, optional + 112 + 4 * 8);
        Some(Self {
            end,
            free: [checksum..checksum + 4, certificates..certificates + 8],
            certificates: (long(certificates)?, long(certificates + 4)?),
        })
    }

    /// Where a file of this length ends without its certificates; `None` if they are not its end.
    pub fn end_of(&self, length: u64) -> Option<u64> {
        match self.certificates {
            (0, 0) => Some(length),
            (offset, size) => {
                let end = u64::from(offset) + u64::from(size);
                (end == length && offset % 8 == 0).then_some(offset.into())
            }
        }
    }

    /// Fills the fields that signing changes with zeros, in the first bytes of the file.
    pub fn clear(&self, start: &mut [u8]) {
        for range in &self.free {
            start[range.clone()].fill(0);
        }
    }
}
