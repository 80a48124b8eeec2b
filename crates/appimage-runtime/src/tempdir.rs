//! Temporary directories that only their owner can look into, and removing them.

use alloc::vec::Vec;
use core::ffi::{CStr, c_int};

use crate::environment;
use crate::error::{During, Result};
use crate::sys::{self, Errno, File};

/// How deep a tree is removed; far more than any that is made here.
const MAX_DEPTH: u32 = 128;

/// Whether a directory is to hold programs or only a mount point.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Mount,
    Programs,
}

/// Makes a directory with mode 0700 and a random end to its name.
pub fn make(prefix: &[u8], purpose: Purpose) -> Result<Vec<u8>> {
    let mut template = base(purpose);
    template.push(b'/');
    template.extend_from_slice(prefix);
    template.extend_from_slice(b"XXXXXX");
    make_from(&template).during("make the directory", &template)
}

fn make_from(template: &[u8]) -> core::result::Result<Vec<u8>, Errno> {
    let path = sys::c_string(template)?.into_raw();
    // SAFETY: the string is valid and owned; the call only replaces the last six bytes.
    let failed = unsafe { libc::mkdtemp(path) }.is_null();
    let errno = Errno::last();
    // SAFETY: the pointer came from `into_raw`, and its length is unchanged.
    let path = unsafe { alloc::ffi::CString::from_raw(path) };
    if failed {
        Err(errno)
    } else {
        Ok(path.into_bytes())
    }
}

/// The directory for temporary files: `$TMPDIR` or `/tmp`; `/var/tmp` where programs cannot be run from those.
pub fn base(purpose: Purpose) -> Vec<u8> {
    let given = environment::get(c"TMPDIR").unwrap_or(b"/tmp");
    let suits = |path: &[u8]| purpose == Purpose::Mount || allows_programs(path);
    let candidates = [given, b"/tmp", b"/var/tmp"];
    let chosen = candidates
        .into_iter()
        .find(|path| suits(path))
        .unwrap_or(given);
    absolute(chosen)
}

fn allows_programs(path: &[u8]) -> bool {
    let Ok(path) = sys::c_string(path) else {
        return false;
    };
    // SAFETY: all-zero bytes are a valid `statvfs`, which the call fills.
    let mut status: libc::statvfs = unsafe { core::mem::zeroed() };
    // SAFETY: the path is a valid string and the status valid for writes.
    let found = unsafe { libc::statvfs(path.as_ptr(), &mut status) } == 0;
    // SAFETY: the path is a valid string.
    let writable = unsafe { libc::access(path.as_ptr(), libc::W_OK) } == 0;
    found && writable && status.f_flag & libc::ST_NOEXEC == 0
}

/// The absolute form of a path; the path itself where there is none.
pub fn absolute(path: &[u8]) -> Vec<u8> {
    let Ok(given) = sys::c_string(path) else {
        return path.to_vec();
    };
    // SAFETY: the path is a valid string; the result is allocated by the C library and freed below.
    let resolved = unsafe { libc::realpath(given.as_ptr(), core::ptr::null_mut()) };
    if resolved.is_null() {
        return path.to_vec();
    }
    // SAFETY: a non-null result is a valid string that is ours to free.
    unsafe {
        let bytes = CStr::from_ptr(resolved).to_bytes().to_vec();
        libc::free(resolved.cast());
        bytes
    }
}

/// Removes an empty directory.
pub fn remove_empty(path: &[u8]) {
    if let Ok(path) = sys::c_string(path) {
        // SAFETY: the path is a valid string. What cannot be removed stays.
        unsafe { libc::rmdir(path.as_ptr()) };
    }
}

/// Removes a directory and all that is in it, never following a symbolic link.
pub fn remove(path: &[u8]) {
    let Ok(path) = sys::c_string(path) else {
        return;
    };
    remove_content(libc::AT_FDCWD, &path, 0);
    // SAFETY: the path is a valid string.
    unsafe { libc::rmdir(path.as_ptr()) };
}

fn remove_content(parent: c_int, name: &CStr, depth: u32) {
    let flags = libc::O_RDONLY | libc::O_DIRECTORY | libc::O_NOFOLLOW;
    let Ok(dir) = File::open_at(parent, name, flags, 0) else {
        return;
    };
    // SAFETY: the descriptor is open. The program may have taken our own right to write away.
    unsafe { libc::fchmod(dir.raw(), 0o700) };
    for name in names(&dir) {
        // SAFETY: the name is a valid string.
        let removed = unsafe { libc::unlinkat(dir.raw(), name.as_ptr(), 0) } == 0;
        if !removed && depth < MAX_DEPTH {
            remove_content(dir.raw(), &name, depth + 1);
            // SAFETY: as above.
            unsafe { libc::unlinkat(dir.raw(), name.as_ptr(), libc::AT_REMOVEDIR) };
        }
    }
}

/// The names in a directory, read before any is removed.
fn names(dir: &File) -> Vec<alloc::ffi::CString> {
    let mut names = Vec::new();
    // SAFETY: the stream gets a descriptor of its own, and is closed here; entries are copied before the next call.
    unsafe {
        let stream = libc::fdopendir(libc::fcntl(dir.raw(), libc::F_DUPFD_CLOEXEC, 0));
        if stream.is_null() {
            return names;
        }
        while let Some(entry) = libc::readdir(stream).as_ref() {
            let name = CStr::from_ptr(entry.d_name.as_ptr());
            if name != c"." && name != c".." {
                names.push(name.into());
            }
        }
        libc::closedir(stream);
    }
    names
}
