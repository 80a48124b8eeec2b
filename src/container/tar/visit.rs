//! Lists a tar, and visits it again with the contents.
//!
//! An entry contains the hash of its content, so it cannot be visited before its content has been read. Hence the two
//! passes.

use std::io::{self, Read};

use super::read::{Member, MemberKind, TarReader};
use crate::container::{ReadError, Visit};
use crate::model::digest::Sha256Sum;
use crate::model::entry::{Entry, EntryContent};

/// The maximum number of members, so that a small file cannot fill the memory.
const MAX_MEMBERS: usize = 1 << 20;
/// How long all paths and targets of links may be together, for the same reason.
const MAX_NAME_BYTES: usize = 128 << 20;

/// Hashes the content of a file.
pub(crate) type Hash<'h> = dyn FnMut(&Member, &mut dyn Read) -> io::Result<Sha256Sum> + 'h;

/// Reads a tar to its end and lists the members, except the top directory.
pub(crate) fn list(mut tar: TarReader<'_>, hash: &mut Hash<'_>) -> Result<Vec<Entry>, ReadError> {
    let mut entries = Vec::new();
    let mut name_bytes = 0;
    while let Some(member) = tar.next()? {
        if entries.len() == MAX_MEMBERS {
            let what = format!("more than {MAX_MEMBERS} members");
            return Err(tar.malformed(what, tar.position()));
        }
        name_bytes += member.path.len();
        if let MemberKind::Symlink(target) = &member.kind {
            name_bytes += target.len();
        }
        if name_bytes > MAX_NAME_BYTES {
            let what = format!("paths of more than {MAX_NAME_BYTES} bytes");
            return Err(tar.malformed(what, tar.position()));
        }
        let content = match &member.kind {
            MemberKind::Directory => EntryContent::Directory,
            MemberKind::Symlink(target) => EntryContent::Symlink(target.clone()),
            MemberKind::File(size) => {
                let sum = hash(&member, &mut tar.content());
                let sha256 = sum.map_err(|e| tar.explain(e))?;
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

/// Reads the same tar again and visits the listed entries with their contents.
pub(crate) fn show(
    mut tar: TarReader<'_>,
    entries: &[Entry],
    visit: &mut Visit<'_>,
) -> Result<(), ReadError> {
    let mut entries = entries.iter();
    while let Some(member) = tar.next()? {
        if member.path.is_empty() {
            continue;
        }
        let entry = entries.next().filter(|entry| entry.path == member.path);
        let Some(entry) = entry else {
            return Err(tar.malformed("changed while it was read", tar.position()));
        };
        let outcome = visit(entry, &mut tar.content());
        if let Err(e) = outcome {
            return Err(tar.explain(e));
        }
    }
    Ok(())
}
