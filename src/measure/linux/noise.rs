//! What else the machine does while something is measured.

use super::{procfs, system};
use crate::evidence::measurement::Noise;

/// The state of the machine before measuring.
pub(in crate::measure) struct NoiseMeter {
    load: Option<f64>,
    processors: Option<(u64, u64)>,
    own: std::time::Duration,
}

impl NoiseMeter {
    pub(in crate::measure) fn start() -> Self {
        Self {
            load: procfs::load().map(|(average, _)| average),
            processors: procfs::processors(),
            own: system::own_cpu(),
        }
    }

    /// What happened since. Processes that were measured must have ended: only then is their time known as ours.
    pub(in crate::measure) fn finish(self, involuntary_switches: u64) -> Noise {
        let load = procfs::load().map(|(average, _)| average);
        let own = system::own_cpu().saturating_sub(self.own).as_secs_f64();
        let since = |after: (u64, u64), before: (u64, u64)| {
            let total = after.0.checked_sub(before.0).filter(|total| *total > 0)? as f64;
            let busy = after.1.saturating_sub(before.1) as f64;
            // The system counts a hundred ticks per second (USER_HZ), on every architecture here.
            Some(((busy - own * 100.0) / total).clamp(0.0, 1.0))
        };
        let share = self.processors.zip(procfs::processors());
        Noise {
            load_average: self.load.zip(load).map(|(before, after)| [before, after]),
            others_share: share.and_then(|(before, after)| since(after, before)),
            involuntary_switches: Some(involuntary_switches),
        }
    }
}

/// How many threads of others want each processor, at least by the load of the last minute.
pub(super) fn crowd(cores: u64) -> f64 {
    let (average, runnable) = procfs::load().unwrap_or_default();
    // This thread is one of those that run.
    average.max(runnable - 1.0) / cores.max(1) as f64
}
