//! `sealift soak`: runs a program for long.

use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use sealift::evidence::soak::{Ended, Quantity, Soak as Seen};
use sealift::evidence::{Observation, Record};
use sealift::gate::GateLimits;
use sealift::gate::soak::Soak as Table;
use sealift::http::Url;
use sealift::model::duration::TimeSpan;
use sealift::model::schema::Schema;
use sealift::model::size::ByteSize;
use sealift::output::write_file;
use sealift::soak::{Limits, Live, Plan, Ready, Watch, Workload, run};

use super::exit::{Advised, Exit};
use super::progress::{human_size, show};
use super::project::{FormatArgs, ProjectArgs};
use super::{interrupt, stdout, terminal};

/// Run a program for long, and record what it uses
///
/// The program runs under a workload, and memory, processor time, descriptors, threads and latencies are sampled. It is ended
/// early when a limit of `[gates.soak]` is passed, which exits with 1. `sealift gate --evidence` judges the record. Linux
/// only.
#[derive(clap::Args)]
pub struct Soak {
    /// How long it runs, such as `30m` or `24h`
    #[arg(long = "for", value_name = "TIME")]
    duration: TimeSpan,

    /// Send GET requests to this address again and again; expects a status from 200 to 299
    #[arg(long, value_name = "URL", conflicts_with_all = ["script", "again"])]
    request: Option<Url>,

    /// Run this line of shell again and again beside the program; expects the exit status 0
    #[arg(long = "run", value_name = "LINE", conflicts_with = "again")]
    script: Option<String>,

    /// Run the program itself again and again; expects the exit status 0
    #[arg(long, conflicts_with = "ready")]
    again: bool,

    /// How many requests or runs there are at a time
    #[arg(long, value_name = "N", default_value = "1")]
    workers: NonZeroUsize,

    /// When the program is ready: `line TEXT`, `port N` or `http URL` [default: when `--request` is answered, else at once]
    #[arg(long, value_name = "WHEN", value_parser = ready)]
    ready: Option<Ready>,

    /// How long it may take to be ready
    #[arg(long, value_name = "TIME", default_value = "5s")]
    ready_within: TimeSpan,

    /// The time between samples, at least `10ms`
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = interval)]
    interval: TimeSpan,

    /// Do not end it early for a leak before this time [default: a fifth of `--for`]
    #[arg(long, value_name = "TIME")]
    warm_up: Option<TimeSpan>,

    /// How long it may take to end after SIGTERM
    #[arg(long, value_name = "TIME", default_value = "5s")]
    grace: TimeSpan,

    /// A directory whose size is sampled
    #[arg(long, value_name = "DIR")]
    disk: Option<PathBuf>,

    /// The file to write the record to
    #[arg(long, value_name = "FILE", default_value = "soak.json")]
    out: PathBuf,

    /// The file to write samples to [default: that of `--out` with the suffix `.log`]
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,

    /// Go on with the log of a soak that was killed or interrupted
    #[arg(long)]
    resume: bool,

    /// End it early when memory reaches this, such as `25MB` [default: that of the manifest]
    #[arg(long, value_name = "SIZE")]
    memory_limit: Option<ByteSize>,

    /// A manifest with limits [default: `sealift.toml`, else `packaging/sealift.toml`, here or in a directory above, if any]
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,

    /// The program and its arguments
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

fn ready(text: &str) -> Result<Ready, String> {
    let expected = "expected `line TEXT`, `port N` or `http URL`";
    let (kind, value) = text.split_once(' ').ok_or(expected)?;
    match kind {
        "line" if !value.is_empty() => Ok(Ready::Line(value.to_owned())),
        "port" => match value.parse() {
            Ok(port) if port > 0 => Ok(Ready::Port(port)),
            _ => Err("expected a port from 1 to 65535".to_owned()),
        },
        "http" => match value.parse() {
            Ok(url) => Ok(Ready::Http(url)),
            Err(error) => Err(error.to_string()),
        },
        _ => Err(expected.to_owned()),
    }
}

fn interval(text: &str) -> Result<TimeSpan, String> {
    let span: TimeSpan = text
        .parse()
        .map_err(|error: sealift::model::text::InvalidText| error.to_string())?;
    if span.get() < Duration::from_millis(10) {
        return Err("expected at least `10ms`".to_owned());
    }
    Ok(span)
}

impl Soak {
    /// Runs the program.
    pub fn run(self) -> anyhow::Result<Exit> {
        let table = self.limits()?;
        let out = self.out.clone();
        let plan = self.plan(&table);
        interrupt::heed();
        let mut progress = Progress::new();
        let seen = run(&plan, &mut progress);
        progress.clear();
        let seen = seen?;
        let problems = table.problems(&out.display().to_string(), &seen);
        let record = Record {
            schema: Schema::default(),
            observation: Observation::Soak(Box::new(seen.clone())),
        };
        // Thousands of points, which nobody reads: one line.
        let text = serde_json::to_string(&record)? + "\n";
        write_file(&out, text.as_bytes())?;
        stdout::print_report(&to_text(&seen))?;
        if let Ended::Interrupted(signal) = &seen.ended {
            let message = format!(
                "ended by {signal} after {} of {}; `{}` has what there is",
                clock(seen.seconds),
                clock(seen.planned_seconds),
                out.display()
            );
            let hint = "`--resume` goes on with it".to_owned();
            return Err(Advised { message, hint }.into());
        }
        let mut text = String::new();
        for problem in &problems {
            let (found, expected) = (&problem.found, &problem.expected);
            let how = if problem.is_of_program {
                "FAIL "
            } else {
                "warning:"
            };
            text += &format!("{how} {found}; expected {expected}\n");
        }
        stdout::print_report(&text)?;
        // A record that is too short to judge is no failure of the program: the gate says so.
        Ok(match seen.ended {
            Ended::Limit(_) => Exit::LimitPassed,
            _ if problems.iter().any(|problem| problem.is_of_program) => Exit::LimitPassed,
            _ => Exit::Done,
        })
    }

    fn limits(&self) -> anyhow::Result<Table> {
        let project = ProjectArgs {
            manifest: self.manifest.clone(),
            source: None,
        };
        let mut table = match project.find() {
            None => GateLimits::default().soak,
            Some(_) => project.read(&FormatArgs::default())?.gates.soak,
        };
        if let Some(ByteSize(limit)) = self.memory_limit {
            table.memory_limit_bytes = limit;
        }
        Ok(table)
    }

    fn plan(self, table: &Table) -> Plan {
        let duration = self.duration.get();
        let workload = match (self.request, self.script) {
            (Some(url), _) => Workload::Requests(url),
            (None, Some(line)) => Workload::Script(line),
            (None, None) if self.again => Workload::Again,
            (None, None) => Workload::None,
        };
        let ready = match (self.ready, &workload) {
            (Some(ready), _) => ready,
            (None, Workload::Requests(url)) => Ready::Http(url.clone()),
            (None, _) => Ready::Started,
        };
        Plan {
            command: self.command,
            workload,
            workers: self.workers,
            ready,
            ready_within: self.ready_within.get(),
            duration,
            interval: self.interval.get(),
            warm_up: self.warm_up.map_or(duration / 5, TimeSpan::get),
            grace: self.grace.get(),
            disk: self.disk,
            log: self.log.unwrap_or_else(|| self.out.with_extension("log")),
            resume: self.resume,
            limits: Limits {
                memory: table.memory_limit_bytes,
                errors: table.error_limit,
                crashes: table.crash_limit,
                leak_bytes: table.leak_limit_bytes_per_hour,
                leak_descriptors: table.leak_limit_descriptors_per_hour,
                leak_threads: table.leak_limit_threads_per_hour,
                leak_disk: table.disk_leak_limit_bytes_per_hour,
            },
        }
    }
}

/// The end of a soak for people.
fn to_text(seen: &Seen) -> String {
    let mut text = match &seen.ended {
        Ended::Complete => format!("ran for {}", clock(seen.seconds)),
        Ended::Interrupted(_) | Ended::Limit(_) => format!(
            "ran for {} of {}",
            clock(seen.seconds),
            clock(seen.planned_seconds)
        ),
    };
    let requests = &seen.requests;
    text += &format!(
        "; {} samples, {} requests, {} errors, {} crashes\n",
        seen.samples, requests.count, requests.errors, seen.crashes
    );
    if let Some(memory) = seen.series(Quantity::Pss) {
        let size = |bytes: f64| human_size(bytes as u64);
        let (median, most) = (size(memory.median), size(memory.maximum));
        text += &format!("memory: {median}, at most {most}\n");
    }
    if let Some(latency) = &requests.latency {
        let ms = |seconds: f64| seconds * 1e3;
        text += &format!(
            "latency: median {:.2} ms, 99 % within {:.2} ms, longest {:.2} ms\n",
            ms(latency.p50),
            ms(latency.p99),
            ms(latency.max)
        );
    }
    for crash in seen.first_crashes.iter().take(10) {
        text += &format!(
            "crash at {}: {}\n",
            clock(crash.at_seconds),
            crash.reason.replace('\n', "\\n")
        );
    }
    if let Ended::Limit(limit) = &seen.ended {
        text += &format!("FAIL  ended early: {}\n", limit.replace('\n', "\\n"));
    }
    text
}

/// Seconds as hours, minutes and seconds.
fn clock(seconds: f64) -> String {
    let whole = seconds as u64;
    let (hours, minutes) = (whole / 3600, whole / 60 % 60);
    match hours {
        0 if minutes == 0 => format!("{seconds:.1} s"),
        _ => format!("{hours}:{minutes:02}:{:02}", whole % 60),
    }
}

/// Shows how it stands: a running line on a terminal, a line a minute with `--verbose`, else nothing.
struct Progress {
    runs: bool,
    next: Instant,
}

/// Returns to the start of the line and clears it (ECMA-48, EL).
const CLEAR_LINE: &str = "\r\x1b[K";

impl Progress {
    fn new() -> Self {
        Self {
            runs: io::stderr().is_terminal() && !terminal::is_quiet(),
            next: Instant::now(),
        }
    }

    fn clear(&self) {
        if self.runs {
            show(CLEAR_LINE);
        }
    }
}

impl Watch for Progress {
    fn live(&mut self, live: &Live) {
        if self.runs {
            show(&format!("{CLEAR_LINE}{}", line(live)));
        } else if terminal::is_verbose() && Instant::now() >= self.next {
            self.next = Instant::now() + Duration::from_secs(60);
            show(&format!("{}\n", line(live)));
        }
    }

    fn interrupted(&self) -> Option<String> {
        interrupt::caught().map(str::to_owned)
    }
}

/// Short enough for a terminal's line.
fn line(live: &Live) -> String {
    let (at, of) = live.seconds;
    let mut line = format!(
        "{} of {}  {}  {:.1} %  {} fds  {} threads",
        clock(at),
        clock(of),
        human_size(live.memory),
        live.cpu_percent,
        live.descriptors,
        live.threads
    );
    if live.requests > 0 {
        let p99 = live.p99 * 1e3;
        line += &format!("  {} requests, p99 {p99:.1} ms", live.requests);
    }
    line + &format!("  {} errors  {} crashes", live.errors, live.crashes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_ready_by_a_line_a_port_or_an_address() {
        assert!(
            matches!(ready("line listening on 80"), Ok(Ready::Line(text)) if text == "listening on 80")
        );
        assert!(matches!(ready("port 80"), Ok(Ready::Port(80))));
        assert!(matches!(
            ready("http http://localhost/"),
            Ok(Ready::Http(_))
        ));
        for text in [
            "",
            "line",
            "line ",
            "port 0",
            "port 65536",
            "port -1",
            "http a",
            "https://a/",
        ] {
            assert!(ready(text).is_err(), "{text}");
        }
        assert!(interval("9ms").is_err() && interval("10ms").is_ok());
    }

    #[test]
    fn the_running_line_fits_a_terminal() {
        let live = Live {
            seconds: (85_000.0, 86_400.0),
            memory: 123_456_789,
            cpu_percent: 12.34,
            descriptors: 123,
            threads: 12,
            requests: 12_345_678,
            errors: 0,
            crashes: 0,
            p99: 0.0123,
        };
        let line = line(&live);
        assert!(
            line.starts_with("23:36:40 of 24:00:00  123.5 MB  12.3 %"),
            "{line}"
        );
        assert!(line.len() < 120, "{line}");
    }
}
