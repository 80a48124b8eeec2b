//! Mounting by FUSE, in three ways: as root, through the setuid helper, and in a user namespace.

use alloc::ffi::CString;
use alloc::vec::Vec;
use core::ffi::CStr;

use crate::environment::explain;
use crate::error::{During, Result};
use crate::keepalive::exit;
use crate::sys::{self, Errno, File};
use crate::{helper, tempdir};

/// Where the files can be seen.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    /// By every process of the user.
    Everyone,
    /// By the program inside and what it starts.
    Program,
}

/// A mounted image: the device to serve, and how to unmount.
pub struct Mount {
    pub device: File,
    pub path: Vec<u8>,
    helper: Option<CString>,
}

const DEVICE: &CStr = c"/dev/fuse";

/// Mounts on a fresh directory in the first way that works. The error is that of the last way.
pub fn mount(name: &[u8], visibility: Visibility) -> Result<Mount> {
    let path = directory(name)?;
    let mounted = try_all(name, &path, visibility);
    if mounted.is_err() {
        tempdir::remove_empty(&path);
    }
    let (device, helper) = mounted.during("mount on", &path)?;
    Ok(Mount {
        device,
        path,
        helper,
    })
}

/// Names of mount points are short, as sockets below them have to fit 108 bytes.
const MAX_NAME: usize = 8;

fn directory(name: &[u8]) -> Result<Vec<u8>> {
    let short = &name[..name.len().min(MAX_NAME)];
    tempdir::make(&[b".mount_", short].concat(), tempdir::Purpose::Mount)
}

type Mounted = core::result::Result<(File, Option<CString>), Errno>;

fn try_all(name: &[u8], path: &[u8], visibility: Visibility) -> Mounted {
    // SAFETY: cannot fail.
    if unsafe { libc::geteuid() } == 0 {
        match mount_directly(name, path) {
            Ok(device) => return Ok((device, None)),
            Err(errno) => explain(&[b"mounting as root: ", errno.text()]),
        }
    }
    for program in helper::candidates() {
        explain(&[b"mounting by ", program.to_bytes()]);
        if let Ok(device) = helper::mount(&program, name, path) {
            return Ok((device, Some(program)));
        }
    }
    if visibility == Visibility::Everyone {
        return Err(Errno(libc::EPERM));
    }
    explain(&[b"mounting in a user namespace"]);
    mount_in_namespace(name, path).map(|device| (device, None))
}

fn mount_directly(name: &[u8], path: &[u8]) -> core::result::Result<File, Errno> {
    let device = File::open(DEVICE, libc::O_RDWR)?;
    // SAFETY: these calls cannot fail.
    let (user, group) = unsafe { (libc::getuid(), libc::getgid()) };
    let data = [
        b"fd=",
        &sys::decimal(device.raw() as u64)[..],
        b",rootmode=40000,user_id=",
        &sys::decimal(user.into()),
        b",group_id=",
        &sys::decimal(group.into()),
    ];
    let data = sys::c_string(data.concat())?;
    let (path, source) = (sys::c_string(path)?, sys::c_string(name)?);
    let kind = sys::c_string([b"fuse.", name].concat())?;
    let flags = libc::MS_RDONLY | libc::MS_NODEV | libc::MS_NOSUID;
    // SAFETY: all pointers are valid strings.
    sys::check(unsafe {
        libc::mount(
            source.as_ptr(),
            path.as_ptr(),
            kind.as_ptr(),
            flags,
            data.as_ptr().cast(),
        )
    })?;
    Ok(device)
}

/// Goes into namespaces of its own, where everyone may mount FUSE. Tried in a child first: where the system forbids it
/// half-way, this process would be stuck in a namespace for nothing.
fn mount_in_namespace(name: &[u8], path: &[u8]) -> core::result::Result<File, Errno> {
    // SAFETY: this process has one thread.
    let child = sys::check(unsafe { libc::fork() })?;
    if child == 0 {
        let result = enter_namespace().and_then(|()| mount_directly(name, path));
        exit(result.map_or_else(|errno| errno.0, |_| 0));
    }
    let mut status = 0;
    // SAFETY: the status is valid for writes.
    sys::retry(|| unsafe { libc::waitpid(child, &mut status, 0) })?;
    if !libc::WIFEXITED(status) || libc::WEXITSTATUS(status) != 0 {
        return Err(Errno(libc::WEXITSTATUS(status)));
    }
    enter_namespace()?;
    mount_directly(name, path)
}

fn enter_namespace() -> core::result::Result<(), Errno> {
    // SAFETY: these calls cannot fail.
    let (user, group) = unsafe { (libc::getuid(), libc::getgid()) };
    // SAFETY: this process has one thread.
    sys::check(unsafe { libc::unshare(libc::CLONE_NEWUSER | libc::CLONE_NEWNS) })?;
    // Without this, a plain user may not map groups (user_namespaces(7)).
    write_file(c"/proc/self/setgroups", b"deny")?;
    write_file(c"/proc/self/uid_map", &identity(user))?;
    write_file(c"/proc/self/gid_map", &identity(group))?;
    // Mounts of the system still appear inside; ours does not appear outside.
    let flags = libc::MS_REC | libc::MS_SLAVE;
    let none = core::ptr::null();
    // SAFETY: the target is a valid string; the other pointers are unused with these flags.
    sys::check(unsafe { libc::mount(none, c"/".as_ptr(), none, flags, none.cast()) })?;
    Ok(())
}

/// Maps one id to itself.
fn identity(id: u32) -> Vec<u8> {
    let id = sys::decimal(id.into());
    [&id[..], b" ", &id, b" 1"].concat()
}

fn write_file(path: &CStr, bytes: &[u8]) -> core::result::Result<(), Errno> {
    File::open(path, libc::O_WRONLY)?.write_all(bytes)
}

/// How to undo a mount.
pub struct Unmount {
    path: Vec<u8>,
    helper: Option<CString>,
}

impl Mount {
    pub fn split(self) -> (File, Unmount) {
        let unmount = Unmount {
            path: self.path,
            helper: self.helper,
        };
        (self.device, unmount)
    }
}

impl Unmount {
    /// Takes the files out of sight. Whoever has some of them open keeps them.
    pub fn run(&self) {
        match &self.helper {
            Some(program) => helper::unmount(program, &self.path),
            None => {
                if let Ok(path) = sys::c_string(&self.path[..]) {
                    // SAFETY: the path is a valid string. What cannot be unmounted stays.
                    unsafe { libc::umount2(path.as_ptr(), libc::MNT_DETACH) };
                }
            }
        }
        tempdir::remove_empty(&self.path);
    }
}

/// A file name with nothing that the options of a mount would read otherwise.
pub fn plain_name(path: &[u8]) -> Vec<u8> {
    let start = path
        .iter()
        .rposition(|byte| *byte == b'/')
        .map_or(0, |at| at + 1);
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let plain = |byte: &u8| if is_plain(*byte) { *byte } else { b'_' };
    path[start..].iter().map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_mounts_hold_no_separators() {
        assert_eq!(plain_name(b"/a b/c,d=e f.AppImage"), b"c_d_e_f.AppImage");
        assert_eq!(plain_name(b"plain-1.0"), b"plain-1.0");
    }
}
