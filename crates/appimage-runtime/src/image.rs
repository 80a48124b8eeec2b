//! The image behind the program, read by its file's descriptor on any number of threads.

use sealift_squashfs::{self as squashfs, Backend, Compression, Decompressor, Error};

use crate::error::Reason;
use crate::sums::Sums;
use crate::sync::Mutex;
use crate::sys::{Errno, File};

/// An open image.
pub type Image = squashfs::Image<ImageFile>;
/// Reads one of its files.
pub type FileReader<'a> = squashfs::FileReader<'a, ImageFile>;
/// Yields a directory's entries.
pub type Entries<'a> = squashfs::Entries<'a, ImageFile>;

/// A file that has an image in it.
pub struct ImageFile {
    file: File,
    /// Where the image begins.
    start: u64,
    /// `None` for an image that nothing vouches for.
    sums: Option<Sums>,
    decompressor: Decompressor<Self>,
}

/// Opens the image at a position of a file.
pub fn open(file: File, start: u64) -> Result<Image, Reason> {
    let sums = Sums::load(&file, start)?;
    let opened = Image::open(ImageFile {
        file,
        start,
        sums,
        decompressor: Decompressor::new(),
    });
    opened.map_err(|error| match error {
        // What most often is wrong, in words that help.
        Error::Malformed(malformed) if malformed.position == 0 => NO_IMAGE,
        Error::Input(Reason::System(Errno(libc::EIO))) => NO_IMAGE,
        other => other.into(),
    })
}

const NO_IMAGE: Reason = Reason::Malformed("there is no squashfs image behind the program");

impl ImageFile {
    /// The file that the image is part of.
    pub fn file(&self) -> &File {
        &self.file
    }
}

impl Backend for ImageFile {
    type Error = Reason;
    type Lock<T> = Mutex<T>;

    fn read_at(&self, buffer: &mut [u8], position: u64) -> Result<(), Reason> {
        if let Some(sums) = &self.sums {
            return sums.read_at(&self.file, self.start, buffer, position);
        }
        let position = self.start.checked_add(position).ok_or(Errno(libc::EIO))?;
        Ok(self.file.read_at(buffer, position)?)
    }

    fn decompress(
        &self,
        compression: Compression,
        input: &[u8],
        output: &mut [u8],
    ) -> Option<usize> {
        self.decompressor.decompress(compression, input, output)
    }
}

impl From<Error<Reason>> for Reason {
    fn from(error: Error<Reason>) -> Self {
        match error {
            Error::Input(reason) => reason,
            Error::Malformed(malformed) => Reason::Malformed(malformed.what),
        }
    }
}

#[cfg(test)]
pub mod testing {
    use super::*;

    /// A file without a name that holds some bytes.
    pub fn file(bytes: &[u8]) -> File {
        // SAFETY: the name is a valid string.
        let descriptor = unsafe { libc::memfd_create(c"test".as_ptr(), libc::MFD_CLOEXEC) };
        assert!(descriptor >= 0);
        let file = File::from_raw(descriptor);
        file.write_all(bytes).expect("there is memory");
        file
    }

    /// Opens an image that is somewhere in a file.
    pub fn open(bytes: &[u8]) -> Result<Image, Reason> {
        let start = 1000;
        let image = Image::open(ImageFile {
            file: file(&[&vec![7; start], bytes].concat()),
            start: start as u64,
            sums: None,
            decompressor: Decompressor::new(),
        });
        Ok(image?)
    }
}
