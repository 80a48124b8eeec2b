//! A stream of bytes in which members follow each other, with the position for messages.

use std::io::{self, Read};

use crate::container::compress::decode::Damaged;
use crate::container::{Malformed, ReadError};

/// The most bytes of padding after a content.
const MAX_PADDING: usize = 512;

/// Reads members and their contents from any stream.
pub(crate) struct Stream<'a> {
    input: Box<dyn Read + 'a>,
    name: &'static str,
    position: u64,
    content_left: u64,
    padding: usize,
    /// Why reading a content failed. It is kept here because it reaches the caller as an [`io::Error`], without a
    /// place.
    failure: Option<ReadError>,
}

impl<'a> Stream<'a> {
    /// Starts reading. The name is for messages.
    pub(crate) fn new(input: impl Read + 'a, name: &'static str) -> Self {
        Self {
            input: Box::new(input),
            name,
            position: 0,
            content_left: 0,
            padding: 0,
            failure: None,
        }
    }

    /// How many bytes have been read.
    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    /// An error at a place in this stream.
    pub(crate) fn malformed(&self, what: impl AsRef<str>, offset: u64) -> ReadError {
        let what = format!("{}: {}", self.name, what.as_ref());
        Malformed { what, offset }.into()
    }

    /// The next bytes are a content of this size, and this much padding after it.
    pub(crate) fn begin_content(&mut self, size: u64, padding: usize) {
        debug_assert!(padding <= MAX_PADDING);
        self.content_left = size;
        self.padding = padding;
    }

    /// The rest of the content.
    pub(crate) fn content(&mut self) -> Contents<'_, 'a> {
        Contents(self)
    }

    /// Reads to the end of the content and its padding.
    pub(crate) fn skip_content(&mut self) -> Result<(), ReadError> {
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        if let Err(error) = io::copy(&mut self.content(), &mut io::sink()) {
            return Err(self.explain(error));
        }
        let padding = std::mem::take(&mut self.padding);
        self.fill(&mut [0; MAX_PADDING][..padding])
    }

    /// Removes the prefix and ensures that the rest is a plain relative path.
    pub(crate) fn plain_path(
        &self,
        written: &str,
        prefix: &str,
        place: u64,
    ) -> Result<String, ReadError> {
        let is_plain = |part: &str| !matches!(part, "" | "." | "..");
        if let Some(path) = written.strip_prefix(prefix) {
            let path = path.strip_suffix('/').unwrap_or(path);
            let is_root = path.is_empty() && !prefix.is_empty();
            if is_root || path.split('/').all(is_plain) {
                return Ok(path.to_owned());
            }
        }
        let what = format!(
            "the path `{written}`; expected a relative one that starts with `{prefix}` and has no empty, `.` or `..` parts"
        );
        Err(self.malformed(what, place))
    }

    /// A name of at least one character.
    pub(crate) fn text(&self, bytes: &[u8], place: u64) -> Result<String, ReadError> {
        match std::str::from_utf8(bytes) {
            Ok(text) if !text.is_empty() && !text.contains('\0') => Ok(text.to_owned()),
            _ => Err(self.malformed("a name that is empty or not UTF-8", place)),
        }
    }

    /// Fills the whole buffer.
    pub(crate) fn fill(&mut self, buffer: &mut [u8]) -> Result<(), ReadError> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.read_some(&mut buffer[filled..]) {
                Ok(0) => return Err(self.malformed("ends too early", self.position)),
                Ok(n) => filled += n,
                Err(e) => return Err(self.explain(e)),
            }
        }
        Ok(())
    }

    /// Reads once; zero bytes at the end.
    pub(crate) fn read_some(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.input.read(buffer) {
                Ok(n) => {
                    self.position += n as u64;
                    return Ok(n);
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
    }

    /// Adds a place to a read error that is caused by the data.
    pub(crate) fn explain(&mut self, error: io::Error) -> ReadError {
        if let Some(failure) = self.failure.take() {
            return failure;
        }
        match error.downcast::<Damaged>() {
            Ok(damaged) => self.malformed(damaged.to_string(), self.position),
            Err(error) => ReadError::Io(error),
        }
    }
}

/// Reads one member's content: exactly its size, or an error.
pub(crate) struct Contents<'r, 'a>(&'r mut Stream<'a>);

impl Read for Contents<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let stream = &mut *self.0;
        let length = buffer
            .len()
            .min(usize::try_from(stream.content_left).unwrap_or(usize::MAX));
        if length == 0 {
            return Ok(0);
        }
        let failure = match stream.read_some(&mut buffer[..length]) {
            Ok(0) => stream.malformed("ends inside a file", stream.position),
            Ok(n) => {
                stream.content_left -= n as u64;
                return Ok(n);
            }
            Err(e) => stream.explain(e),
        };
        let message = io::Error::new(io::ErrorKind::InvalidData, failure.to_string());
        stream.failure = Some(failure);
        Err(message)
    }
}
