//! A soak from its beginning to its end.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::drivers::{Counter, Drivers, Started};
use super::program::Program;
use super::sampler::Sampler;
use super::{facts, process, readiness};
use crate::evidence::soak::{Crash, Ended, Soak};
use crate::http::Client;
use crate::model::duration::TimeSpan;
use crate::soak::histogram::Histogram;
use crate::soak::history::{Entry, Header, MAX_ERRORS};
use crate::soak::limits::Looks;
use crate::soak::log::Log;
use crate::soak::record::record;
use crate::soak::sample::Sample;
use crate::soak::trend::ONCE;
use crate::soak::{Live, Plan, Ready, SoakError, Watch, Workload};

/// How often it is looked whether the program still runs, and whether somebody ends the soak.
const GLANCE: Duration = Duration::from_millis(50);

/// How often all latencies are written: those since then are lost when the soak is killed.
const CHECKPOINT: Duration = Duration::from_secs(60);

/// How long what was killed may take to be gone.
const DEATH: Duration = Duration::from_secs(10);

/// Runs a soak to its end. Nothing that it started runs on.
pub fn run(plan: &Plan, watch: &mut dyn Watch) -> Result<Soak, SoakError> {
    process::adopt_orphans();
    let header = header(plan)?;
    let client = readiness::client()?;
    if let Some(place) = readiness::taken(&plan.ready, &client) {
        let program = header.program.name;
        return Err(SoakError::Taken { place, program });
    }
    let log = if plan.resume {
        Log::resume(&plan.log, &header, header.started)?
    } else {
        Log::begin(&plan.log, header)?
    };
    let mut session = Session::new(plan, watch, client, log);
    let ended = session.soak();
    session.end();
    session.finish(ended?)
}

fn header(plan: &Plan) -> Result<Header, SoakError> {
    let words = plan.command.iter();
    Ok(Header {
        program: facts::program(&plan.command[0])?,
        command: words.map(|word| word.display().to_string()).collect(),
        workload: match &plan.workload {
            Workload::None => "none".to_owned(),
            Workload::Requests(url) => format!("GET {url}, {} at a time", plan.workers),
            Workload::Script(line) => format!("run `{line}`, {} at a time", plan.workers),
            Workload::Again => format!("run again and again, {} at a time", plan.workers),
        },
        interval: milliseconds(plan.interval),
        started: facts::now(),
    })
}

struct Session<'a> {
    plan: &'a Plan,
    watch: &'a mut dyn Watch,
    client: Client,
    log: Log,
    counter: Counter,
    started: Started,
    sampler: Sampler,
    latencies: Histogram,
    looks: Looks,
    program: Option<Program>,
    drivers: Option<Drivers>,
    /// Since when the soak runs, and how many milliseconds it had run before that.
    since: (Instant, u64),
    /// How often the program was started.
    starts: u64,
    checkpoint: Instant,
    requests: u64,
    errors: u64,
}

/// How a start of the program ended.
enum Begun {
    Ready,
    Failed(String),
    Interrupted(String),
}

impl<'a> Session<'a> {
    fn new(plan: &'a Plan, watch: &'a mut dyn Watch, client: Client, log: Log) -> Self {
        let history = &log.history;
        let sum = |of: fn(&Sample) -> u64| history.samples.iter().map(of).sum();
        Self {
            since: (Instant::now(), history.elapsed()),
            starts: history.starts(),
            latencies: history.latencies.clone(),
            requests: sum(|sample| sample.requests),
            errors: sum(|sample| sample.errors),
            looks: Looks::new(plan, history),
            counter: Counter::default(),
            started: Started::default(),
            sampler: Sampler::new(),
            program: None,
            drivers: None,
            checkpoint: Instant::now(),
            plan,
            watch,
            client,
            log,
        }
    }

    fn soak(&mut self) -> Result<Ended, SoakError> {
        match self.begin()? {
            Begun::Ready => {}
            Begun::Interrupted(signal) => return Ok(Ended::Interrupted(signal)),
            Begun::Failed(why) => return Err(self.not_ready(why)),
        }
        self.since.0 = Instant::now();
        let left = self.plan.duration.saturating_sub(self.elapsed());
        let mut due = Duration::ZERO;
        while due < left {
            // Samples that were missed are not made up for.
            let missed = self.since.0.elapsed().as_nanos() / self.plan.interval.as_nanos();
            let next = u32::try_from(missed + 1).unwrap_or(u32::MAX);
            due = left.min(self.plan.interval.saturating_mul(next));
            if let Some(ended) = self.wait(self.since.0 + due)? {
                return Ok(ended);
            }
            self.sample()?;
            if let Some(limit) = self.looks.passed(&self.log.history) {
                return Ok(Ended::Limit(limit));
            }
        }
        Ok(Ended::Complete)
    }

    fn elapsed(&self) -> Duration {
        self.since.0.elapsed() + Duration::from_millis(self.since.1)
    }

    /// Starts the program, and waits until it is ready.
    fn begin(&mut self) -> Result<Begun, SoakError> {
        self.starts += 1;
        self.sampler.renew();
        if !matches!(self.plan.workload, Workload::Again) {
            let wanted = match &self.plan.ready {
                Ready::Line(text) => Some(text.as_str()),
                _ => None,
            };
            let program = Program::start(&self.plan.command, wanted);
            let program = program.map_err(|source| SoakError::Start {
                program: self.log.history.header.program.name.clone(),
                source,
            })?;
            self.program = Some(program);
            let end = Instant::now() + self.plan.ready_within;
            while !self.is_ready() {
                if let Some(signal) = self.watch.interrupted() {
                    return Ok(Begun::Interrupted(signal));
                }
                if let Some(reason) = self.fallen() {
                    return Ok(Begun::Failed(format!("it ended ({reason})")));
                }
                if Instant::now() >= end {
                    return Ok(Begun::Failed(self.plan.ready.to_string()));
                }
                std::thread::sleep(GLANCE.min(Duration::from_millis(10)));
            }
        }
        self.drivers = Some(Drivers::start(self.plan, &self.counter, &self.started)?);
        Ok(Begun::Ready)
    }

    fn is_ready(&self) -> bool {
        let program = self.program.as_ref();
        program.is_some_and(|program| readiness::is_ready(&self.plan.ready, program, &self.client))
    }

    fn not_ready(&self, why: String) -> SoakError {
        let output = self.program.as_ref().map(|program| program.output.end());
        let output = output.filter(|output| !output.is_empty());
        SoakError::NotReady {
            program: self.log.history.header.program.name.clone(),
            within: as_text(self.plan.ready_within),
            why,
            output: output.map_or_else(String::new, |output| format!("\n{output}")),
        }
    }

    /// Waits until a time; ends before if the soak does.
    fn wait(&mut self, until: Instant) -> Result<Option<Ended>, SoakError> {
        loop {
            if let Some(signal) = self.watch.interrupted() {
                return Ok(Some(Ended::Interrupted(signal)));
            }
            if let Some(reason) = self.fallen()
                && let Some(ended) = self.restart(reason)?
            {
                return Ok(Some(ended));
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(None);
            }
            std::thread::sleep(left.min(GLANCE));
        }
    }

    /// How the program ended, if it did. One that forks away leaves processes, which are the program then.
    fn fallen(&mut self) -> Option<String> {
        let status = self.program.as_mut()?.ended()?;
        if !status.success() {
            return Some(status.to_string());
        }
        let is_gone = self.processes(true).is_empty();
        is_gone.then(|| "it ended by itself with exit status 0".to_owned())
    }

    /// Counts a crash, and starts the program again until it is ready; ends before if the soak does.
    fn restart(&mut self, mut reason: String) -> Result<Option<Ended>, SoakError> {
        loop {
            self.crash(reason)?;
            if let Some(limit) = self.looks.passed(&self.log.history) {
                return Ok(Some(Ended::Limit(limit)));
            }
            // A program that falls at once is not started a thousand times a second.
            std::thread::sleep(self.plan.interval.min(Duration::from_secs(1)));
            if self.elapsed() >= self.plan.duration {
                return Ok(Some(Ended::Complete));
            }
            match self.begin()? {
                Begun::Ready => return Ok(None),
                Begun::Interrupted(signal) => return Ok(Some(Ended::Interrupted(signal))),
                Begun::Failed(why) => {
                    reason = format!(
                        "not ready within {}: {why}",
                        as_text(self.plan.ready_within)
                    );
                }
            }
        }
    }

    fn crash(&mut self, reason: String) -> Result<(), SoakError> {
        let output = self.program.as_ref().map(|program| program.output.clone());
        let at_seconds = self.elapsed().as_secs_f64();
        self.end();
        self.log.add(Entry::Crash(Crash {
            at_seconds,
            reason,
            output: output.map(|output| output.end()).unwrap_or_default(),
        }))?;
        Ok(())
    }

    /// The living processes: those of the program, or with the scripts beside it.
    fn processes(&self, only_program: bool) -> Vec<i32> {
        let drivers = self.started.lock();
        let mut waited_for = drivers.clone();
        waited_for.extend(self.program.as_ref().map(Program::id));
        let is_script = matches!(self.plan.workload, Workload::Script(_));
        if only_program && is_script {
            process::descendants(&waited_for, &drivers)
        } else {
            process::descendants(&waited_for, &BTreeSet::new())
        }
    }

    fn sample(&mut self) -> Result<(), SoakError> {
        let usage = self.sampler.sample(&self.processes(true));
        let disk = self.plan.disk.as_deref();
        let disk = disk.map_or(0, |directory| self.sampler.disk(directory));
        let window = self.counter.take();
        let at = milliseconds(self.elapsed());
        let sample = Sample {
            at,
            span: at.saturating_sub(self.log.history.elapsed()),
            count: 1,
            start: self.starts,
            pss: usage.pss,
            peak: usage.pss,
            rss: usage.rss,
            cpu: usage.cpu,
            descriptors: usage.descriptors,
            threads: usage.threads,
            disk,
            requests: window.requests,
            errors: window.errors,
            p50: window.latencies.percentile(50),
            p99: window.latencies.percentile(99),
        };
        self.requests += window.requests;
        self.errors += window.errors;
        self.latencies.merge(&window.latencies);
        for message in window.messages {
            if self.log.history.first_errors.len() < MAX_ERRORS {
                self.log.add(Entry::Error(message))?;
            }
        }
        self.log.add(Entry::Sample(sample))?;
        if self.checkpoint.elapsed() >= CHECKPOINT {
            self.save_latencies()?;
        }
        self.watch.live(&self.state(&sample));
        Ok(())
    }

    fn save_latencies(&mut self) -> Result<(), SoakError> {
        self.checkpoint = Instant::now();
        if self.latencies.total() > 0 {
            self.log.add(Entry::Latencies(self.latencies.to_sparse()))?;
        }
        Ok(())
    }

    fn state(&self, sample: &Sample) -> Live {
        Live {
            seconds: (sample.seconds(), self.plan.duration.as_secs_f64()),
            memory: sample.pss,
            cpu_percent: sample.cpu_percent(),
            descriptors: sample.descriptors,
            threads: sample.threads,
            requests: self.requests,
            errors: self.errors,
            crashes: self.log.history.crashes,
            p99: sample.p99 as f64 / 1e6,
        }
    }

    /// Ends all that was started: first it is asked to end, and in the end it is made to.
    fn end(&mut self) {
        if let Some(drivers) = self.drivers.take() {
            drivers.stop(&self.started);
        }
        let all = |signal| {
            let left = self.processes(false);
            for process in &left {
                process::signal(*process, signal);
            }
            left.is_empty()
        };
        let asked = Instant::now();
        let mut is_gone = all(libc::SIGTERM);
        while !is_gone && asked.elapsed() < self.plan.grace + DEATH {
            std::thread::sleep(Duration::from_millis(10));
            let is_late = asked.elapsed() >= self.plan.grace;
            // Signal 0 does nothing.
            is_gone = all(if is_late { libc::SIGKILL } else { 0 });
        }
        if let Some(mut program) = self.program.take() {
            program.ended();
        }
    }

    fn finish(mut self, ended: Ended) -> Result<Soak, SoakError> {
        self.save_latencies()?;
        if !matches!(ended, Ended::Interrupted(_)) {
            self.log.add(Entry::Ended)?;
        }
        let host = facts::host(self.sampler.page());
        let planned = self.plan.duration.as_secs_f64();
        Ok(record(&self.log.history, host, planned, ended, ONCE))
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn as_text(duration: Duration) -> String {
    // Every duration of a plan was a time span before.
    let text = format!("{}ms", duration.as_millis());
    let span = text.parse::<TimeSpan>();
    span.map_or(text, |span| span.to_string())
}
