//! A program that was started: in a session of its own, with no terminal, no input, and output that nobody waits for.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};

use super::output::Output;

/// A program that runs.
pub struct Program {
    child: Child,
    /// What it prints, on both streams.
    pub output: Output,
}

impl Program {
    /// Starts a program, which ends when the thread that has started it does. `wanted` is a text that it is to print.
    pub fn start(command: &[OsString], wanted: Option<&str>) -> io::Result<Self> {
        let (reader, writer) = io::pipe()?;
        let empty = OsString::new();
        let (program, arguments) = command.split_first().unwrap_or((&empty, &[]));
        let mut command = Command::new(program);
        command
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(writer.try_clone()?)
            .stderr(writer);
        // SAFETY: all calls are async-signal-safe, and the set is one of this function.
        unsafe {
            command.pre_exec(|| {
                // What this process blocks or ignores would be blocked or ignored there, too.
                let mut none = std::mem::zeroed();
                libc::sigemptyset(&mut none);
                libc::sigprocmask(libc::SIG_SETMASK, &none, std::ptr::null_mut());
                libc::signal(libc::SIGXFSZ, libc::SIG_DFL);
                // No terminal can be opened then, and signals of the keyboard go to us alone.
                if libc::setsid() < 0 {
                    return Err(io::Error::last_os_error());
                }
                match libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL as libc::c_ulong) {
                    0 => Ok(()),
                    _ => Err(io::Error::last_os_error()),
                }
            });
        }
        let child = command.spawn()?;
        // Our own ends for writing, without which the pipe would never end.
        drop(command);
        let output = Output::read(reader, wanted);
        Ok(Self { child, output })
    }

    /// Its process.
    pub fn id(&self) -> i32 {
        i32::try_from(self.child.id()).expect("process IDs fit")
    }

    /// How it ended, if it did.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Waits until it ends.
    pub fn wait(&mut self) -> io::Result<ExitStatus> {
        self.child.wait()
    }
}

/// A line of shell as a command.
pub fn shell(line: &str) -> [OsString; 3] {
    ["sh", "-c", line].map(|word| OsStr::new(word).to_owned())
}
