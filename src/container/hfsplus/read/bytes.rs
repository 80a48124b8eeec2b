//! Numbers at places of some bytes, which may not be there.

/// Bytes to take numbers from.
#[derive(Clone, Copy)]
pub(super) struct Bytes<'a>(pub(super) &'a [u8]);

impl<'a> Bytes<'a> {
    pub(super) fn part(self, at: usize, length: usize) -> Option<Self> {
        let end = at.checked_add(length)?;
        self.0.get(at..end).map(Self)
    }

    pub(super) fn from(self, at: usize) -> Option<Self> {
        self.0.get(at..).map(Self)
    }

    pub(super) fn u16(self, at: usize) -> Option<u16> {
        let bytes = self.0.get(at..)?.first_chunk()?;
        Some(u16::from_be_bytes(*bytes))
    }

    pub(super) fn u32(self, at: usize) -> Option<u32> {
        let bytes = self.0.get(at..)?.first_chunk()?;
        Some(u32::from_be_bytes(*bytes))
    }

    pub(super) fn u64(self, at: usize) -> Option<u64> {
        let bytes = self.0.get(at..)?.first_chunk()?;
        Some(u64::from_be_bytes(*bytes))
    }

    pub(super) fn is_zero(self) -> bool {
        self.0.iter().all(|byte| *byte == 0)
    }
}
