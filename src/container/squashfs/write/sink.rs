//! The output of an image, which is at its end.

use std::io::{self, SeekFrom};

use crate::container::Output;

/// Appends to an image and tracks the position in it.
pub struct Sink<'a> {
    out: &'a mut dyn Output,
    /// The start of the image in the output.
    start: u64,
    position: u64,
}

impl<'a> Sink<'a> {
    /// Starts an image at the current position of the output.
    pub fn new(out: &'a mut dyn Output) -> io::Result<Self> {
        let start = out.stream_position()?;
        Ok(Self {
            out,
            start,
            position: 0,
        })
    }

    /// The image's size so far.
    pub fn position(&self) -> u64 {
        self.position
    }

    pub fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)?;
        self.position += bytes.len() as u64;
        Ok(())
    }

    /// Replaces bytes at the start of the image, then returns to its end.
    pub fn overwrite_start(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.seek(SeekFrom::Start(self.start))?;
        self.out.write_all(bytes)?;
        self.out.seek(SeekFrom::Start(self.start + self.position))?;
        Ok(())
    }
}
