//! Writes a tar whose bytes depend only on its members and one date.

use std::io::{self, Seek, SeekFrom, Write};

use super::header::{self, BLOCK, Header, LONG_LINK, NAME, kind, padding};
use crate::model::entry::{Entry, EntryContent};
use crate::model::steps::Step;
use crate::model::tree::{Content, TreeFile};

/// Who owns a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Owner {
    /// The user ID.
    pub user: u32,
    /// The group ID.
    pub group: u32,
}

impl Owner {
    /// The superuser.
    pub(crate) const ROOT: Self = Self { user: 0, group: 0 };
}

/// Writes members and records them.
pub(crate) struct TarWriter<W> {
    out: W,
    date: u64,
    prefix: &'static str,
    entries: Vec<Entry>,
}

/// The two blocks of zeros at the end.
const END: [u8; 2 * BLOCK] = [0; 2 * BLOCK];

impl<W: Write> TarWriter<W> {
    /// Starts a tar in which all members have this date and this path prefix.
    pub(crate) fn new(out: W, date: i64, prefix: &'static str) -> Self {
        Self {
            out,
            date: u64::try_from(date).unwrap_or(0),
            prefix,
            entries: Vec::new(),
        }
    }

    /// Writes the top directory, which is not one of the entries.
    pub(crate) fn root(&mut self) -> io::Result<()> {
        let header = self.header(kind::DIRECTORY, 0o755, 0, Owner::ROOT);
        self.member(header, self.prefix, "")
    }

    /// Writes a directory owned by root with the usual mode, or a file owned by root.
    pub(crate) fn step(&mut self, step: &Step<'_>) -> io::Result<()> {
        match step {
            Step::Directory(path) => self.directory(path, 0o755, Owner::ROOT),
            Step::File(file) => self.file(file, Owner::ROOT),
        }
    }

    /// Writes a directory; its path has no trailing slash.
    pub(crate) fn directory(&mut self, path: &str, mode: u32, owner: Owner) -> io::Result<()> {
        let header = self.header(kind::DIRECTORY, mode, 0, owner);
        self.member(header, &format!("{}{path}/", self.prefix), "")?;
        self.remember(path, mode, EntryContent::Directory);
        Ok(())
    }

    /// Writes a file or a symbolic link.
    pub(crate) fn file(&mut self, file: &TreeFile, owner: Owner) -> io::Result<()> {
        let path = format!("{}{}", self.prefix, file.path);
        if let Content::Symlink(target) = &file.content {
            let header = self.header(kind::SYMLINK, 0o777, 0, owner);
            self.member(header, &path, target)?;
            self.remember(&file.path, 0o777, EntryContent::Symlink(target.clone()));
            return Ok(());
        }
        let size = file.size();
        let header = self.header(kind::FILE, file.mode, size, owner);
        self.member(header, &path, "")?;
        io::copy(&mut file.open()?, &mut self.out)?;
        self.out.write_all(&END[..padding(size)])?;
        let sha256 = file.sha256()?;
        self.remember(&file.path, file.mode, EntryContent::File { size, sha256 });
        Ok(())
    }

    /// Ends the tar; returns the underlying stream and the entries.
    pub(crate) fn finish(mut self) -> io::Result<(W, Vec<Entry>)> {
        self.out.write_all(&END)?;
        Ok((self.out, self.entries))
    }

    fn remember(&mut self, path: &str, mode: u32, content: EntryContent) {
        let path = path.to_owned();
        self.entries.push(Entry {
            path,
            mode,
            content,
        });
    }

    fn header(&self, kind: u8, mode: u32, size: u64, owner: Owner) -> Header {
        let mut header = Header::new(kind);
        header.set_number(header::MODE, u64::from(mode));
        header.set_number(header::UID, u64::from(owner.user));
        header.set_number(header::GID, u64::from(owner.group));
        header.set_number(header::SIZE, size);
        header.set_number(header::MTIME, self.date);
        // Readers prefer names to IDs, so only the name that is the same everywhere is written.
        if owner.user == 0 {
            header.set_text(header::USER, b"root");
        }
        if owner.group == 0 {
            header.set_text(header::GROUP, b"root");
        }
        header
    }

    fn member(&mut self, mut header: Header, path: &str, target: &str) -> io::Result<()> {
        self.long(kind::LONG_TARGET, target)?;
        self.long(kind::LONG_PATH, path)?;
        let short = |text: &str| text.len().min(NAME);
        header.set_text(header::PATH, &path.as_bytes()[..short(path)]);
        header.set_text(header::LINK, &target.as_bytes()[..short(target)]);
        self.out.write_all(&header.seal())
    }

    fn long(&mut self, kind: u8, text: &str) -> io::Result<()> {
        if text.len() <= NAME {
            return Ok(());
        }
        let size = text.len() as u64 + 1;
        let mut header = self.header(kind, 0o644, size, Owner::ROOT);
        // As in GNU tar: a long name has no date.
        header.set_number(header::MTIME, 0);
        header.set_text(header::PATH, LONG_LINK.as_bytes());
        self.out.write_all(&header.seal())?;
        self.out.write_all(text.as_bytes())?;
        self.out.write_all(&END[..1 + padding(size)])
    }
}

impl<W: Write + Seek> TarWriter<W> {
    /// Writes a file owned by root whose path and size are known only after its content has been written. `content`
    /// returns the path and any other value. The file is not one of the entries.
    pub(crate) fn deferred<T, E: From<io::Error>>(
        &mut self,
        content: impl FnOnce(&mut W) -> Result<(String, T), E>,
    ) -> Result<T, E> {
        let start = self.out.stream_position()?;
        self.out.write_all(&END[..BLOCK])?;
        let (path, result) = content(&mut self.out)?;
        let size = self.out.stream_position()? - start - BLOCK as u64;
        self.out.write_all(&END[..padding(size)])?;
        let end = self.out.stream_position()?;
        let mut header = self.header(kind::FILE, 0o644, size, Owner::ROOT);
        header.set_text(header::PATH, path.as_bytes());
        self.out.seek(SeekFrom::Start(start))?;
        self.out.write_all(&header.seal())?;
        self.out.seek(SeekFrom::Start(end))?;
        Ok(result)
    }
}

/// The size of a tar with these members, computed without reading them.
pub(crate) fn size_of_tree(steps: &[Step<'_>], prefix: &str) -> u64 {
    let long = |length: usize| match length {
        0..=NAME => 0,
        _ => (BLOCK + (length + 1).next_multiple_of(BLOCK)) as u64,
    };
    let size = |step: &Step<'_>| match step {
        Step::Directory(path) => long(prefix.len() + path.len() + 1),
        Step::File(file) => {
            let target = match &file.content {
                Content::Symlink(target) => target.len(),
                _ => 0,
            };
            let content = file.size() + padding(file.size()) as u64;
            long(prefix.len() + file.path.len()) + long(target) + content
        }
    };
    // With a prefix, there is a top directory.
    let headers = (steps.len() + usize::from(!prefix.is_empty())) * BLOCK;
    (headers + END.len()) as u64 + steps.iter().map(size).sum::<u64>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::steps::steps;
    use crate::testing::tree::{DATE, full_tree};

    #[test]
    fn the_size_is_known_before_anything_is_read() {
        let tree = full_tree();
        let steps = steps(&tree);
        for prefix in ["", "./"] {
            let mut tar = TarWriter::new(Vec::new(), DATE, prefix);
            if !prefix.is_empty() {
                tar.root().expect("written to memory");
            }
            for step in &steps {
                tar.step(step).expect("written to memory");
            }
            let (bytes, _) = tar.finish().expect("written to memory");
            assert_eq!(bytes.len() as u64, size_of_tree(&steps, prefix));
        }
    }
}
