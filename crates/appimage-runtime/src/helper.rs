//! The setuid helper of FUSE: `fusermount3`, or `fusermount` of FUSE 2.
//!
//! It mounts on behalf of a plain user and hands the open device back through a socket, whose number it finds in
//! `_FUSE_COMMFD`.

use alloc::ffi::CString;
use alloc::vec::Vec;
use core::ffi::{CStr, c_int};

use crate::environment;
use crate::keepalive::exit;
use crate::sys::{self, Errno, File};

const NAMES: [&[u8]; 2] = [b"fusermount3", b"fusermount"];
/// Where the helper is when `$PATH` does not lead to it; the last is NixOS's place for setuid programs.
const USUAL_PLACES: &[u8] = b"/usr/bin:/bin:/usr/local/bin:/run/wrappers/bin";

/// The helpers to try: `$FUSERMOUNT_PROG` alone where it is set, else all that are found, each once.
pub fn candidates() -> Vec<CString> {
    if let Some(program) = environment::get(c"FUSERMOUNT_PROG") {
        return sys::c_string(program).into_iter().collect();
    }
    let path = environment::get(c"PATH").unwrap_or_default();
    let places = path.split(|byte| *byte == b':');
    let places = places.chain(USUAL_PLACES.split(|byte| *byte == b':'));
    // A relative place would run a program of whoever owns the working directory.
    let places: Vec<_> = places.filter(|place| place.starts_with(b"/")).collect();
    let mut found: Vec<CString> = Vec::new();
    for name in NAMES {
        for place in &places {
            let program = sys::c_string([place, &b"/"[..], name].concat());
            found.extend(
                program
                    .ok()
                    .filter(|p| !found.contains(p) && is_executable(p)),
            );
        }
    }
    found
}

fn is_executable(path: &CStr) -> bool {
    // SAFETY: the path is a valid string.
    unsafe { libc::access(path.as_ptr(), libc::X_OK) == 0 }
}

/// Mounts on a directory, and returns the device.
pub fn mount(program: &CStr, name: &[u8], path: &[u8]) -> Result<File, Errno> {
    let mut ends = [0; 2];
    let kind = libc::SOCK_STREAM | libc::SOCK_CLOEXEC;
    // SAFETY: the array has room for both descriptors.
    sys::check(unsafe { libc::socketpair(libc::AF_UNIX, kind, 0, ends.as_mut_ptr()) })?;
    let (ours, theirs) = (File::from_raw(ends[0]), File::from_raw(ends[1]));
    let options = [b"ro,nosuid,nodev,fsname=", name, b",subtype=", name];
    let options = sys::c_string(options.concat())?;
    let path = sys::c_string(path)?;
    let status = run(program, &[c"-o", &options, c"--", &path], Some(&theirs))?;
    drop(theirs);
    if status != 0 {
        return Err(Errno(libc::EPERM));
    }
    receive(&ours)
}

/// Unmounts a directory, also while files are in use.
pub fn unmount(program: &CStr, path: &[u8]) {
    if let Ok(path) = sys::c_string(path) {
        // What cannot be unmounted stays.
        let _ = run(program, &[c"-u", c"-z", c"-q", c"--", &path], None);
    }
}

/// Runs the helper and returns its exit status.
fn run(program: &CStr, arguments: &[&CStr], socket: Option<&File>) -> Result<c_int, Errno> {
    let mut vector = alloc::vec![program.as_ptr()];
    vector.extend(arguments.iter().map(|argument| argument.as_ptr()));
    vector.push(core::ptr::null());
    // SAFETY: only the calling thread goes on in the child, and threads that serve hold no lock that exec needs.
    let child = sys::check(unsafe { libc::fork() })?;
    if child == 0 {
        if let Some(socket) = socket {
            let number = sys::decimal(socket.raw() as u64);
            let _ = environment::set(c"_FUSE_COMMFD", &number);
            // SAFETY: takes numbers.
            unsafe { libc::fcntl(socket.raw(), libc::F_SETFD, 0) };
        }
        if !environment::is_set(c"VERBOSE") {
            silence();
        }
        // SAFETY: the vector holds valid strings and ends with null.
        unsafe { libc::execv(program.as_ptr(), vector.as_ptr()) };
        exit(127);
    }
    let mut status = 0;
    // SAFETY: the status is valid for writes.
    sys::retry(|| unsafe { libc::waitpid(child, &mut status, 0) })?;
    Ok(status)
}

/// Drops standard error: that one of several ways does not work is no news.
fn silence() {
    if let Ok(null) = File::open(c"/dev/null", libc::O_WRONLY) {
        // SAFETY: takes numbers.
        unsafe { libc::dup2(null.raw(), libc::STDERR_FILENO) };
    }
}

/// Receives one descriptor over a socket (unix(7), SCM_RIGHTS).
fn receive(socket: &File) -> Result<File, Errno> {
    let mut byte = 0u8;
    let mut piece = libc::iovec {
        iov_base: (&raw mut byte).cast(),
        iov_len: 1,
    };
    // Of u64, as a control message has to be aligned.
    let mut control = [0u64; 8];
    // SAFETY: all-zero bytes are a valid `msghdr`.
    let mut message: libc::msghdr = unsafe { core::mem::zeroed() };
    message.msg_iov = &mut piece;
    message.msg_iovlen = 1;
    message.msg_control = control.as_mut_ptr().cast();
    message.msg_controllen = size_of_val(&control) as _;
    // SAFETY: the message points to buffers that outlive the call.
    sys::retry(|| unsafe { libc::recvmsg(socket.raw(), &mut message, libc::MSG_CMSG_CLOEXEC) })?;
    // SAFETY: the kernel filled the control buffer, whose headers these macros walk.
    unsafe {
        let header = libc::CMSG_FIRSTHDR(&message)
            .as_ref()
            .ok_or(Errno(libc::EPROTO))?;
        if (header.cmsg_level, header.cmsg_type) != (libc::SOL_SOCKET, libc::SCM_RIGHTS) {
            return Err(Errno(libc::EPROTO));
        }
        let descriptor: c_int = libc::CMSG_DATA(header).cast::<c_int>().read_unaligned();
        Ok(File::from_raw(descriptor))
    }
}
