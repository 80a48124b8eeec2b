//! Writing an image's files to disk.
//!
//! The image may be hostile and the place that is written to may hold anything: every step is relative to an open
//! directory, no symbolic link is followed, and files are made anew, never opened.

use alloc::ffi::CString;
use alloc::vec::Vec;
use core::ffi::{CStr, c_int};

use crate::error::{During, Reason, Result};
use crate::squashfs::{DirectoryPlace, Entry, FileReader, Image, Inode, InodeReference, Kind};
use crate::sys::{self, Errno, File};

/// Directories nested deeper than this are refused; a hostile image could contain itself.
const MAX_DEPTH: usize = 128;
/// Matches a directory with all that is below it (fnmatch(3), a GNU extension that musl has too).
const FNM_LEADING_DIR: c_int = 8;

type Outcome = core::result::Result<(), Reason>;

/// One extraction.
pub struct Extraction<'a> {
    image: &'a Image,
    /// Which paths are wanted; all where there is none.
    pattern: Option<&'a CStr>,
    /// Called with the path of each file that is written.
    report: fn(&[u8]),
    /// The path of what is being written, below the root.
    path: Vec<u8>,
    depth: usize,
    /// Directories that may still be entered: an image has no more than inodes.
    directories_left: u32,
}

impl<'a> Extraction<'a> {
    pub fn new(image: &'a Image, pattern: Option<&'a CStr>, report: fn(&[u8])) -> Self {
        Self {
            image,
            pattern,
            report,
            path: Vec::new(),
            depth: 0,
            directories_left: image.inode_count,
        }
    }

    /// Extracts into an existing directory.
    pub fn run(mut self, into: &File) -> Result<()> {
        let root = self.image.root;
        let outcome = self.content(root, into, self.pattern.is_none());
        outcome.during("extract", &self.path)
    }

    /// Extracts what is in a directory; all of it where the directory itself was wanted.
    fn content(&mut self, directory: InodeReference, into: &File, wanted: bool) -> Outcome {
        let place = self.enter(directory)?;
        let mut entries = self.image.entries(place)?;
        while let Some(entry) = entries.next()? {
            let parent_length = self.path.len();
            if parent_length > 0 {
                self.path.push(b'/');
            }
            self.path.extend_from_slice(&entry.name);
            self.entry(&entry, into, wanted)?;
            // Only after success, so that an error names the path.
            self.path.truncate(parent_length);
        }
        self.depth -= 1;
        Ok(())
    }

    fn enter(&mut self, directory: InodeReference) -> core::result::Result<DirectoryPlace, Reason> {
        let Kind::Directory(place) = self.image.inode(directory)?.kind else {
            return Err(Reason::Malformed("a directory's inode is not one"));
        };
        self.directories_left = (self.directories_left.checked_sub(1))
            .ok_or(Reason::Malformed("there are more directories than inodes"))?;
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Reason::Malformed("directories are nested too deep"));
        }
        Ok(place)
    }

    fn entry(&mut self, entry: &Entry, into: &File, parent_wanted: bool) -> Outcome {
        let wanted = parent_wanted || self.is_wanted()?;
        let inode = self.image.inode(entry.inode)?;
        let name = sys::c_string(&entry.name[..])?;
        match &inode.kind {
            Kind::Directory(_) if wanted => self.directory(entry.inode, &inode, into, &name, true),
            Kind::Directory(_) => {
                let (depth, left) = (self.depth, self.directories_left);
                let holds_some = self.holds_wanted(entry.inode)?;
                (self.depth, self.directories_left) = (depth, left);
                match holds_some {
                    true => self.directory(entry.inode, &inode, into, &name, false),
                    false => Ok(()),
                }
            }
            _ if !wanted => Ok(()),
            Kind::File(_) => self.file(&inode, into, &name),
            Kind::Symlink(target) => self.symlink(target, &inode, into, &name),
            Kind::Special => Err(Reason::Malformed("devices and pipes cannot be extracted")),
        }
    }

    fn is_wanted(&self) -> core::result::Result<bool, Reason> {
        let Some(pattern) = self.pattern else {
            return Ok(true);
        };
        let path = sys::c_string(&self.path[..])?;
        let flags = libc::FNM_PATHNAME | FNM_LEADING_DIR;
        // SAFETY: both are valid strings.
        Ok(unsafe { libc::fnmatch(pattern.as_ptr(), path.as_ptr(), flags) } == 0)
    }

    /// Whether anything below a directory is wanted, so that no empty directories are made on the way.
    fn holds_wanted(&mut self, directory: InodeReference) -> core::result::Result<bool, Reason> {
        let place = self.enter(directory)?;
        let mut entries = self.image.entries(place)?;
        let mut found = false;
        while !found && let Some(entry) = entries.next()? {
            let parent_length = self.path.len();
            self.path.push(b'/');
            self.path.extend_from_slice(&entry.name);
            found = self.is_wanted()? || (entry.kind == 1 && self.holds_wanted(entry.inode)?);
            self.path.truncate(parent_length);
        }
        self.depth -= 1;
        Ok(found)
    }

    fn directory(
        &mut self,
        reference: InodeReference,
        inode: &Inode<'_>,
        into: &File,
        name: &CStr,
        wanted: bool,
    ) -> Outcome {
        // SAFETY: the name is a valid string.
        let made = sys::check(unsafe { libc::mkdirat(into.raw(), name.as_ptr(), 0o700) });
        if let Err(errno) = made
            && errno.0 != libc::EEXIST
        {
            return Err(errno.into());
        }
        let flags = libc::O_RDONLY | libc::O_DIRECTORY | libc::O_NOFOLLOW;
        let directory = File::open_at(into.raw(), name, flags, 0)?;
        self.content(reference, &directory, wanted)?;
        finish(&directory, inode)
    }

    fn file(&mut self, inode: &Inode<'a>, into: &File, name: &CStr) -> Outcome {
        unlink(into, name)?;
        let flags = libc::O_WRONLY | libc::O_CREAT | libc::O_EXCL | libc::O_NOFOLLOW;
        let file = File::open_at(into.raw(), name, flags, 0o600)?;
        let mut reader = FileReader::new(self.image, inode)
            .ok_or(Reason::Malformed("a file's inode is not one"))?;
        while let Some(block) = reader.next()? {
            match block.bytes() {
                Some(bytes) => file.write_all(bytes)?,
                // SAFETY: takes numbers.
                None => drop(sys::check(unsafe {
                    libc::lseek(file.raw(), block.len() as i64, libc::SEEK_CUR)
                })?),
            }
        }
        let size = i64::try_from(inode.size).map_err(|_| Errno(libc::EFBIG))?;
        // SAFETY: takes numbers. A hole at the end has not made the file longer.
        sys::check(unsafe { libc::ftruncate(file.raw(), size) })?;
        finish(&file, inode)?;
        (self.report)(&self.path);
        Ok(())
    }

    fn symlink(&mut self, target: &[u8], inode: &Inode<'_>, into: &File, name: &CStr) -> Outcome {
        unlink(into, name)?;
        let target: CString = sys::c_string(target)?;
        // SAFETY: both are valid strings.
        sys::check(unsafe { libc::symlinkat(target.as_ptr(), into.raw(), name.as_ptr()) })?;
        let times = times(inode);
        let flags = libc::AT_SYMLINK_NOFOLLOW;
        // SAFETY: the name is a valid string and the times are two.
        sys::check(unsafe { libc::utimensat(into.raw(), name.as_ptr(), times.as_ptr(), flags) })?;
        (self.report)(&self.path);
        Ok(())
    }
}

/// Makes room for a file: what is in its place goes, unless it is a directory, which is an error.
fn unlink(into: &File, name: &CStr) -> Outcome {
    // SAFETY: the name is a valid string.
    match sys::check(unsafe { libc::unlinkat(into.raw(), name.as_ptr(), 0) }) {
        Ok(_) | Err(Errno(libc::ENOENT)) => Ok(()),
        Err(errno) => Err(errno.into()),
    }
}

/// Gives a file or directory its mode and time. Bits that would lend it someone's rights are dropped.
fn finish(file: &File, inode: &Inode<'_>) -> Outcome {
    let times = times(inode);
    // SAFETY: takes numbers and the address of two times.
    unsafe {
        sys::check(libc::fchmod(file.raw(), inode.mode & 0o777))?;
        sys::check(libc::futimens(file.raw(), times.as_ptr()))?;
    }
    Ok(())
}

fn times(inode: &Inode<'_>) -> [libc::timespec; 2] {
    // SAFETY: all-zero bytes are a valid `timespec`.
    let mut time: libc::timespec = unsafe { core::mem::zeroed() };
    time.tv_sec = inode.modified.into();
    [time; 2]
}
