//! The content of a file in a package, which is not trusted, not even its size.

use std::io::{self, Read};

use sha2::{Digest, Sha256};

use crate::model::digest::Sha256Sum;
use crate::program::kind::Magic;

/// The maximum size of a program that is kept in memory.
pub(super) const MAX_PROGRAM_BYTES: usize = 256 << 20;

/// The content that was read.
pub(super) struct Content {
    /// The number of bytes.
    pub(super) size: u64,
    /// Their SHA-256.
    pub(super) sha256: Sha256Sum,
    /// The bytes themselves if they start like a program, up to [`MAX_PROGRAM_BYTES`].
    pub(super) program: Option<Vec<u8>>,
}

impl Content {
    /// Reads to the end with as little memory as possible.
    pub(super) fn read(content: &mut dyn Read) -> io::Result<Self> {
        let mut start = Vec::new();
        content.take(Magic::BYTES as u64).read_to_end(&mut start)?;
        let mut read = Self {
            size: 0,
            sha256: Sha256Sum([0; 32]),
            program: Magic::of(&start).map(|_| Vec::new()),
        };
        let mut hash = Sha256::new();
        read.add(&start, &mut hash);
        let mut buffer = vec![0; 64 * 1024];
        loop {
            match content.read(&mut buffer) {
                Ok(0) => break,
                Ok(length) => read.add(&buffer[..length], &mut hash),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        read.sha256 = Sha256Sum(hash.finalize().into());
        Ok(read)
    }

    fn add(&mut self, bytes: &[u8], hash: &mut Sha256) {
        hash.update(bytes);
        self.size += bytes.len() as u64;
        if let Some(program) = &mut self.program {
            let room = MAX_PROGRAM_BYTES - program.len();
            program.extend(&bytes[..bytes.len().min(room)]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_programs_are_kept() {
        let content = Content::read(&mut &b"some text"[..]).expect("in memory");
        assert_eq!((content.size, content.program), (9, None));
        assert_eq!(content.sha256, Sha256Sum::of(b"some text"));
        let program = b"\x7fELF and more";
        let content = Content::read(&mut &program[..]).expect("in memory");
        assert_eq!(content.program.as_deref(), Some(&program[..]));
        assert_eq!(content.sha256, Sha256Sum::of(program));
    }

    #[test]
    fn of_an_endless_program_no_more_is_kept_than_can_be_judged() {
        let start = &b"\x7fELF"[..];
        let rest = io::repeat(0).take(MAX_PROGRAM_BYTES as u64);
        let content = Content::read(&mut start.chain(rest)).expect("in memory");
        assert_eq!(content.size, MAX_PROGRAM_BYTES as u64 + 4);
        assert_eq!(
            content.program.map(|kept| kept.len()),
            Some(MAX_PROGRAM_BYTES)
        );
    }
}
