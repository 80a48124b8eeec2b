//! The processes below this one.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

/// What `/proc/PID/stat` says (proc_pid_stat(5)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    /// `Z` for one that has ended and was not waited for.
    pub state: u8,
    pub parent: i32,
    /// Processor time in ticks of the clock.
    pub ticks: u64,
    pub threads: u64,
    /// When it began, in ticks since the system did; with the number it tells processes apart.
    pub began: u64,
}

/// Of a process; `None` if there is none.
pub fn stat(process: i32) -> Option<Stat> {
    parse(&fs::read(format!("/proc/{process}/stat")).ok()?)
}

fn parse(text: &[u8]) -> Option<Stat> {
    // The second field is a name in parentheses, which may hold anything.
    let end = text.iter().rposition(|byte| *byte == b')')?;
    let rest = std::str::from_utf8(text.get(end + 1..)?).ok()?;
    let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
    let number = |index: usize| fields.get(index)?.parse::<u64>().ok();
    Some(Stat {
        state: *fields.first()?.as_bytes().first()?,
        parent: fields.get(1)?.parse().ok()?,
        ticks: number(11)?.checked_add(number(12)?)?,
        threads: number(17)?,
        began: number(19)?,
    })
}

/// Makes this process the parent of what its descendants leave behind, so that a daemon does not get away.
pub fn adopt_orphans() {
    // SAFETY: the call takes numbers only. It fails on kernels before 3.4 only.
    unsafe { libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1 as libc::c_ulong) };
}

/// The living descendants of this process, without some of its children and what is below those. A child that has ended, and
/// that nobody waits for, is waited for here.
pub fn descendants(waited_for: &BTreeSet<i32>, without: &BTreeSet<i32>) -> Vec<i32> {
    let own = i32::try_from(std::process::id()).expect("process IDs fit");
    let mut found = Vec::new();
    let tree = Tree::new();
    let mut parents = vec![own];
    while let Some(parent) = parents.pop() {
        for child in tree.children(parent) {
            match stat(child).map(|stat| stat.state) {
                None => {}
                Some(b'Z' | b'X') if parent == own && !waited_for.contains(&child) => reap(child),
                Some(b'Z' | b'X') => {}
                Some(_) if without.contains(&child) => {}
                Some(_) => {
                    found.push(child);
                    parents.push(child);
                }
            }
        }
    }
    found
}

fn reap(process: i32) {
    // SAFETY: the status is not asked for. The process is a child that nobody else waits for.
    unsafe { libc::waitpid(process, std::ptr::null_mut(), libc::WNOHANG) };
}

/// Sends a signal.
pub fn signal(process: i32, signal: i32) {
    // SAFETY: the call takes numbers only. A process that is gone is none of our concern.
    unsafe { libc::kill(process, signal) };
}

/// Who is whose child.
enum Tree {
    /// The kernel says so for each process.
    Asked,
    /// It does not (CONFIG_PROC_CHILDREN), so all processes were looked at.
    Looked(BTreeMap<i32, Vec<i32>>),
}

impl Tree {
    fn new() -> Self {
        if fs::exists("/proc/thread-self/children").unwrap_or(false) {
            return Self::Asked;
        }
        let mut children: BTreeMap<i32, Vec<i32>> = BTreeMap::new();
        for process in numbers("/proc") {
            if let Some(stat) = stat(process) {
                children.entry(stat.parent).or_default().push(process);
            }
        }
        Self::Looked(children)
    }

    fn children(&self, process: i32) -> Vec<i32> {
        match self {
            Self::Looked(children) => children.get(&process).cloned().unwrap_or_default(),
            Self::Asked => {
                let threads = numbers(&format!("/proc/{process}/task"));
                let of = |thread: i32| {
                    let path = format!("/proc/{process}/task/{thread}/children");
                    fs::read_to_string(path).unwrap_or_default()
                };
                let texts: Vec<String> = threads.into_iter().map(of).collect();
                let words = texts.iter().flat_map(|text| text.split_ascii_whitespace());
                words.filter_map(|word| word.parse().ok()).collect()
            }
        }
    }
}

fn numbers(directory: &str) -> Vec<i32> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let number = |entry: fs::DirEntry| entry.file_name().to_str()?.parse().ok();
    entries.filter_map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_pass_for_fields() {
        let line =
            b"42 (a) Z 1 (b) c) S 7 42 42 0 -1 4194304 1 2 3 4 50 60 7 8 20 0 9 0 1234 5 6\n";
        let expected = Stat {
            state: b'S',
            parent: 7,
            ticks: 110,
            threads: 9,
            began: 1234,
        };
        assert_eq!(parse(line), Some(expected));
        for end in 0..line.len() - 9 {
            assert_eq!(parse(&line[..end]), None, "{end}");
        }
    }

    #[test]
    fn this_process_has_a_thread_at_least() {
        let own = i32::try_from(std::process::id()).expect("it fits");
        assert!(stat(own).is_some_and(|stat| stat.threads > 0 && stat.began > 0));
        assert_eq!(stat(i32::MAX), None);
    }
}
