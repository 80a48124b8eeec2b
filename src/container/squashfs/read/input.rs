//! The file that an image is in, as the reader wants it.

use std::cell::RefCell;
use std::io::{self, Read, Seek, SeekFrom};

use crate::container::squashfs::compression::Decompressor;
use crate::container::squashfs::reader::{self, Backend, Lock};
use crate::container::{Malformed, ReadError};

/// Anything that an image can be read from.
pub trait Input: Read + Seek {}
impl<T: Read + Seek> Input for T {}

/// An image's bytes in a file, which one thread reads.
pub(super) struct InputBackend<'a> {
    input: RefCell<&'a mut dyn Input>,
    /// Where the image begins.
    start: u64,
    decompressor: RefCell<Decompressor>,
}

/// Guards a value against being borrowed twice.
pub(super) struct OneThread<T>(RefCell<T>);

impl<T> Lock<T> for OneThread<T> {
    fn new(value: T) -> Self {
        Self(RefCell::new(value))
    }

    fn with<R>(&self, function: impl FnOnce(&mut T) -> R) -> R {
        function(&mut self.0.borrow_mut())
    }
}

impl<'a> InputBackend<'a> {
    pub(super) fn new(input: &'a mut dyn Input, start: u64) -> Self {
        Self {
            input: RefCell::new(input),
            start,
            decompressor: RefCell::default(),
        }
    }

    /// How many bytes there are from the image's start to the file's end.
    pub(super) fn size(&self) -> io::Result<u64> {
        let end = self.input.borrow_mut().seek(SeekFrom::End(0))?;
        Ok(end.saturating_sub(self.start))
    }

    /// The bytes that follow from a position of the image to the file's end, at most so many.
    pub(super) fn read_from(&self, position: u64, most: u64) -> io::Result<Vec<u8>> {
        let mut input = self.input.borrow_mut();
        input.seek(SeekFrom::Start(self.start.saturating_add(position)))?;
        let mut bytes = Vec::new();
        input.take(most).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// An error with its place in the file.
    pub(super) fn malformed(&self, what: impl AsRef<str>, position: u64) -> ReadError {
        let what = format!("squashfs: {}", what.as_ref());
        let offset = self.start.saturating_add(position);
        Malformed { what, offset }.into()
    }

    /// The same for an error of the reader.
    pub(super) fn explain(&self, error: reader::Error<io::Error>) -> ReadError {
        match error {
            reader::Error::Input(error) => error.into(),
            reader::Error::Malformed(error) => self.malformed(error.to_string(), error.position),
        }
    }
}

impl Backend for InputBackend<'_> {
    type Error = io::Error;
    type Lock<T> = OneThread<T>;

    fn read_at(&self, buffer: &mut [u8], position: u64) -> io::Result<()> {
        let mut input = self.input.borrow_mut();
        input.seek(SeekFrom::Start(self.start.saturating_add(position)))?;
        input.read_exact(buffer)
    }

    fn decompress(
        &self,
        compression: reader::Compression,
        input: &[u8],
        output: &mut [u8],
    ) -> Option<usize> {
        let mut decompressor = self.decompressor.borrow_mut();
        decompressor.decompress(compression.into(), input, output)
    }
}
