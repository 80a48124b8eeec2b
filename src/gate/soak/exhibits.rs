//! What is shown of a soak: curves of what was sampled, and tables of what failed.

use super::Soak as Limits;
use crate::evidence::soak::{Quantity, Soak};
use crate::gate::exhibit::{Amount, Axis, Curve, Exhibit, ExhibitContent, Unit};

/// Curves that share an axis.
struct Plot {
    title: &'static str,
    unit: Unit,
    curves: &'static [(Quantity, &'static str)],
}

const PLOTS: [Plot; 6] = [
    Plot {
        title: "memory",
        unit: Unit::Bytes,
        curves: &[
            (Quantity::Pss, "with a share of what is shared"),
            (Quantity::Rss, "with all that is shared"),
        ],
    },
    Plot {
        title: "processor time",
        unit: Unit::Percent,
        curves: &[(Quantity::Cpu, "of one processor")],
    },
    Plot {
        title: "descriptors",
        unit: Unit::Count,
        curves: &[(Quantity::Descriptors, "open")],
    },
    Plot {
        title: "threads",
        unit: Unit::Count,
        curves: &[(Quantity::Threads, "running")],
    },
    Plot {
        title: "disk",
        unit: Unit::Bytes,
        curves: &[(Quantity::Disk, "in the directory")],
    },
    Plot {
        title: "latency",
        unit: Unit::Seconds,
        curves: &[
            (Quantity::LatencyP50, "median"),
            (Quantity::LatencyP99, "99th percentile"),
        ],
    },
];

/// What is shown of one record.
pub fn exhibits(limits: &Limits, name: &str, seen: &Soak) -> Vec<Exhibit> {
    let mut shown: Vec<_> = PLOTS
        .iter()
        .filter_map(|plot| plotted(plot, limits, name, seen))
        .collect();
    shown.extend(growth(limits, name, seen));
    shown.extend(failures(name, seen));
    shown
}

fn plotted(plot: &Plot, limits: &Limits, name: &str, seen: &Soak) -> Option<Exhibit> {
    let curve = |(quantity, label): &(Quantity, &str)| {
        let series = seen.series(*quantity)?;
        Some(Curve {
            label: (*label).to_owned(),
            points: series.points.clone(),
        })
    };
    let curves: Vec<_> = plot.curves.iter().filter_map(curve).collect();
    let limit = match plot.title {
        "memory" => Some(limits.memory_limit_bytes as f64),
        _ => None,
    };
    let every = seen.interval_seconds;
    (!curves.is_empty()).then(|| Exhibit {
        title: format!("{name}: {}", plot.title),
        note: format!(
            "`{}`, workload: {}; {} samples, one every {every} seconds",
            seen.program.name, seen.workload, seen.samples
        ),
        content: ExhibitContent::Curves {
            x: Axis {
                label: "time".to_owned(),
                unit: Unit::Seconds,
            },
            y: Axis {
                label: plot.title.to_owned(),
                unit: plot.unit,
            },
            curves,
            limit,
        },
    })
}

fn growth(limits: &Limits, name: &str, seen: &Soak) -> Option<Exhibit> {
    let rate = |(quantity, what, limit): (Quantity, &str, Option<u64>)| {
        let trend = seen.series(quantity)?.trend.as_ref()?;
        Some(vec![
            what.to_owned(),
            format!("{:.1}", trend.per_hour),
            format!("{:.1} to {:.1}", trend.low_per_hour, trend.high_per_hour),
            format!("{:.1}", trend.late_per_hour),
            limit.map_or("none".to_owned(), |limit| limit.to_string()),
        ])
    };
    let rows: Vec<_> = limits
        .limits_of_growth()
        .into_iter()
        .filter_map(rate)
        .collect();
    (!rows.is_empty()).then(|| Exhibit {
        title: format!("{name}: growth per hour"),
        note: "The median of the slopes between all parts of the longest time without a restart, of which the first fifth is \
               left out. It is a leak if the interval is above the limit, and the second half still rises."
            .to_owned(),
        content: ExhibitContent::Table {
            columns: ["of", "rate", "interval", "in the second half", "limit"]
                .map(str::to_owned)
                .to_vec(),
            rows,
        },
    })
}

fn failures(name: &str, seen: &Soak) -> Vec<Exhibit> {
    let amount = |label: &str, value: u64| Amount {
        label: label.to_owned(),
        value: value as f64,
        limit: None,
    };
    let counts = Exhibit {
        title: format!("{name}: requests and crashes"),
        note: String::new(),
        content: ExhibitContent::Amounts {
            unit: Unit::Count,
            amounts: vec![
                amount("requests", seen.requests.count),
                amount("errors", seen.requests.errors),
                amount("crashes", seen.crashes),
                amount("gaps", seen.gaps.len() as u64),
            ],
        },
    };
    let mut rows: Vec<Vec<String>> = Vec::new();
    for crash in &seen.first_crashes {
        rows.push(vec![
            format!("{:.1} s", crash.at_seconds),
            "crash".to_owned(),
            crash.reason.clone(),
            crash.output.clone(),
        ]);
    }
    for error in &seen.requests.first_errors {
        rows.push(vec![
            String::new(),
            "error".to_owned(),
            error.clone(),
            String::new(),
        ]);
    }
    if rows.is_empty() {
        return vec![counts];
    }
    let table = Exhibit {
        title: format!("{name}: the first crashes and errors"),
        note: String::new(),
        content: ExhibitContent::Table {
            columns: ["time", "kind", "reason", "output"]
                .map(str::to_owned)
                .to_vec(),
            rows,
        },
    };
    vec![counts, table]
}
