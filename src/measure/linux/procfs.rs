//! What the system tells of processes and of itself below `/proc` (proc(5)).

use std::fs;
use std::time::Duration;

use crate::evidence::measurement::{Machine, Usage};

/// A process, as of the moment that it was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Process {
    pub(super) pid: i32,
    pub(super) parent: i32,
    /// The state's letter: `Z` has ended, `T` is stopped.
    pub(super) state: u8,
}

/// How long a thread ran, and how long it could have run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Scheduled {
    pub(super) running: Duration,
    pub(super) waiting: Duration,
}

/// All processes. One that ends meanwhile may be missing.
pub(super) fn processes() -> Vec<Process> {
    numbers("/proc").filter_map(process).collect()
}

/// The children of this process, also those that have ended, if the kernel has a list of them.
pub(super) fn children_of_this() -> Option<Vec<i32>> {
    let mut children = Vec::new();
    for thread in numbers("/proc/self/task") {
        let text = fs::read_to_string(format!("/proc/self/task/{thread}/children")).ok()?;
        children.extend(
            text.split_ascii_whitespace()
                .filter_map(|pid| pid.parse::<i32>().ok()),
        );
    }
    Some(children)
}

fn process(pid: i32) -> Option<Process> {
    parse_stat(pid, &fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

fn parse_stat(pid: i32, stat: &str) -> Option<Process> {
    // The name in parentheses may hold anything, also parentheses.
    let mut fields = stat.get(stat.rfind(')')? + 1..)?.split_ascii_whitespace();
    let state = *fields.next()?.as_bytes().first()?;
    let parent = fields.next()?.parse().ok()?;
    Some(Process { pid, parent, state })
}

/// What is below a directory with a name that is a number.
fn numbers(directory: &str) -> impl Iterator<Item = i32> + use<> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

/// Of the first thread of a process, also of one that has ended and was not waited for.
pub(super) fn scheduled(pid: i32) -> Option<Scheduled> {
    parse_schedstat(&fs::read_to_string(format!("/proc/{pid}/schedstat")).ok()?)
}

/// Of this thread.
pub(super) fn scheduled_here() -> Scheduled {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    parse_schedstat(&text).unwrap_or_default()
}

/// Of all threads of a process, summed.
pub(super) fn scheduled_in_all(pid: i32) -> Option<Scheduled> {
    let mut sum = Scheduled::default();
    for thread in numbers(&format!("/proc/{pid}/task")) {
        let text = fs::read_to_string(format!("/proc/{pid}/task/{thread}/schedstat"));
        let of_thread = parse_schedstat(&text.ok()?)?;
        sum.running += of_thread.running;
        sum.waiting += of_thread.waiting;
    }
    Some(sum)
}

fn parse_schedstat(text: &str) -> Option<Scheduled> {
    let mut fields = text.split_ascii_whitespace();
    let mut next = || fields.next()?.parse().ok().map(Duration::from_nanos);
    Some(Scheduled {
        running: next()?,
        waiting: next()?,
    })
}

/// What a process uses, and the most that it had in memory; `None` for one that has ended.
pub(super) fn usage(pid: i32) -> Option<(Usage, u64)> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let usage = Usage {
        processes: 1,
        rss_bytes: kilobytes(&status, "VmRSS:")?,
        pss_bytes: kilobytes(&rollup, "Pss:"),
        threads: field(&status, "Threads:").unwrap_or(1),
        descriptors: numbers(&format!("/proc/{pid}/fd")).count() as u64,
    };
    Some((usage, kilobytes(&status, "VmHWM:")?))
}

/// The number in a line that begins with a name, in KiB, as bytes.
fn kilobytes(text: &str, name: &str) -> Option<u64> {
    field(text, name)?.checked_mul(1024)
}

fn field(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_ascii_whitespace().next()?.parse().ok()
}

/// The load average of a minute, and how many threads run or could run now.
pub(super) fn load() -> Option<(f64, f64)> {
    let text = fs::read_to_string("/proc/loadavg").ok()?;
    let mut fields = text.split_ascii_whitespace();
    let average = fields.next()?.parse().ok()?;
    let (runnable, _) = fields.nth(2)?.split_once('/')?;
    Some((average, runnable.parse().ok()?))
}

/// The time of all processors so far, and how much of it they worked, in the system's ticks.
pub(super) fn processors() -> Option<(u64, u64)> {
    parse_processors(&fs::read_to_string("/proc/stat").ok()?)
}

fn parse_processors(text: &str) -> Option<(u64, u64)> {
    let line = text.lines().next()?.strip_prefix("cpu ")?;
    // user, nice, system, idle, iowait, irq, softirq, steal; guests are counted in the first two again.
    let fields: Vec<u64> = line
        .split_ascii_whitespace()
        .take(8)
        .map_while(|field| field.parse().ok())
        .collect();
    let total = fields.iter().sum();
    let idle = fields.get(3)? + fields.get(4)?;
    Some((total, total - idle))
}

/// This machine.
pub(super) fn machine(cores: u64) -> Machine {
    let read = |path| fs::read_to_string(path).unwrap_or_default();
    let processors = read("/proc/cpuinfo");
    let model = processors
        .lines()
        .find_map(|line| line.strip_prefix("model name"));
    let name = model.and_then(|rest| rest.split_once(':'));
    let kernel = read("/proc/sys/kernel/osrelease");
    Machine {
        processor: name.map(|(_, name)| name.trim().to_owned()),
        cores,
        system: format!("Linux {}", kernel.trim()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_may_have_any_name() {
        let stat = "17 (a) Z (b) T 4 17 17 0 -1";
        let expected = Process {
            pid: 17,
            parent: 4,
            state: b'T',
        };
        assert_eq!(parse_stat(17, stat), Some(expected));
        assert_eq!(parse_stat(17, "17 (a"), None);
        assert_eq!(parse_stat(17, ""), None);
    }

    #[test]
    fn numbers_are_read_with_their_units() {
        let scheduled = parse_schedstat("1000 2000000 3\n").expect("valid");
        assert_eq!(scheduled.waiting, Duration::from_millis(2));
        assert_eq!(
            kilobytes("VmHWM:\t    8 kB\nVmRSS:\t   4 kB\n", "VmRSS:"),
            Some(4096)
        );
        let stat = "cpu  10 0 5 80 5 0 0 0 3 0\ncpu0 1\n";
        assert_eq!(parse_processors(stat), Some((100, 15)));
        assert_eq!(parse_processors("cpu 1 2"), None);
    }

    #[test]
    fn this_process_is_found_with_what_it_uses() {
        let own = std::process::id().cast_signed();
        assert!(processes().iter().any(|process| process.pid == own));
        let (usage, peak) = usage(own).expect("it runs");
        assert!(usage.rss_bytes > 0 && usage.rss_bytes <= peak && usage.threads > 0);
        assert!(usage.descriptors > 0);
    }
}
