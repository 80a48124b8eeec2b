//! What reports of several releases say side by side.

use std::collections::BTreeMap;

use super::samples::median;
use crate::gate::exhibit::{Axis, Curve, Exhibit, ExhibitContent, Unit};
use crate::gate::report::{GateReport, Outcome, Report};

/// Reports of releases of one package, oldest first.
pub struct Comparison {
    reports: Vec<Report>,
}

/// How a gate ended in each release; `None` where there was no such gate.
pub struct GateRow {
    /// The gate's name.
    pub gate: String,
    /// One for each release.
    pub outcomes: Vec<Option<Outcome>>,
}

/// A size in each release.
pub struct SizeRow {
    /// What it is the size of.
    pub label: String,
    /// In bytes; `None` where there was no such artifact.
    pub sizes: Vec<Option<u64>>,
}

/// Numbers that belong together: a title, in a gate or none, and the unit.
type Key = (String, String, &'static str);

/// Curves by their labels, as points by the number of the release.
type Points = BTreeMap<String, Vec<(usize, f64)>>;

impl Comparison {
    /// Sorts reports by date, and by version where the dates are the same or unknown.
    pub fn of(mut reports: Vec<Report>) -> Self {
        let version = |report: &Report| semver::Version::parse(&report.version).ok();
        reports.sort_by_cached_key(|report| (report.date, version(report), report.version.clone()));
        Self { reports }
    }

    /// The reports, oldest first.
    pub fn reports(&self) -> &[Report] {
        &self.reports
    }

    /// All gates of all releases, sorted by name.
    pub fn gates(&self) -> Vec<GateRow> {
        let names = self.reports.iter().flat_map(|report| &report.gates);
        let mut names: Vec<_> = names.map(|gate| gate.gate.clone()).collect();
        names.sort();
        names.dedup();
        let row = |gate: String| {
            let of = |report: &Report| {
                let found = report.gates.iter().find(|each| each.gate == gate);
                found.map(|found| found.outcome)
            };
            let outcomes = self.reports.iter().map(of).collect();
            GateRow { gate, outcomes }
        };
        names.into_iter().map(row).collect()
    }

    /// The sizes of all artifacts together, and of each by what it is for. Releases from before reports had sizes have none.
    pub fn sizes(&self) -> Vec<SizeRow> {
        let mut rows: BTreeMap<String, Vec<Option<u64>>> = BTreeMap::new();
        for (index, report) in self.reports.iter().enumerate() {
            for artifact in &report.artifacts {
                let target = artifact.target.as_deref().unwrap_or("several targets");
                let label = format!("{}, {target}", artifact.format);
                let sizes = rows
                    .entry(label)
                    .or_insert_with(|| vec![None; self.reports.len()]);
                sizes[index] = Some(sizes[index].unwrap_or(0).saturating_add(artifact.size));
            }
        }
        let total = |report: &Report| (!report.artifacts.is_empty()).then(|| report.total_size());
        let total = SizeRow {
            label: "all artifacts".to_owned(),
            sizes: self.reports.iter().map(total).collect(),
        };
        let each = rows
            .into_iter()
            .map(|(label, sizes)| SizeRow { label, sizes });
        std::iter::once(total).chain(each).collect()
    }

    /// All numbers over the releases: sizes first, then what gates have shown under the same title.
    pub fn exhibits(&self) -> Vec<Exhibit> {
        let mut sizes = self.sizes().into_iter();
        let total: Vec<_> = sizes.by_ref().take(1).collect();
        let each: Vec<_> = sizes.collect();
        let mut exhibits = vec![
            self.size_exhibit("Size of all artifacts", &total),
            self.size_exhibit("Size of each artifact", &each),
        ];
        for ((gate, title, note), (unit, points)) in self.numbers() {
            let title = format!("{gate}: {title}");
            exhibits.push(self.exhibit(title, note, unit, points));
        }
        exhibits.retain(|exhibit| match &exhibit.content {
            ExhibitContent::Curves { curves, .. } => !curves.is_empty(),
            _ => true,
        });
        exhibits
    }

    fn size_exhibit(&self, title: &str, rows: &[SizeRow]) -> Exhibit {
        let points = |row: &SizeRow| {
            let sizes = row.sizes.iter().enumerate();
            let points = sizes.filter_map(|(index, size)| Some((index, (*size)? as f64)));
            (row.label.clone(), points.collect::<Vec<_>>())
        };
        let points = rows
            .iter()
            .map(points)
            .filter(|(_, points)| !points.is_empty());
        self.exhibit(
            title.to_owned(),
            "Of the files that users download.",
            Unit::Bytes,
            points.collect(),
        )
    }

    /// The amounts and the medians of the measurements that gates have shown, by gate, title and unit.
    fn numbers(&self) -> BTreeMap<Key, (Unit, Points)> {
        let mut numbers: BTreeMap<Key, (Unit, Points)> = BTreeMap::new();
        for (index, report) in self.reports.iter().enumerate() {
            for (gate, exhibit) in report.gates.iter().flat_map(shown) {
                let (unit, note, values) = values(exhibit);
                for (label, value) in values {
                    let key = (gate.gate.clone(), exhibit.title.clone(), note);
                    let (_, points) = numbers.entry(key).or_insert_with(|| (unit, Points::new()));
                    points.entry(label).or_default().push((index, value));
                }
            }
        }
        numbers
    }

    fn exhibit(&self, title: String, note: &str, unit: Unit, points: Points) -> Exhibit {
        let (x, places) = self.places();
        let curve = |(label, points): (String, Vec<(usize, f64)>)| Curve {
            label,
            points: points
                .into_iter()
                .map(|(index, value)| (places[index], value))
                .collect(),
        };
        ExhibitContent::Curves {
            x,
            y: Axis {
                label: String::new(),
                unit,
            },
            curves: points.into_iter().map(curve).collect(),
            limit: None,
        }
        .titled(title, note)
    }

    /// Where each release is: at its date, or, where dates do not tell them apart, one after the other.
    fn places(&self) -> (Axis, Vec<f64>) {
        let dates = self.reports.iter().map(|report| report.date);
        let dates: Option<Vec<_>> = dates.collect();
        let told_apart = dates.filter(|dates| dates.windows(2).all(|pair| pair[0] < pair[1]));
        let (label, unit, places) = match told_apart {
            Some(dates) => (
                "date",
                Unit::Date,
                dates.into_iter().map(|date| date as f64).collect(),
            ),
            None => {
                let places = (1..=self.reports.len()).map(|index| index as f64);
                ("release, oldest first", Unit::Count, places.collect())
            }
        };
        let label = label.to_owned();
        (Axis { label, unit }, places)
    }
}

fn shown(gate: &GateReport) -> impl Iterator<Item = (&GateReport, &Exhibit)> {
    gate.exhibits.iter().map(move |exhibit| (gate, exhibit))
}

/// The numbers of an exhibit that can be followed over releases.
fn values(exhibit: &Exhibit) -> (Unit, &'static str, Vec<(String, f64)>) {
    match &exhibit.content {
        ExhibitContent::Amounts { unit, amounts } => {
            let amounts = amounts
                .iter()
                .map(|amount| (amount.label.clone(), amount.value));
            (*unit, "", amounts.collect())
        }
        ExhibitContent::Samples { unit, samples, .. } => {
            let mut sorted: Vec<_> = samples
                .iter()
                .copied()
                .filter(|each| each.is_finite())
                .collect();
            sorted.sort_by(f64::total_cmp);
            let median = median(&sorted).map(|median| ("median".to_owned(), median));
            (
                *unit,
                "Medians of the measurements.",
                median.into_iter().collect(),
            )
        }
        _ => (Unit::Count, "", Vec::new()),
    }
}

impl ExhibitContent {
    fn titled(self, title: String, note: &str) -> Exhibit {
        Exhibit {
            title,
            note: note.to_owned(),
            content: self,
        }
    }
}

#[cfg(test)]
mod tests;
