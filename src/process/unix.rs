//! Sessions, signals and limits of Unix.

use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::{io, mem, ptr};

use super::{End, Limits, Signal};

/// Makes a command start in a session of its own, with the signals, limits and umask that every run has.
pub(super) fn set_apart(command: &mut Command, limits: &Limits) {
    let file_bytes = libc::rlim_t::try_from(limits.file_bytes).unwrap_or(libc::RLIM_INFINITY);
    // SAFETY: all that the closure calls is async-signal-safe, and it allocates nothing.
    unsafe { command.pre_exec(move || prepare(file_bytes)) };
}

/// Runs in the new process before the program.
fn prepare(file_bytes: libc::rlim_t) -> io::Result<()> {
    // SAFETY: the calls are given valid pointers to values on the stack.
    unsafe {
        if libc::setsid() == -1 {
            return Err(io::Error::last_os_error());
        }
        #[cfg(target_os = "linux")]
        libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
        let mut none: libc::sigset_t = mem::zeroed();
        libc::sigemptyset(&mut none);
        libc::sigprocmask(libc::SIG_SETMASK, &none, ptr::null_mut());
        // Those that this program, or whoever started it, may ignore; the program would inherit that.
        for signal in [
            libc::SIGHUP,
            libc::SIGINT,
            libc::SIGQUIT,
            libc::SIGTERM,
            libc::SIGPIPE,
            libc::SIGXFSZ,
        ] {
            libc::signal(signal, libc::SIG_DFL);
        }
        libc::umask(0o022);
    }
    // A core file would be a file that the program has left.
    limit(libc::RLIMIT_CORE as _, 0)?;
    limit(libc::RLIMIT_FSIZE as _, file_bytes)
}

fn limit(resource: libc::c_int, most: libc::rlim_t) -> io::Result<()> {
    // SAFETY: the structure is valid, all zeros, and filled by the first call.
    unsafe {
        let mut limit: libc::rlimit = mem::zeroed();
        // The type of the resource is another one with glibc.
        if libc::getrlimit(resource as _, &mut limit) != 0 {
            return Err(io::Error::last_os_error());
        }
        limit.rlim_max = limit.rlim_max.min(most);
        limit.rlim_cur = limit.rlim_max;
        if libc::setrlimit(resource as _, &limit) != 0 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(())
}

/// Whether a command has ended. It stays a zombie, so that its ID and its group's cannot become another's.
pub(super) fn has_ended(child: &mut Child) -> bool {
    // SAFETY: all zeros is a valid value, which the call fills.
    unsafe {
        let mut info: libc::siginfo_t = mem::zeroed();
        let flags = libc::WEXITED | libc::WNOHANG | libc::WNOWAIT;
        let asked = libc::waitid(libc::P_PID, child.id() as libc::id_t, &mut info, flags);
        // An error means that there is no such child any more.
        asked != 0 || info.si_signo != 0
    }
}

/// Asks all processes of a command's group to end.
pub(super) fn ask_to_end(id: u32) {
    signal(id, libc::SIGTERM);
}

/// Kills all processes of a command's group.
pub(super) fn kill(id: u32) {
    signal(id, libc::SIGKILL);
}

fn signal(group: u32, signal: libc::c_int) -> bool {
    // SAFETY: the call takes numbers. The group's leader has not been waited for, so the number is still the group's.
    unsafe { libc::kill(-(group as libc::pid_t), signal) == 0 }
}

/// Whether anything that a command has started is still running after it.
#[cfg(target_os = "linux")]
pub(super) fn is_left(id: u32, directory: &Path) -> bool {
    super::strays::of(id, directory).next().is_some()
}

/// Kills what a command has started; gives whether there was something.
#[cfg(target_os = "linux")]
pub(super) fn kill_left(id: u32, directory: &Path) -> bool {
    let mut found = false;
    for stray in super::strays::of(id, directory) {
        found = true;
        // SAFETY: the call takes numbers.
        unsafe { libc::kill(stray, libc::SIGKILL) };
    }
    found
}

/// Only those that keep the command's streams open are known where processes cannot be listed.
#[cfg(not(target_os = "linux"))]
pub(super) fn is_left(_: u32, _: &Path) -> bool {
    false
}

#[cfg(not(target_os = "linux"))]
pub(super) fn kill_left(_: u32, _: &Path) -> bool {
    false
}

/// How a process ended.
pub(super) fn end(status: ExitStatus) -> End {
    match (status.code(), status.signal()) {
        (Some(code), _) => End::Code(code),
        (None, Some(signal)) => End::Signal(Signal(signal)),
        (None, None) => End::Code(-1),
    }
}
