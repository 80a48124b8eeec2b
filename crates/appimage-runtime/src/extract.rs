//! Writing an image's files to disk.
//!
//! The image may be hostile and the place that is written to may hold anything: every step is relative to an open
//! directory, no symbolic link is followed, and files are made anew, never opened.

use alloc::ffi::CString;
use alloc::vec::Vec;
use core::ffi::{CStr, c_int};

use sealift_squashfs::{DirectoryPlace, Entry, Inode, InodeReference, Kind};

use crate::error::{During, Reason, Result};
use crate::image::{FileReader, Image};
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
    has_found_some: bool,
}

impl<'a> Extraction<'a> {
    pub fn new(image: &'a Image, pattern: Option<&'a CStr>, report: fn(&[u8])) -> Self {
        Self {
            image,
            pattern,
            report,
            path: Vec::new(),
            depth: 0,
            directories_left: image.superblock().inode_count,
            has_found_some: false,
        }
    }

    /// Extracts into an existing directory.
    pub fn run(mut self, into: &File) -> Result<()> {
        let root = self.image.superblock().root;
        let outcome = self.content(root, into, self.pattern.is_none());
        outcome.during("extract", &self.path)?;
        match self.pattern {
            Some(pattern) if !self.has_found_some => {
                Err(Errno(libc::ENOENT)).during("extract", pattern.to_bytes())
            }
            _ => Ok(()),
        }
    }

    /// Extracts what is in a directory; all of it where the directory itself was wanted.
    fn content(&mut self, directory: InodeReference, into: &File, wanted: bool) -> Outcome {
        let place = self.enter(directory)?;
        let mut entries = self.image.entries(&place)?;
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
        self.has_found_some |= wanted;
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
        let mut entries = self.image.entries(&place)?;
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
        inode: &Inode,
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

    fn file(&mut self, inode: &Inode, into: &File, name: &CStr) -> Outcome {
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

    fn symlink(&mut self, target: &[u8], inode: &Inode, into: &File, name: &CStr) -> Outcome {
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
fn finish(file: &File, inode: &Inode) -> Outcome {
    let times = times(inode);
    // SAFETY: takes numbers and the address of two times.
    unsafe {
        sys::check(libc::fchmod(file.raw(), inode.mode & 0o777))?;
        sys::check(libc::futimens(file.raw(), times.as_ptr()))?;
    }
    Ok(())
}

fn times(inode: &Inode) -> [libc::timespec; 2] {
    // SAFETY: all-zero bytes are a valid `timespec`.
    let mut time: libc::timespec = unsafe { core::mem::zeroed() };
    // On 32-bit machines the crate's type ends in 2038, and a later date becomes one before 1970.
    time.tv_sec = inode.modified as _;
    [time; 2]
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::path::PathBuf;

    use super::*;
    use crate::image::testing::open;
    use sealift_squashfs::testing::{Compression, DATE, Node, build};

    /// A directory that is removed when the test ends.
    struct Place(PathBuf);

    impl Place {
        fn new(test: &str) -> Self {
            let name = format!("appimage-runtime-{}-{test}", std::process::id());
            let path = std::env::temp_dir().join(name);
            std::fs::create_dir(&path).expect("the temporary directory is writable");
            Place(path)
        }

        fn path(&self, below: &str) -> PathBuf {
            self.0.join(below)
        }
    }

    impl Drop for Place {
        fn drop(&mut self) {
            crate::tempdir::remove(self.0.as_os_str().as_encoded_bytes());
            assert!(!self.0.exists(), "all of it can be removed");
        }
    }

    fn extract(
        entries: &[(&'static str, Node)],
        pattern: Option<&CStr>,
        into: &Place,
    ) -> Result<()> {
        let image = open(&build(Compression::Zstd, entries)).expect("the image opens");
        let path = sys::c_string(into.0.as_os_str().as_encoded_bytes()).expect("a path");
        let directory = File::open(&path, libc::O_RDONLY).expect("the directory is there");
        Extraction::new(&image, pattern, |_| ()).run(&directory)
    }

    fn file(text: &str) -> Node {
        Node::File(text.as_bytes().to_vec())
    }

    #[test]
    fn files_links_modes_and_times_are_as_in_the_image() {
        let place = Place::new("whole");
        let below = vec![("file", file("text")), ("link", Node::Symlink("file"))];
        extract(&[("usr", Node::Directory(below))], None, &place).expect("the image is whole");
        assert_eq!(
            std::fs::read(place.path("usr/link")).expect("extracted"),
            b"text"
        );
        let metadata = std::fs::metadata(place.path("usr/file")).expect("extracted");
        assert_eq!(metadata.permissions().mode() & 0o7777, 0o640);
        let date = std::time::UNIX_EPOCH + std::time::Duration::from_secs(DATE.into());
        assert_eq!(metadata.modified().expect("Linux has it"), date);
    }

    #[test]
    fn names_that_lead_out_are_refused_and_nothing_is_written() {
        for name in ["..", ".", "../evil", "/tmp/evil", "a/b"] {
            let place = Place::new("names");
            std::fs::create_dir(place.path("inside")).expect("the place is ours");
            let inside = Place(place.path("inside"));
            assert!(
                extract(&[(name, file("evil"))], None, &inside).is_err(),
                "{name}"
            );
            assert!(!place.path("evil").exists() && !place.path("inside/a").exists());
        }
    }

    #[test]
    fn a_directory_that_contains_itself_is_refused() {
        let place = Place::new("itself");
        assert!(extract(&[("again", Node::Root)], None, &place).is_err());
    }

    #[test]
    fn links_in_the_way_are_replaced_and_never_followed() {
        let place = Place::new("links");
        let outside = place.path("outside");
        std::fs::create_dir(&outside).expect("the place is ours");
        std::fs::create_dir(place.path("inside")).expect("the place is ours");
        let inside = Place(place.path("inside"));
        std::os::unix::fs::symlink(outside.join("target"), inside.path("file")).expect("ours");
        extract(&[("file", file("text"))], None, &inside).expect("a file's place is made free");
        assert!(!outside.join("target").exists());
        std::os::unix::fs::symlink(&outside, inside.path("usr")).expect("ours");
        let usr = Node::Directory(vec![("file", file("text"))]);
        assert!(extract(&[("usr", usr)], None, &inside).is_err());
        assert!(!outside.join("file").exists());
    }

    #[test]
    fn a_pattern_makes_only_the_directories_that_lead_to_matches() {
        let place = Place::new("pattern");
        let tree = || {
            let one = Node::Directory(vec![("a", file("1")), ("b", file("2"))]);
            let two = Node::Directory(vec![("c", file("3"))]);
            [("one", one), ("two", two)]
        };
        extract(&tree(), Some(c"*/b"), &place).expect("something matches");
        assert!(place.path("one/b").exists());
        assert!(!place.path("one/a").exists() && !place.path("two").exists());
        extract(&tree(), Some(c"two"), &place).expect("something matches");
        assert!(place.path("two/c").exists());
        assert!(extract(&tree(), Some(c"three"), &place).is_err());
    }
}
