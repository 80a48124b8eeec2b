//! Archives that are read from the first byte to the last: their members, in a list, and again with the contents.
//!
//! An entry contains the hash of its content, so it cannot be visited before its content has been read. Hence the two
//! passes.

use std::io::{self, Read};

use super::stream::Stream;
use super::{ReadError, Visit};
use crate::model::digest::Sha256Sum;
use crate::model::entry::{Entry, EntryContent};

/// The maximum number of members, so that a small file cannot fill the memory.
pub(super) const MAX_MEMBERS: usize = 1 << 20;
/// How long all paths and targets of links may be together, for the same reason.
pub(super) const MAX_NAMES_BYTES: usize = 128 << 20;

/// One member, by its header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    /// The path without the prefix and without a trailing slash; empty for the top directory.
    pub path: String,
    /// Permission bits.
    pub mode: u32,
    /// The kind of member.
    pub kind: MemberKind,
}

/// The kind of a member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum MemberKind {
    /// A directory.
    Directory,
    /// A regular file of this many bytes.
    File(u64),
    /// A symbolic link and its target.
    Symlink(String),
}

/// The reader of an archive.
pub(crate) trait Members<'a> {
    /// The next member; `None` at the end, after the last byte has been read.
    fn next(&mut self) -> Result<Option<Member>, ReadError>;

    /// The stream, which is at the content of the member that `next` returned last.
    fn stream(&mut self) -> &mut Stream<'a>;
}

/// Hashes the content of a file.
pub(crate) type Hash<'h> = dyn FnMut(&Member, &mut dyn Read) -> io::Result<Sha256Sum> + 'h;

/// Reads an archive to its end and lists the members, except the top directory.
pub(crate) fn list<'a>(
    mut archive: impl Members<'a>,
    hash: &mut Hash<'_>,
) -> Result<Vec<Entry>, ReadError> {
    let mut entries = Vec::new();
    let mut name_bytes = 0;
    while let Some(member) = archive.next()? {
        let stream = archive.stream();
        if entries.len() == MAX_MEMBERS {
            let what = format!("more than {MAX_MEMBERS} members");
            return Err(stream.malformed(what, stream.position()));
        }
        name_bytes += member.path.len();
        if let MemberKind::Symlink(target) = &member.kind {
            name_bytes += target.len();
        }
        if name_bytes > MAX_NAMES_BYTES {
            let what = format!("paths of more than {MAX_NAMES_BYTES} bytes");
            return Err(stream.malformed(what, stream.position()));
        }
        let content = match &member.kind {
            MemberKind::Directory => EntryContent::Directory,
            MemberKind::Symlink(target) => EntryContent::Symlink(target.clone()),
            MemberKind::File(size) => {
                let sum = hash(&member, &mut stream.content());
                let sha256 = sum.map_err(|e| stream.explain(e))?;
                let size = *size;
                EntryContent::File { size, sha256 }
            }
        };
        let (path, mode) = (member.path, member.mode);
        if !path.is_empty() {
            entries.push(Entry {
                path,
                mode,
                content,
            });
        }
    }
    Ok(entries)
}

/// Reads the same archive again and visits the listed entries with their contents.
pub(crate) fn show<'a>(
    mut archive: impl Members<'a>,
    entries: &[Entry],
    visit: &mut Visit<'_>,
) -> Result<(), ReadError> {
    let mut entries = entries.iter();
    while let Some(member) = archive.next()? {
        if member.path.is_empty() {
            continue;
        }
        let stream = archive.stream();
        let entry = entries.next().filter(|entry| entry.path == member.path);
        let Some(entry) = entry else {
            return Err(stream.malformed("changed while it was read", stream.position()));
        };
        let outcome = visit(entry, &mut stream.content());
        if let Err(e) = outcome {
            return Err(stream.explain(e));
        }
    }
    Ok(())
}
