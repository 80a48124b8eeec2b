//! The end of a setup, by which its parts are found.

const MAGIC: &[u8; 16] = b"SEALIFT SETUP 1\n";

/// Where the parts are, and the sum of all that is before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Footer {
    /// Where the program ends and the compressed files start.
    pub start: u64,
    /// The length of the compressed files.
    pub data: u64,
    /// The length of the contents behind them.
    pub contents: u64,
    /// The SHA-256 of everything before it, with [`super::Head::free`] as zeros.
    pub sum: [u8; 32],
}

impl Footer {
    /// Its length.
    pub const BYTES: u64 = 72;
    /// The length of the sum, with which it ends.
    pub const SUM: u64 = 32;

    /// As it is written.
    pub fn to_bytes(self) -> [u8; Self::BYTES as usize] {
        let mut bytes = [0; Self::BYTES as usize];
        bytes[..16].copy_from_slice(MAGIC);
        for (index, number) in [self.start, self.data, self.contents].iter().enumerate() {
            bytes[16 + 8 * index..][..8].copy_from_slice(&number.to_le_bytes());
        }
        bytes[40..].copy_from_slice(&self.sum);
        bytes
    }

    /// The footer of a file that ends at `end`; `None` if it does not have one, or one for another length.
    pub fn parse(bytes: &[u8; Self::BYTES as usize], end: u64) -> Option<Self> {
        let rest = bytes.strip_prefix(MAGIC)?;
        let number = |index: usize| {
            let bytes = rest[8 * index..].first_chunk()?;
            Some(u64::from_le_bytes(*bytes))
        };
        let footer = Self {
            start: number(0)?,
            data: number(1)?,
            contents: number(2)?,
            sum: *rest[24..].first_chunk()?,
        };
        (footer.end()? == end && footer.contents <= super::MAX_CONTENTS).then_some(footer)
    }

    /// Where the contents start.
    pub fn contents_at(&self) -> u64 {
        self.start + self.data
    }

    /// How many zeros follow the contents.
    pub fn padding(&self) -> u64 {
        let end = self.contents_at() + self.contents;
        end.next_multiple_of(8) - end
    }

    fn end(&self) -> Option<u64> {
        let end = self.start.checked_add(self.data)?;
        let end = end.checked_add(self.contents)?;
        end.checked_next_multiple_of(8)?.checked_add(Self::BYTES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_fits_one_length() {
        let footer = Footer {
            start: 1024,
            data: 77,
            contents: 13,
            sum: [7; 32],
        };
        let end = 1024 + 77 + 13 + 6 + Footer::BYTES;
        assert_eq!(footer.padding(), 6);
        assert_eq!(Footer::parse(&footer.to_bytes(), end), Some(footer));
        assert_eq!(Footer::parse(&footer.to_bytes(), end + 8), None);
        assert_eq!(Footer::parse(&[0; 72], 72), None);
        let absurd = Footer {
            data: u64::MAX,
            ..footer
        };
        assert_eq!(Footer::parse(&absurd.to_bytes(), end), None);
    }
}
