//! A program's processes: its own, its children's, and those that have left it.

use std::collections::BTreeSet;

use super::procfs::{self, Process};
use super::system;

/// Tells which processes came of a program. Orphans become children of this process, so each of its children that was not
/// there before is one.
#[derive(Debug)]
pub(super) struct Family {
    program: i32,
    strangers: BTreeSet<i32>,
}

/// This process.
fn own() -> i32 {
    std::process::id().cast_signed()
}

/// The children of this process, which are not a program's that is started later.
pub(super) fn children() -> BTreeSet<i32> {
    if let Some(children) = procfs::children_of_this() {
        return children.into_iter().collect();
    }
    let all = procfs::processes().into_iter();
    let children = all.filter(|process| process.parent == own());
    children.map(|process| process.pid).collect()
}

impl Family {
    /// The family of a program, given the children that this process had before.
    pub(super) fn new(program: i32, strangers: BTreeSet<i32>) -> Self {
        Self { program, strangers }
    }

    /// Leaves a child of this process out.
    pub(super) fn exclude(&mut self, pid: i32) {
        self.strangers.insert(pid);
    }

    /// The processes that run. Orphans that have ended are waited for, which nobody else does.
    pub(super) fn living(&self) -> Vec<Process> {
        if self.is_childless() {
            return Vec::new();
        }
        let all = procfs::processes();
        let mut found = Vec::new();
        let mut parents = vec![];
        for process in &all {
            let is_orphan = process.parent == own() && !self.strangers.contains(&process.pid);
            if process.pid == self.program || is_orphan {
                if process.state == b'Z' && process.pid != self.program {
                    // An error means that it is gone, which is as good.
                    let _ = system::reap(process.pid);
                }
                parents.push(*process);
            }
        }
        while let Some(parent) = parents.pop() {
            parents.extend(all.iter().filter(|process| process.parent == parent.pid));
            if parent.state != b'Z' {
                found.push(parent);
            }
        }
        found
    }

    /// Whether this process has no child of it, so that there is nobody at all: what has no parent is a child of this process.
    /// To look at all processes takes time, after which the system lets a program wait that is started next.
    fn is_childless(&self) -> bool {
        let children = procfs::children_of_this();
        children.is_some_and(|children| children.iter().all(|pid| self.strangers.contains(pid)))
    }

    /// Sends a signal to each.
    pub(super) fn signal(&self, signal: i32) {
        for process in self.living() {
            system::signal(process.pid, signal);
        }
    }
}

/// Ends every process below this one, because it is being interrupted.
pub(super) fn end_all() {
    let family = Family::new(0, BTreeSet::new());
    // Whoever is started meanwhile is found in the next pass.
    for _ in 0..10 {
        if family.living().is_empty() {
            break;
        }
        family.signal(libc::SIGKILL);
    }
}
