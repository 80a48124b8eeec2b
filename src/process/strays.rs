//! The processes of a run on Linux, also those that have left its session.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// All processes of a run but the command itself: those of its session, and those whose environment or current directory
/// names the run's directory.
pub(super) fn of(command: u32, directory: &Path) -> impl Iterator<Item = libc::pid_t> {
    let all = fs::read_dir("/proc").into_iter().flatten().flatten();
    let numbers = all.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    numbers.filter(move |id: &libc::pid_t| {
        let own = std::process::id();
        let is_other = u32::try_from(*id).is_ok_and(|id| id != command && id != own);
        is_other && belongs(*id, command, directory)
    })
}

fn belongs(id: libc::pid_t, command: u32, directory: &Path) -> bool {
    let Some((state, session)) = state_and_session(id) else {
        return false;
    };
    if state == "Z" || state == "X" {
        return false;
    }
    session == command || is_in(id, directory) || is_marked(id, directory.as_os_str().as_bytes())
}

/// The state and the session in `stat` (proc_pid_stat(5)): the third field and the sixth, counted behind the name, which
/// may hold anything and ends with the last parenthesis.
fn state_and_session(id: libc::pid_t) -> Option<(String, u32)> {
    let stat = fs::read(format!("/proc/{id}/stat")).ok()?;
    let end = stat.iter().rposition(|byte| *byte == b')')?;
    let rest = std::str::from_utf8(&stat[end + 1..]).ok()?;
    let mut fields = rest.split_ascii_whitespace();
    let state = fields.next()?.to_owned();
    Some((state, fields.nth(2)?.parse().ok()?))
}

fn is_in(id: libc::pid_t, directory: &Path) -> bool {
    fs::read_link(format!("/proc/{id}/cwd")).is_ok_and(|current| current.starts_with(directory))
}

fn is_marked(id: libc::pid_t, directory: &[u8]) -> bool {
    let Ok(environment) = fs::read(format!("/proc/{id}/environ")) else {
        return false;
    };
    let mut values = environment.split(|byte| *byte == 0).filter_map(|variable| {
        let equals = variable.iter().position(|byte| *byte == b'=')?;
        Some(&variable[equals + 1..])
    });
    values.any(|value| value == directory)
}
