//! The setup's own file: its parts, and whether they are whole.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use sha2::{Digest, Sha256};

use crate::payload::{Contents, Footer, Head};
use crate::problem::{Code, Problem};

/// A setup that was held against its sum.
pub struct Source {
    file: File,
    footer: Footer,
    pub contents: Contents,
}

/// What a program file is.
pub enum Kind {
    Setup(Box<Source>),
    /// The program alone, which was installed to remove the rest.
    Uninstaller,
}

impl Source {
    /// Opens the program, reads all of it and compares it with its sum.
    pub fn open(mut file: File) -> Result<Kind, Problem> {
        let length = file.seek(SeekFrom::End(0)).map_err(unreadable)?;
        let mut start = vec![0; Head::BYTES.min(usize::try_from(length).unwrap_or(usize::MAX))];
        file.seek(SeekFrom::Start(0)).map_err(unreadable)?;
        file.read_exact(&mut start).map_err(unreadable)?;
        let head = Head::read(&start).ok_or_else(damaged)?;
        if head.end == length {
            return Ok(Kind::Uninstaller);
        }
        let end = head.end_of(length).ok_or_else(damaged)?;
        let footer_at = end.checked_sub(Footer::BYTES).ok_or_else(damaged)?;
        file.seek(SeekFrom::Start(footer_at)).map_err(unreadable)?;
        let mut footer = [0; Footer::BYTES as usize];
        file.read_exact(&mut footer).map_err(unreadable)?;
        let footer = Footer::parse(&footer, end).ok_or_else(damaged)?;
        if footer.start != head.end {
            return Err(damaged());
        }
        let sum = sum(&mut file, &head, end - Footer::SUM).map_err(unreadable)?;
        if sum != footer.sum {
            return Err(damaged());
        }
        let mut text = String::new();
        file.seek(SeekFrom::Start(footer.contents_at()))
            .map_err(unreadable)?;
        (&file)
            .take(footer.contents)
            .read_to_string(&mut text)
            .map_err(unreadable)?;
        let contents = Contents::parse(&text).map_err(|_| damaged())?;
        Ok(Kind::Setup(Box::new(Self {
            file,
            footer,
            contents,
        })))
    }

    /// The compressed files.
    pub fn data(&mut self) -> io::Result<impl Read + '_> {
        self.file.seek(SeekFrom::Start(self.footer.start))?;
        Ok((&self.file).take(self.footer.data))
    }

    /// The program without what is behind it, and without a signature, which would not be valid.
    pub fn program(&mut self) -> io::Result<Vec<u8>> {
        self.file.seek(SeekFrom::Start(0))?;
        let mut program = Vec::new();
        (&self.file)
            .take(self.footer.start)
            .read_to_end(&mut program)?;
        if let Some(head) = Head::read(&program) {
            head.clear(&mut program);
        }
        Ok(program)
    }
}

/// The SHA-256 of the first bytes of a setup.
fn sum(file: &mut File, head: &Head, length: u64) -> io::Result<[u8; 32]> {
    file.seek(SeekFrom::Start(0))?;
    let mut input = (&*file).take(length);
    let mut buffer = vec![0; 1 << 20];
    let (mut hash, mut is_start) = (Sha256::new(), true);
    loop {
        let mut filled = 0;
        // The headers have to be in one piece.
        while filled < buffer.len() {
            match input.read(&mut buffer[filled..])? {
                0 => break,
                n => filled += n,
            }
        }
        if filled == 0 {
            return Ok(hash.finalize().into());
        }
        if std::mem::take(&mut is_start) {
            head.clear(&mut buffer);
        }
        hash.update(&buffer[..filled]);
    }
}

fn damaged() -> Problem {
    Problem::new(
        Code::Damaged,
        "This setup is damaged: a part is missing or was changed. Nothing was installed. Download it again.",
    )
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to `map_err`")]
fn unreadable(error: io::Error) -> Problem {
    Problem::new(
        Code::Failed,
        format!("The setup cannot read its own file: {error}"),
    )
}
