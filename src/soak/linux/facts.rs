//! What a record says of the program and of the machine.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::evidence::ObservedProgram;
use crate::evidence::soak::Host;
use crate::model::digest::Sha256Sum;
use crate::soak::SoakError;

/// The program that a name stands for, as the system finds it.
pub fn program(name: &OsStr) -> Result<ObservedProgram, SoakError> {
    let fail = |source| SoakError::Missing {
        program: name.display().to_string(),
        source,
    };
    let path = find(name).ok_or_else(|| fail(io::ErrorKind::NotFound.into()))?;
    let mut file = File::open(&path).map_err(fail)?;
    let sha256 = Sha256Sum::of_reader(&mut file).map_err(fail)?;
    let name = path.file_name().unwrap_or(name);
    Ok(ObservedProgram {
        name: name.display().to_string(),
        sha256,
    })
}

fn find(name: &OsStr) -> Option<PathBuf> {
    if name.as_encoded_bytes().contains(&b'/') {
        return Some(name.into());
    }
    let is_program = |path: &PathBuf| {
        let metadata = fs::metadata(path);
        metadata
            .is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
    };
    let path = std::env::var_os("PATH")?;
    let mut candidates = std::env::split_paths(&path).map(|directory| directory.join(name));
    candidates.find(is_program)
}

/// This machine.
pub fn host(page_bytes: u64) -> Host {
    let read = |path: &str| fs::read_to_string(Path::new(path)).unwrap_or_default();
    let memory = read("/proc/meminfo");
    let total = memory
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"));
    let kilobytes = total.and_then(|rest| rest.split_ascii_whitespace().next()?.parse().ok());
    Host {
        system: std::env::consts::OS.to_owned(),
        machine: std::env::consts::ARCH.to_owned(),
        kernel: read("/proc/sys/kernel/osrelease").trim().to_owned(),
        processors: std::thread::available_parallelism().map_or(1, |count| count.get() as u64),
        memory_bytes: 1024 * kilobytes.unwrap_or(0_u64),
        page_bytes,
    }
}

/// The seconds since 1970.
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    })
}
