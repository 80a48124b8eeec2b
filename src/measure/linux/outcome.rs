//! What came of waiting for a program.

use std::time::{Duration, Instant};

use super::Running;
use super::procfs::{self, Scheduled};
use super::system::Ended;
use crate::evidence::measurement::Timing;
use crate::measure::MeasureError;

impl Running<'_> {
    /// A program that has ended has said everything, and left nothing behind.
    pub(super) fn finished(&mut self, now: Instant, ended: Ended) -> Result<Timing, MeasureError> {
        self.take_output(&mut |_| false);
        if !ended.status.success() {
            return Err(self.ended_early(ended));
        }
        let behind = self.family.living().len();
        if behind > 0 {
            return Err(MeasureError::LeftBehind {
                name: self.launch.name.clone(),
                count: behind,
            });
        }
        Ok(self.moment(now))
    }

    /// How long it took to be ready.
    pub(super) fn moment(&self, now: Instant) -> Timing {
        let scheduled = match self.ended {
            Some(ended) => self.scheduled.map(|first| self.with_others(first, ended)),
            None => self.of_all_threads(),
        };
        // Where this process waited for a processor itself, it has seen the program's end late.
        let own = procfs::scheduled_here()
            .waiting
            .saturating_sub(self.own.waiting);
        let seconds = now.duration_since(self.begun).as_secs_f64();
        let waiting = scheduled.map(|scheduled| (scheduled.waiting + own).as_secs_f64());
        Timing {
            seconds,
            waiting_seconds: waiting.map(|waiting| waiting.min(seconds)),
            cpu_seconds: scheduled.map(|scheduled| scheduled.running.as_secs_f64()),
        }
    }

    /// The system tells how long the first thread had to wait, and of the others only how long they ran. With others that
    /// want the same processors, they waited as long for each of those, at most.
    fn with_others(&self, first: Scheduled, ended: Ended) -> Scheduled {
        let others = ended.cpu.saturating_sub(first.running);
        Scheduled {
            running: ended.cpu.max(first.running),
            waiting: first.waiting + others.mul_f64(self.crowd),
        }
    }

    fn of_all_threads(&self) -> Option<Scheduled> {
        let living = self.family.living().into_iter();
        let all = living.filter_map(|process| procfs::scheduled_in_all(process.pid));
        all.reduce(|sum, each| Scheduled {
            running: sum.running + each.running,
            waiting: sum.waiting + each.waiting,
        })
    }

    pub(super) fn not_ready(&mut self, within: Duration) -> MeasureError {
        self.take_output(&mut |_| false);
        let is_stopped = self
            .family
            .living()
            .iter()
            .any(|process| process.state == b'T');
        MeasureError::NotReady {
            name: self.launch.name.clone(),
            within,
            is_stopped,
            said: self.said.clone(),
        }
    }

    pub(super) fn ended_early(&mut self, ended: Ended) -> MeasureError {
        self.take_output(&mut |_| false);
        MeasureError::Ended {
            name: self.launch.name.clone(),
            status: ended.status.to_string(),
            said: self.said.clone(),
        }
    }
}
