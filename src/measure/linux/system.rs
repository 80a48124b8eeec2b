//! The system calls that the standard library does not have.

use std::fs::File;
use std::io;
use std::net::TcpStream;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::ptr;
use std::time::Duration;

/// How a process ended, and what it used.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ended {
    pub(super) status: ExitStatus,
    /// Of the process and of those that it waited for.
    pub(super) cpu: Duration,
    pub(super) peak_bytes: u64,
    pub(super) involuntary_switches: u64,
}

/// Makes this process the parent of orphans below it, and children leave no core files.
pub(super) fn prepare() -> io::Result<()> {
    // SAFETY: the call takes numbers only.
    checked(unsafe { libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) })?;
    // SAFETY: all zeros is a valid limit, which the call fills, and then reads.
    unsafe {
        let mut limit: libc::rlimit = std::mem::zeroed();
        checked(libc::getrlimit(libc::RLIMIT_CORE, &raw mut limit))?;
        limit.rlim_cur = 0;
        checked(libc::setrlimit(libc::RLIMIT_CORE, &raw const limit))?;
    }
    Ok(())
}

/// A file descriptor that is readable when a process has ended (pidfd_open(2)).
pub(super) fn pidfd(pid: i32) -> io::Result<OwnedFd> {
    // SAFETY: the call takes numbers only.
    let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    let fd = RawFd::try_from(fd).expect("a file descriptor is a small number");
    // SAFETY: the descriptor is new, and nobody else has it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// Reading gives an error where it would have to wait.
pub(super) fn never_waits(file: &File) -> io::Result<()> {
    // SAFETY: the descriptor is open, and the calls take numbers only.
    unsafe {
        let flags = libc::fcntl(file.as_raw_fd(), libc::F_GETFL);
        checked(flags)?;
        checked(libc::fcntl(
            file.as_raw_fd(),
            libc::F_SETFL,
            flags | libc::O_NONBLOCK,
        ))
    }
}

/// What is waited for.
#[derive(Clone, Copy)]
pub(super) struct Sources<'a> {
    pub(super) end: Option<&'a OwnedFd>,
    pub(super) output: [Option<&'a File>; 2],
    pub(super) socket: Option<&'a TcpStream>,
}

/// Waits until something can be read, but no longer than some time. Tells whether the process has ended.
pub(super) fn wait(sources: Sources<'_>, most: Duration) -> io::Result<bool> {
    let number = |fd: Option<RawFd>| libc::pollfd {
        // One that is negative is passed over.
        fd: fd.unwrap_or(-1),
        events: libc::POLLIN,
        revents: 0,
    };
    let [out, err] = sources.output;
    let mut fds = [
        number(sources.end.map(AsRawFd::as_raw_fd)),
        number(out.map(AsRawFd::as_raw_fd)),
        number(err.map(AsRawFd::as_raw_fd)),
        number(sources.socket.map(AsRawFd::as_raw_fd)),
    ];
    let timeout = libc::timespec {
        tv_sec: most.as_secs() as _,
        tv_nsec: most.subsec_nanos().into(),
    };
    // SAFETY: the array has as many elements as said, and no mask of signals is given.
    let found = unsafe {
        libc::ppoll(
            fds.as_mut_ptr(),
            fds.len() as libc::nfds_t,
            &raw const timeout,
            ptr::null(),
        )
    };
    match checked(found) {
        Err(error) if error.kind() != io::ErrorKind::Interrupted => Err(error),
        _ => Ok(found > 0 && fds[0].revents != 0),
    }
}

/// Takes the status of a child that has ended; `None` for one that runs.
pub(super) fn reap(pid: i32) -> io::Result<Option<Ended>> {
    let mut status = 0;
    // SAFETY: all zeros is a valid value, which the call fills.
    let (found, usage) = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        let found = libc::wait4(pid, &raw mut status, libc::WNOHANG, &raw mut usage);
        (found, usage)
    };
    checked(found)?;
    Ok((found == pid).then(|| Ended {
        status: ExitStatus::from_raw(status),
        cpu: time(usage.ru_utime) + time(usage.ru_stime),
        peak_bytes: unsigned(usage.ru_maxrss) * 1024,
        involuntary_switches: unsigned(usage.ru_nivcsw),
    }))
}

/// The processor time of this process and of all that it has waited for.
pub(super) fn own_cpu() -> Duration {
    let of = |who| {
        // SAFETY: all zeros is a valid value, which the call fills.
        let usage = unsafe {
            let mut usage: libc::rusage = std::mem::zeroed();
            libc::getrusage(who, &raw mut usage);
            usage
        };
        time(usage.ru_utime) + time(usage.ru_stime)
    };
    of(libc::RUSAGE_SELF) + of(libc::RUSAGE_CHILDREN)
}

/// Sends a signal to a process; one that is gone needs none.
pub(super) fn signal(pid: i32, signal: i32) {
    // SAFETY: the call takes numbers only. A number of 1 or less would be everybody's.
    if pid > 1 {
        unsafe { libc::kill(pid, signal) };
    }
}

/// Sends a signal to a group of processes.
pub(super) fn signal_group(group: i32, signal: i32) {
    // SAFETY: the call takes numbers only. A number of 1 or less would be everybody's.
    if group > 1 {
        unsafe { libc::killpg(group, signal) };
    }
}

/// How many bytes of a file are in the page cache (mincore(2)); all of them, if the system does not tell this user.
pub(super) fn cached_bytes(file: &File, size: u64) -> io::Result<u64> {
    let Ok(size) = usize::try_from(size) else {
        return Err(io::ErrorKind::FileTooLarge.into());
    };
    if size == 0 {
        return Ok(0);
    }
    // SAFETY: the call takes numbers only.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    let page = usize::try_from(page).map_err(|_| io::Error::last_os_error())?;
    let mut pages = vec![0_u8; size.div_ceil(page)];
    // SAFETY: the mapping is of this function alone, and is never read; the vector has a byte for each of its pages.
    unsafe {
        let start = libc::mmap(
            ptr::null_mut(),
            size,
            libc::PROT_READ,
            libc::MAP_SHARED,
            file.as_raw_fd(),
            0,
        );
        if start == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let told = checked(libc::mincore(start, size, pages.as_mut_ptr()));
        libc::munmap(start, size);
        told?;
    }
    let cached = pages.iter().filter(|page| **page & 1 != 0).count();
    Ok((cached * page) as u64)
}

/// Drops a file from the page cache as far as nobody uses it (posix_fadvise(2)).
pub(super) fn drop_from_cache(file: &File) -> io::Result<()> {
    // What is not on disk yet cannot be dropped.
    file.sync_all()?;
    // SAFETY: the descriptor is open, and the call takes numbers only.
    match unsafe { libc::posix_fadvise(file.as_raw_fd(), 0, 0, libc::POSIX_FADV_DONTNEED) } {
        0 => Ok(()),
        error => Err(io::Error::from_raw_os_error(error)),
    }
}

/// Writes everything to disk.
pub(super) fn sync() {
    // SAFETY: the call takes nothing, and always succeeds.
    unsafe { libc::sync() };
}

fn checked(result: libc::c_int) -> io::Result<()> {
    if result < 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(())
    }
}

fn time(time: libc::timeval) -> Duration {
    Duration::from_secs(unsigned(time.tv_sec)) + Duration::from_micros(unsigned(time.tv_usec))
}

/// The system counts with signed numbers what is never negative.
fn unsigned(number: impl TryInto<u64>) -> u64 {
    number.try_into().unwrap_or(0)
}
