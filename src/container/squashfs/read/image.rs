//! An open image, and what stands around it in its file.

use std::io;

use super::input::{Input, InputBackend};
use crate::container::squashfs::{Compression, PADDING, reader};
use crate::container::{Malformed, ReadError};

/// What reading an image may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The sum of the files' sizes in bytes; holes take no place in an image, so its size is no bound.
    pub max_content_bytes: u64,
    /// How deep directories may be nested.
    pub max_depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_content_bytes: 64 << 30,
            max_depth: 128,
        }
    }
}

/// An open image.
pub struct Image<'a> {
    pub(super) inner: reader::Image<InputBackend<'a>>,
    pub(super) limits: Limits,
}

impl<'a> Image<'a> {
    /// Opens the image at a position of a file.
    pub fn open(input: &'a mut dyn Input, start: u64, limits: Limits) -> Result<Self, ReadError> {
        let opened = reader::Image::open(InputBackend::new(input, start));
        let inner = opened.map_err(|error| match error {
            reader::Error::Input(e) if e.kind() == io::ErrorKind::UnexpectedEof => {
                let what = "squashfs: the file ends before the image does".to_owned();
                let offset = start;
                Malformed { what, offset }.into()
            }
            reader::Error::Input(error) => ReadError::Io(error),
            reader::Error::Malformed(error) => {
                let what = format!("squashfs: {error}");
                let offset = start.saturating_add(error.position);
                Malformed { what, offset }.into()
            }
        })?;
        Ok(Self { inner, limits })
    }

    /// Fails unless the image is padded with zeros to whole pages, and is the last in its file but for so many bytes.
    pub fn check_end(&self, behind: u64) -> Result<(), ReadError> {
        let size = self.inner.superblock().size;
        let backend = self.inner.backend();
        let padded = size.next_multiple_of(PADDING);
        let (expected, found) = (padded.saturating_add(behind), backend.size()?);
        if found != expected {
            let what = format!(
                "expected the file to end {expected} bytes behind its start, found {found}"
            );
            return Err(backend.malformed(what, size));
        }
        let padding = backend.read_from(size, padded - size)?;
        if padding.iter().any(|byte| *byte != 0) {
            return Err(backend.malformed("the padding is not zero", size));
        }
        Ok(())
    }

    /// The size of the image with its padding.
    pub fn padded_size(&self) -> u64 {
        let size = self.inner.superblock().size;
        size.checked_next_multiple_of(PADDING).unwrap_or(u64::MAX)
    }

    /// How the image's blocks are compressed.
    pub fn compression(&self) -> Compression {
        self.inner.superblock().compression.into()
    }
}
