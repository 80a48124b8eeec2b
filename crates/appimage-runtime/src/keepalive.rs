//! Knowing when the program inside has ended, although it has taken this process's place.
//!
//! The program and all that it starts inherit the end of a pipe. A guard in the background, which is not the program's
//! child, holds the other end and a handle of the program's process: when both say that nobody is left, it cleans up.

use core::ffi::{c_int, c_long};
use core::mem::ManuallyDrop;

use crate::sys::{self, Errno, File};

/// Where the inherited end goes: beyond the descriptors that programs close or take for themselves.
const HIGH_DESCRIPTOR: c_int = 1023;
/// No more descriptors than these are closed in the guard.
const MAX_DESCRIPTORS: c_long = 4096;

pub struct Keepalive {
    watch: Watch,
    /// Inherited by the program.
    held: File,
}

/// The guard's side.
pub struct Watch {
    pipe: File,
    /// The program's process; Linux before 5.3 has no such handles.
    process: Option<File>,
}

impl Keepalive {
    pub fn new() -> Result<Self, Errno> {
        let mut ends = [0; 2];
        // SAFETY: the array has room for both descriptors.
        sys::check(unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) })?;
        let (pipe, end) = (File::from_raw(ends[0]), File::from_raw(ends[1]));
        Ok(Self {
            watch: Watch {
                pipe,
                process: own_process(),
            },
            held: inheritable(end)?,
        })
    }

    /// Runs a function in the background. It is not a child of this process, so that the program is not surprised by a
    /// child that it has not started, and it holds none of this process's files but the ones named.
    pub fn guard(self, files: &[c_int], body: impl FnOnce(Watch)) -> Result<(), Errno> {
        // SAFETY: this process has one thread.
        let child = sys::check(unsafe { libc::fork() })?;
        if child == 0 {
            // SAFETY: cannot fail in a fresh child.
            unsafe { libc::setsid() };
            // SAFETY: this process has one thread.
            match unsafe { libc::fork() } {
                0 => self.become_guard(files, body),
                grandchild => exit(if grandchild < 0 { 1 } else { 0 }),
            }
        }
        let mut status = 0;
        // SAFETY: the status is valid for writes.
        sys::retry(|| unsafe { libc::waitpid(child, &mut status, 0) })?;
        if status != 0 {
            return Err(Errno(libc::EAGAIN));
        }
        // Stays open until the program and all that it started have ended.
        let _ = ManuallyDrop::new(self.held);
        Ok(())
    }

    fn become_guard(self, files: &[c_int], body: impl FnOnce(Watch)) -> ! {
        let Keepalive { watch, held } = self;
        drop(held);
        detach(|descriptor| watch.holds(descriptor) || files.contains(&descriptor));
        body(watch);
        exit(0)
    }
}

impl Watch {
    /// Returns when the program and everything that inherited the pipe have ended.
    pub fn wait(&self) {
        // A program may close all descriptors and go on, so the pipe alone does not tell.
        if let Some(process) = &self.process {
            poll(process);
        }
        poll(&self.pipe);
    }

    fn holds(&self, descriptor: c_int) -> bool {
        let process = self.process.as_ref().map(File::raw);
        self.pipe.raw() == descriptor || process == Some(descriptor)
    }
}

/// Waits until a process ends or a pipe has no writer. Nothing is ever written to the pipe.
fn poll(file: &File) {
    let mut poll = libc::pollfd {
        fd: file.raw(),
        events: libc::POLLIN,
        revents: 0,
    };
    // SAFETY: one entry is valid for reads and writes. An error would come again, so it ends the wait as well.
    let _ = sys::retry(|| unsafe { libc::poll(&mut poll, 1, -1) });
}

fn own_process() -> Option<File> {
    // SAFETY: takes two numbers.
    let handle = unsafe { libc::syscall(libc::SYS_pidfd_open, libc::getpid(), 0) };
    (handle >= 0).then(|| File::from_raw(handle as c_int))
}

/// The same open file, at a high number and surviving exec.
fn inheritable(file: File) -> Result<File, Errno> {
    for lowest in [HIGH_DESCRIPTOR, 100, 3] {
        // SAFETY: takes numbers; fails where the limit of open files is lower.
        let descriptor = unsafe { libc::fcntl(file.raw(), libc::F_DUPFD, lowest) };
        if descriptor >= 0 {
            return Ok(File::from_raw(descriptor));
        }
    }
    Err(Errno::last())
}

/// Lets go of the terminal, the working directory and all descriptors but those to keep.
fn detach(keep: impl Fn(c_int) -> bool) {
    let signals = [
        libc::SIGHUP,
        libc::SIGINT,
        libc::SIGQUIT,
        libc::SIGTERM,
        libc::SIGPIPE,
    ];
    // SAFETY: these calls take numbers and constant strings. The guard has to outlive the program that it guards, also
    // when a terminal or session ends them together.
    unsafe {
        for signal in signals {
            libc::signal(signal, libc::SIG_IGN);
        }
        libc::chdir(c"/".as_ptr());
        let null = libc::open(c"/dev/null".as_ptr(), libc::O_RDWR);
        for standard in 0..3 {
            if null < 0 {
                libc::close(standard);
            } else {
                libc::dup2(null, standard);
            }
        }
        let limit = libc::sysconf(libc::_SC_OPEN_MAX).clamp(3, MAX_DESCRIPTORS);
        for descriptor in 3..limit as c_int {
            if !keep(descriptor) {
                libc::close(descriptor);
            }
        }
    }
}

/// Ends this process without running what its parent has registered.
pub fn exit(code: c_int) -> ! {
    // SAFETY: never returns.
    unsafe { libc::_exit(code) }
}
