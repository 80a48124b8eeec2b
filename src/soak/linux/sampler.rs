//! What processes use.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Instant;

use super::process::{Stat, stat};

/// What some processes use together.
#[derive(Clone, Copy, Debug, Default)]
pub struct Usage {
    pub pss: u64,
    pub rss: u64,
    /// Processor time since the last sample, in microseconds.
    pub cpu: u64,
    pub descriptors: u64,
    pub threads: u64,
}

/// Samples, and knows what was seen last.
pub struct Sampler {
    /// Microseconds of a tick.
    tick: u64,
    page: u64,
    /// Ticks by process and its beginning.
    ticks: BTreeMap<(i32, u64), u64>,
    /// The last share of memory by process.
    shares: BTreeMap<i32, u64>,
    share: Ration,
    walk: Ration,
    disk: u64,
}

/// Something that takes time, and is left out for as long as it must be to take at most a two hundredth of all time.
struct Ration(Instant);

impl Ration {
    /// Gives an answer if it is time for one.
    fn ask<T>(&mut self, ask: impl FnOnce() -> T) -> Option<T> {
        let begun = Instant::now();
        if begun < self.0 {
            return None;
        }
        let answer = ask();
        self.0 = Instant::now() + begun.elapsed() * 200;
        Some(answer)
    }
}

impl Sampler {
    /// One that has seen nothing.
    pub fn new() -> Self {
        // SAFETY: both calls only read constants of the system.
        let (ticks, page) = unsafe {
            (
                libc::sysconf(libc::_SC_CLK_TCK),
                libc::sysconf(libc::_SC_PAGESIZE),
            )
        };
        let positive = |value: libc::c_long, usual: u64| match u64::try_from(value) {
            Ok(value) if value > 0 => value,
            _ => usual,
        };
        Self {
            tick: 1_000_000 / positive(ticks, 100),
            page: positive(page, 4096),
            ticks: BTreeMap::new(),
            shares: BTreeMap::new(),
            share: Ration(Instant::now()),
            walk: Ration(Instant::now()),
            disk: 0,
        }
    }

    /// Has the next sample ask for everything, whatever it takes, as the program is another one.
    pub fn renew(&mut self) {
        self.share = Ration(Instant::now());
    }

    /// The size of a page in bytes.
    pub fn page(&self) -> u64 {
        self.page
    }

    /// What the processes use now.
    pub fn sample(&mut self, processes: &[i32]) -> Usage {
        let mut usage = Usage::default();
        let mut ticks = BTreeMap::new();
        for process in processes {
            let Some(stat) = stat(*process) else {
                continue;
            };
            usage.threads += stat.threads;
            usage.descriptors += descriptors(*process);
            usage.cpu += self.tick * self.used(*process, stat);
            ticks.insert((*process, stat.began), stat.ticks);
        }
        self.ticks = ticks;
        self.memory(processes, &mut usage);
        usage
    }

    /// Ticks since the last sample. One that was not there then has used all of its own since.
    fn used(&self, process: i32, stat: Stat) -> u64 {
        let before = self.ticks.get(&(process, stat.began)).copied();
        stat.ticks.saturating_sub(before.unwrap_or(0))
    }

    /// A share is counted page by page, which takes long for much memory; where it does, the last share is taken for some time.
    fn memory(&mut self, processes: &[i32], usage: &mut Usage) {
        let all = |processes: &[i32]| -> Vec<_> {
            let each = processes.iter();
            each.map(|process| (*process, rollup(*process))).collect()
        };
        match self.share.ask(|| all(processes)) {
            Some(found) => {
                self.shares.clear();
                for (process, memory) in found {
                    let (pss, rss) = memory.unwrap_or_else(|| {
                        let rss = self.resident(process);
                        (rss, rss)
                    });
                    self.shares.insert(process, pss);
                    usage.pss += pss;
                    usage.rss += rss;
                }
            }
            None => {
                for process in processes {
                    let rss = self.resident(*process);
                    usage.pss += self.shares.get(process).copied().unwrap_or(rss);
                    usage.rss += rss;
                }
            }
        }
    }

    /// The second field of `statm`, in bytes.
    fn resident(&self, process: i32) -> u64 {
        let text = fs::read_to_string(format!("/proc/{process}/statm")).unwrap_or_default();
        let pages = text.split_ascii_whitespace().nth(1);
        let pages: u64 = pages.and_then(|word| word.parse().ok()).unwrap_or(0);
        pages.saturating_mul(self.page)
    }

    /// The size of the files in a directory, in bytes.
    pub fn disk(&mut self, directory: &Path) -> u64 {
        if let Some(size) = self.walk.ask(|| size_of(directory)) {
            self.disk = size;
        }
        self.disk
    }
}

/// Shared and whole memory in bytes; `None` if the process is gone, or is not ours to look at.
fn rollup(process: i32) -> Option<(u64, u64)> {
    let text = fs::read_to_string(format!("/proc/{process}/smaps_rollup")).ok()?;
    let field = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name))?;
        let kilobytes: u64 = line.split_ascii_whitespace().next()?.parse().ok()?;
        kilobytes.checked_mul(1024)
    };
    Some((field("Pss:")?, field("Rss:")?))
}

fn descriptors(process: i32) -> u64 {
    let path = format!("/proc/{process}/fd");
    // Linux 6.2 and later give their number as the size of the directory.
    match fs::metadata(&path).map(|metadata| metadata.len()) {
        Ok(count) if count > 0 => count,
        _ => fs::read_dir(path).map_or(0, |entries| entries.count() as u64),
    }
}

/// How many files are looked at; more would take too long.
const MAX_FILES: usize = 100_000;

fn size_of(directory: &Path) -> u64 {
    let mut size = 0_u64;
    let mut directories = vec![directory.to_owned()];
    let mut seen = 0;
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
            seen += 1;
            if seen > MAX_FILES {
                return size;
            }
            // No link is followed.
            match entry.metadata() {
                Ok(metadata) if metadata.is_dir() => directories.push(entry.path()),
                Ok(metadata) => size = size.saturating_add(metadata.len()),
                Err(_) => {}
            }
        }
    }
    size
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn this_process_uses_something() {
        let own = i32::try_from(std::process::id()).expect("it fits");
        let mut sampler = Sampler::new();
        for _ in 0..2 {
            let usage = sampler.sample(&[own, i32::MAX]);
            // Other tests run in this process, so that the two, which are read one after the other, need not fit each other.
            assert!(usage.rss > 100_000 && usage.pss > 0, "{usage:?}");
            assert!(usage.descriptors > 2 && usage.threads > 0, "{usage:?}");
        }
    }

    #[test]
    fn a_directory_has_the_size_of_its_files() {
        let directory = tempfile::tempdir().expect("a place");
        std::fs::create_dir(directory.path().join("a")).expect("writable");
        std::fs::write(directory.path().join("a/b"), [0; 1000]).expect("writable");
        std::fs::write(directory.path().join("c"), [0; 24]).expect("writable");
        std::os::unix::fs::symlink(directory.path(), directory.path().join("a/up"))
            .expect("writable");
        let link = directory.path().as_os_str().len() as u64;
        assert_eq!(Sampler::new().disk(directory.path()), 1024 + link);
    }

    #[test]
    fn what_takes_time_is_asked_for_rarely() {
        let mut ration = Ration(Instant::now());
        let slow = || std::thread::sleep(Duration::from_millis(20));
        assert!(ration.ask(slow).is_some());
        assert!(ration.0 > Instant::now() + Duration::from_secs(2));
        assert!(ration.ask(slow).is_none());
    }
}
