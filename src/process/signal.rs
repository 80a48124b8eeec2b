//! Signals by their names.

use std::fmt;
use std::str::FromStr;

use crate::model::text::{InvalidText, typed_text};

/// A signal that ended a process. Displays and parses as its name, such as `SIGABRT`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signal(pub i32);

/// Those that end a process unless it handles them.
#[cfg(unix)]
const NAMES: &[(&str, i32)] = &[
    ("SIGABRT", libc::SIGABRT),
    ("SIGALRM", libc::SIGALRM),
    ("SIGBUS", libc::SIGBUS),
    ("SIGFPE", libc::SIGFPE),
    ("SIGHUP", libc::SIGHUP),
    ("SIGILL", libc::SIGILL),
    ("SIGINT", libc::SIGINT),
    ("SIGKILL", libc::SIGKILL),
    ("SIGPIPE", libc::SIGPIPE),
    ("SIGQUIT", libc::SIGQUIT),
    ("SIGSEGV", libc::SIGSEGV),
    ("SIGSYS", libc::SIGSYS),
    ("SIGTERM", libc::SIGTERM),
    ("SIGTRAP", libc::SIGTRAP),
    ("SIGUSR1", libc::SIGUSR1),
    ("SIGUSR2", libc::SIGUSR2),
    ("SIGXCPU", libc::SIGXCPU),
    ("SIGXFSZ", libc::SIGXFSZ),
];

/// Nothing ends by a signal here, but a case that was recorded elsewhere can name one.
#[cfg(not(unix))]
const NAMES: &[(&str, i32)] = &[
    ("SIGABRT", 6),
    ("SIGALRM", 14),
    ("SIGFPE", 8),
    ("SIGHUP", 1),
    ("SIGILL", 4),
    ("SIGINT", 2),
    ("SIGKILL", 9),
    ("SIGPIPE", 13),
    ("SIGQUIT", 3),
    ("SIGSEGV", 11),
    ("SIGTERM", 15),
    ("SIGTRAP", 5),
];

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match NAMES.iter().find(|(_, number)| *number == self.0) {
            Some((name, _)) => f.write_str(name),
            None => write!(f, "{}", self.0),
        }
    }
}

impl FromStr for Signal {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        if let Some((_, number)) = NAMES.iter().find(|(name, _)| *name == text) {
            return Ok(Self(*number));
        }
        match text.parse() {
            Ok(number @ 1..=64) => Ok(Self(number)),
            _ => Err(InvalidText::unknown(
                "signal",
                text,
                NAMES.iter().map(|(name, _)| *name),
            )),
        }
    }
}

typed_text!(Signal);
