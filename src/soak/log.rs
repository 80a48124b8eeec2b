//! The log of a soak: a line for each sample and each event, which are added one by one.
//!
//! Each line ends with a check sum and is written at once. A soak that is killed at any byte leaves whole lines and at most a part
//! of one, which is cut off when the soak goes on. The file is bounded: when it has [`MAX_SAMPLES`] samples or [`MAX_BYTES`]
//! bytes, each two neighbors become one, and the file is replaced as a whole.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::history::{Entry, Header, History};
use crate::model::hint::Hint;
use crate::output::{OutputError, open_regular, write_file};

/// More than a day with a sample a second.
pub const MAX_SAMPLES: usize = 100_000;

/// What a hundred thousand samples have, at most 160 bytes each.
pub const MAX_BYTES: u64 = 16_000_000;

/// A log that is written.
pub struct Log {
    file: File,
    path: PathBuf,
    bytes: u64,
    max_samples: usize,
    /// What is in it.
    pub history: History,
}

/// Why a log cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The file could not be read or written.
    #[error("cannot {action} the log `{}`", path.display())]
    File {
        /// What was to be done.
        action: &'static str,
        /// The log.
        path: PathBuf,
        /// The operating system's answer.
        source: io::Error,
    },
    /// The log could not be replaced.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// Another soak writes it.
    #[error("the log `{}` is in use by another soak", path.display())]
    InUse {
        /// The log.
        path: PathBuf,
    },
    /// It is another file.
    #[error("`{}` is not the log of a soak", path.display())]
    NotALog {
        /// The file.
        path: PathBuf,
    },
    /// A line that is not the last is damaged.
    #[error("the log `{}` is damaged in line {line}", path.display())]
    Damaged {
        /// The log.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// It has a soak that did not end.
    #[error("the log `{}` is of a soak that has not ended", path.display())]
    NotEnded {
        /// The log.
        path: PathBuf,
    },
    /// It has a soak that ended.
    #[error("the log `{}` is of a soak that has ended", path.display())]
    Ended {
        /// The log.
        path: PathBuf,
    },
    /// It has another soak.
    #[error("the log `{}` is of another soak: {what} was `{found}`; expected `{expected}`", path.display())]
    Other {
        /// The log.
        path: PathBuf,
        /// What is different.
        what: &'static str,
        /// What the log has.
        found: String,
        /// What was asked for.
        expected: String,
    },
}

impl Hint for LogError {
    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::NotEnded { .. } => {
                "`--resume` goes on with it; to begin again, remove the log, or name another with `--log`"
            }
            Self::Ended { .. } => "leave out `--resume` to begin another",
            Self::NotALog { .. } => "name another log with `--log`",
            _ => return None,
        };
        Some(hint.to_owned())
    }
}

impl Log {
    /// Begins a log. One of a soak that has ended, or has no sample, is replaced.
    pub fn begin(path: &Path, header: Header) -> Result<Self, LogError> {
        match read(path)? {
            None => {}
            // Of a program that was never ready, nothing is lost.
            Some((history, _)) if history.ended || history.samples.is_empty() => {}
            Some(_) => {
                let path = path.to_owned();
                return Err(LogError::NotEnded { path });
            }
        }
        let first = line(&Entry::Begun(header.clone()));
        write_file(path, first.as_bytes())?;
        Self::open(path, History::new(header), first.len() as u64)
    }

    /// Goes on with a log, without the part of a line at its end.
    pub fn resume(path: &Path, header: &Header, date: i64) -> Result<Self, LogError> {
        let missing = || LogError::File {
            action: "read",
            path: path.to_owned(),
            source: io::ErrorKind::NotFound.into(),
        };
        let (history, bytes) = read(path)?.ok_or_else(missing)?;
        if history.ended {
            let path = path.to_owned();
            return Err(LogError::Ended { path });
        }
        is_same(path, &history.header, header)?;
        let mut log = Self::open(path, history, bytes)?;
        log.file
            .set_len(bytes)
            .map_err(|source| log.error(source))?;
        log.add(Entry::Resumed(date))?;
        Ok(log)
    }

    fn open(path: &Path, history: History, bytes: u64) -> Result<Self, LogError> {
        let fail = |source| LogError::File {
            action: "write",
            path: path.to_owned(),
            source,
        };
        let file = OpenOptions::new().append(true).open(path).map_err(fail)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let path = path.to_owned();
                return Err(LogError::InUse { path });
            }
            Err(TryLockError::Error(error)) => return Err(fail(error)),
        }
        Ok(Self {
            file,
            path: path.to_owned(),
            bytes,
            max_samples: MAX_SAMPLES,
            history,
        })
    }

    /// Adds a line.
    pub fn add(&mut self, entry: Entry) -> Result<(), LogError> {
        let line = line(&entry);
        // One call, so that lines of a soak that is killed are whole.
        let written = self.file.write_all(line.as_bytes());
        written.map_err(|source| self.error(source))?;
        self.bytes += line.len() as u64;
        self.history.add(&entry);
        if self.history.samples.len() >= self.max_samples || self.bytes >= MAX_BYTES {
            self.shrink()?;
        }
        Ok(())
    }

    fn shrink(&mut self) -> Result<(), LogError> {
        self.history.halve();
        let lines: String = self.history.entries().iter().map(line).collect();
        write_file(&self.path, lines.as_bytes())?;
        let history = self.history.clone();
        let max_samples = self.max_samples;
        *self = Self::open(&self.path, history, lines.len() as u64)?;
        self.max_samples = max_samples;
        Ok(())
    }

    fn error(&self, source: io::Error) -> LogError {
        LogError::File {
            action: "write",
            path: self.path.clone(),
            source,
        }
    }
}

fn line(entry: &Entry) -> String {
    let json = serde_json::to_string(entry).expect("numbers and texts have a form in JSON");
    let sum = libdeflater::crc32(json.as_bytes());
    format!("{json} {sum:08x}\n")
}

fn entry(line: &[u8]) -> Option<Entry> {
    let (json, sum) = line.split_at_checked(line.len().checked_sub(9)?)?;
    let expected = format!(" {:08x}", libdeflater::crc32(json));
    (sum == expected.as_bytes()).then(|| serde_json::from_slice(json).ok())?
}

/// The history in a file and the length of its whole lines; `None` if there is no file.
fn read(path: &Path) -> Result<Option<(History, u64)>, LogError> {
    let fail = |source| LogError::File {
        action: "read",
        path: path.to_owned(),
        source,
    };
    let mut file = match open_regular(path) {
        Ok((file, _)) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(fail(error)),
    };
    let mut bytes = Vec::new();
    // Twice the bound is no log of this program.
    let mut bounded = io::Read::take(&mut file, 2 * MAX_BYTES);
    io::Read::read_to_end(&mut bounded, &mut bytes).map_err(fail)?;
    parse(path, &bytes).map(Some)
}

fn parse(path: &Path, bytes: &[u8]) -> Result<(History, u64), LogError> {
    let whole = bytes.iter().rposition(|byte| *byte == b'\n');
    let whole = &bytes[..whole.map_or(0, |end| end + 1)];
    let mut lines = whole.split_inclusive(|byte| *byte == b'\n');
    let mut next = || lines.next().map(|line| entry(&line[..line.len() - 1]));
    let Some(Some(Entry::Begun(header))) = next() else {
        let path = path.to_owned();
        return Err(LogError::NotALog { path });
    };
    let mut history = History::new(header);
    for line in 2.. {
        match next() {
            None => break,
            Some(Some(entry)) => history.add(&entry),
            Some(None) => {
                let path = path.to_owned();
                return Err(LogError::Damaged { path, line });
            }
        }
    }
    Ok((history, whole.len() as u64))
}

fn is_same(path: &Path, found: &Header, expected: &Header) -> Result<(), LogError> {
    let facts = |header: &Header| {
        [
            ("the program's SHA-256", header.program.sha256.to_string()),
            ("the command", header.command.join(" ")),
            ("the workload", header.workload.clone()),
            ("the interval in ms", header.interval.to_string()),
        ]
    };
    for ((what, found), (_, expected)) in facts(found).into_iter().zip(facts(expected)) {
        if found != expected {
            return Err(LogError::Other {
                path: path.to_owned(),
                what,
                found,
                expected,
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::history::tests::{header, sample};
    use super::*;

    fn log_of(path: &Path, samples: u64) -> Log {
        let mut log = Log::begin(path, header()).expect("writable");
        for n in 1..=samples {
            log.add(sample(n * 1000)).expect("writable");
        }
        log
    }

    #[test]
    fn a_log_that_ends_at_any_byte_goes_on_with_its_whole_lines() {
        let directory = tempfile::tempdir().expect("a place");
        let path = directory.path().join("a.log");
        drop(log_of(&path, 3));
        let bytes = std::fs::read(&path).expect("readable");
        let first = bytes
            .iter()
            .position(|byte| *byte == b'\n')
            .expect("a line");
        for end in first + 1..=bytes.len() {
            std::fs::write(&path, &bytes[..end]).expect("writable");
            let mut log = Log::resume(&path, &header(), 1_000_010).expect("whole lines");
            let whole = bytes[..end].iter().filter(|byte| **byte == b'\n').count() - 1;
            assert_eq!(log.history.samples.len(), whole, "{end}");
            log.add(sample(9000)).expect("writable");
            drop(log);
            let (history, _) = read(&path).expect("valid").expect("there");
            assert_eq!(history.samples.len(), whole + 1, "{end}");
            assert_eq!(history.gaps.len(), 1);
        }
        std::fs::write(&path, &bytes[..first]).expect("writable");
        let error = Log::resume(&path, &header(), 0).err().expect("no header");
        assert!(matches!(error, LogError::NotALog { .. }), "{error}");
    }

    #[test]
    fn a_line_that_was_changed_is_found() {
        let directory = tempfile::tempdir().expect("a place");
        let path = directory.path().join("a.log");
        drop(log_of(&path, 3));
        let text = std::fs::read_to_string(&path).expect("readable");
        std::fs::write(&path, text.replacen("[2000,", "[2001,", 1)).expect("writable");
        let error = Log::resume(&path, &header(), 0).err().expect("damaged");
        assert!(
            error.to_string().ends_with("is damaged in line 3"),
            "{error}"
        );
        let error = Log::begin(&path, header()).err().expect("damaged");
        assert!(matches!(error, LogError::Damaged { .. }));
    }

    #[test]
    fn only_the_log_of_a_soak_that_has_ended_is_replaced() {
        let directory = tempfile::tempdir().expect("a place");
        let path = directory.path().join("a.log");
        let mut log = log_of(&path, 1);
        let error = Log::begin(&path, header()).err().expect("not ended");
        assert!(
            error.hint().is_some_and(|hint| hint.contains("--resume")),
            "{error}"
        );
        let error = Log::resume(&path, &header(), 0).err().expect("in use");
        assert!(matches!(error, LogError::InUse { .. }), "{error}");
        log.add(Entry::Ended).expect("writable");
        drop(log);
        let error = Log::resume(&path, &header(), 0).err().expect("ended");
        assert!(matches!(error, LogError::Ended { .. }), "{error}");
        assert_eq!(log_of(&path, 0).history.samples.len(), 0);

        std::fs::write(&path, "somebody's diary\n").expect("writable");
        let error = Log::begin(&path, header()).err().expect("no log");
        assert!(matches!(error, LogError::NotALog { .. }), "{error}");
        assert_eq!(
            std::fs::read_to_string(&path).expect("readable"),
            "somebody's diary\n"
        );
    }

    #[test]
    fn the_log_of_another_soak_is_refused() {
        let directory = tempfile::tempdir().expect("a place");
        let path = directory.path().join("a.log");
        drop(log_of(&path, 1));
        let other = Header {
            workload: "GET http://127.0.0.1/".to_owned(),
            ..header()
        };
        let error = Log::resume(&path, &other, 0).err().expect("another one");
        let expected =
            "is of another soak: the workload was `nothing`; expected `GET http://127.0.0.1/`";
        assert!(error.to_string().ends_with(expected), "{error}");
    }

    #[test]
    fn a_long_log_stays_small_and_loses_no_request() {
        let directory = tempfile::tempdir().expect("a place");
        let path = directory.path().join("a.log");
        let mut log = log_of(&path, 0);
        log.max_samples = 50;
        for n in 1..=1000 {
            log.add(sample(n * 1000)).expect("writable");
            assert!(log.history.samples.len() < 50);
        }
        let counted: u64 = log.history.samples.iter().map(|sample| sample.count).sum();
        assert_eq!((counted, log.history.elapsed()), (1000, 1_000_000));
        let history = log.history.clone();
        drop(log);
        let (again, bytes) = read(&path).expect("valid").expect("there");
        assert_eq!(again, history);
        assert_eq!(bytes, std::fs::metadata(&path).expect("there").len());
        assert!(bytes < 50 * 160, "{bytes}");
    }
}
