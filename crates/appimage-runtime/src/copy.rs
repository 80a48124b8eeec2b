//! Extracted copies of the files, for where nothing can be mounted.

use alloc::vec::Vec;

use crate::environment::explain;
use crate::error::{During, Error, Result};
use crate::extract::Extraction;
use crate::image::Image;
use crate::keepalive::Keepalive;
use crate::sys::{self, Errno, File};
use crate::tempdir::{self, Purpose};

const PREFIX: &[u8] = b"appimage_extracted_";

/// A copy that is removed when the program has ended.
pub fn temporary(image: &Image) -> Result<Vec<u8>> {
    let path = make(image)?;
    let guarded = Keepalive::new().and_then(|keepalive| {
        keepalive.guard(&[], |watch| {
            watch.wait();
            tempdir::remove(&path);
        })
    });
    remove_where_failed(guarded.during("watch over", &path), &path)?;
    Ok(path)
}

/// A copy that stays and is used again for as long as the AppImage is unchanged.
pub fn reusable(image: &Image) -> Result<Vec<u8>> {
    let status = image
        .backend()
        .file()
        .status()
        .during("examine", b"AppImage")?;
    let mut path = tempdir::base(Purpose::Programs);
    path.push(b'/');
    path.extend_from_slice(PREFIX);
    path.extend_from_slice(&sys::hexadecimal(identity(&status)));
    if is_ours(&path) {
        explain(&[b"using the copy in ", &path]);
        return Ok(path);
    }
    // Made under another name, so that the final name is only ever that of a whole copy.
    let made = make(image)?;
    let renamed = rename(&made, &path);
    if let Err(errno) = renamed {
        tempdir::remove(&made);
        // Another process may have been faster.
        if !is_ours(&path) {
            return Err(errno).during("make the directory", &path);
        }
    }
    Ok(path)
}

fn make(image: &Image) -> Result<Vec<u8>> {
    let path = tempdir::make(PREFIX, Purpose::Programs)?;
    explain(&[b"extracting to ", &path]);
    remove_where_failed(fill(image, &path), &path)?;
    Ok(path)
}

fn fill(image: &Image, path: &[u8]) -> Result<()> {
    let flags = libc::O_RDONLY | libc::O_DIRECTORY | libc::O_NOFOLLOW;
    let directory = sys::c_string(path)
        .and_then(|path| File::open(&path, flags))
        .during("open the directory", path)?;
    Extraction::new(image, None, |_| ()).run(&directory)
}

fn remove_where_failed(result: Result<()>, path: &[u8]) -> Result<()> {
    result.inspect_err(|_: &Error| tempdir::remove(path))
}

/// Whether a directory is there that this user made and nobody else can change.
fn is_ours(path: &[u8]) -> bool {
    let Ok(path) = sys::c_string(path) else {
        return false;
    };
    let flags = libc::O_RDONLY | libc::O_DIRECTORY | libc::O_NOFOLLOW;
    let status = File::open(&path, flags).and_then(|directory| directory.status());
    // SAFETY: cannot fail.
    let user = unsafe { libc::geteuid() };
    status.is_ok_and(|status| status.st_uid == user && status.st_mode & 0o077 == 0)
}

fn rename(from: &[u8], to: &[u8]) -> core::result::Result<(), Errno> {
    let (from, to) = (sys::c_string(from)?, sys::c_string(to)?);
    // SAFETY: both are valid strings. An existing directory that is not empty is not replaced.
    sys::check(unsafe { libc::rename(from.as_ptr(), to.as_ptr()) })?;
    Ok(())
}

/// A number that changes when the file does: FNV-1a over what the file system knows of it.
fn identity(status: &libc::stat) -> u64 {
    let facts = [
        status.st_dev,
        status.st_ino,
        status.st_size as u64,
        status.st_ctime as u64,
        status.st_ctime_nsec as u64,
    ];
    let bytes = facts.iter().flat_map(|fact| fact.to_le_bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
