//! `sealift report`: the page of a release, or of several side by side.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use sealift::gate::exhibit::Unit;
use sealift::gate::report::{REPORT, Report};
use sealift::output::write_file;
use sealift::page::comparison::{Comparison, GateRow, SizeRow};
use sealift::page::{page, releases_page};

use super::exit::{Advised, Exit};
use super::gate::exit_of;
use super::judgment;
use super::stdout;

/// Show the reports of releases, side by side
///
/// Compares what gates have said of releases of one package, and their sizes; oldest first, by date and version. With one
/// report, it is what `sealift gate` has printed and its page. Judges nothing, and ends with 0 whatever the reports say, but for
/// `--gate`.
#[derive(clap::Args)]
pub struct ShowReports {
    /// Release directories that `sealift gate` has judged, or their reports
    #[arg(value_name = "DIR", required = true)]
    releases: Vec<PathBuf>,

    /// The file to write a page to
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,

    /// Print what one gate has said of one release, and end as its outcome says
    #[arg(long, value_name = "NAME", conflicts_with = "out")]
    gate: Option<String>,
}

impl ShowReports {
    /// Reads the reports and shows them.
    pub fn run(self) -> anyhow::Result<Exit> {
        let reports = self.releases.iter().map(|path| read(path));
        let mut reports: Vec<Report> = reports.collect::<anyhow::Result<_>>()?;
        if let Some(name) = &self.gate {
            return self.only(reports, name);
        }
        self.refuse_others(&reports)?;
        let (text, page) = match (reports.pop(), reports.is_empty()) {
            (Some(report), true) => (judgment::to_text(&report), page(&report)),
            (last, _) => {
                reports.extend(last);
                let comparison = Comparison::of(reports);
                (to_text(&comparison), releases_page(&comparison))
            }
        };
        stdout::print_report(&text)?;
        if let Some(out) = &self.out {
            write_file(out, page.as_bytes())?;
        }
        Ok(Exit::Done)
    }

    /// What one gate has said, and how it ended.
    fn only(&self, mut reports: Vec<Report>, name: &str) -> anyhow::Result<Exit> {
        let (Some(report), true) = (reports.pop(), reports.is_empty()) else {
            return Err(Advised {
                message: format!(
                    "`--gate` is for one release; expected one in place of {}",
                    self.releases.len()
                ),
                hint: "name one release directory".to_owned(),
            }
            .into());
        };
        let names: Vec<_> = report
            .gates
            .iter()
            .map(|gate| format!("`{}`", gate.gate))
            .collect();
        let Some(gate) = report.gates.into_iter().find(|gate| gate.gate == name) else {
            return Err(Advised {
                message: format!("the report has no gate `{name}`"),
                hint: format!("it has {}", names.join(", ")),
            }
            .into());
        };
        stdout::print_report(&judgment::gate_to_text(&gate))?;
        Ok(exit_of(gate.outcome))
    }

    /// Releases of different packages have nothing to compare.
    fn refuse_others(&self, reports: &[Report]) -> Result<(), Advised> {
        let names = || reports.iter().map(|report| &report.name);
        let Some(first) = names().next() else {
            return Ok(());
        };
        let other = names().zip(&self.releases).find(|(name, _)| *name != first);
        other.map_or(Ok(()), |(name, path)| {
            Err(Advised {
                message: format!(
                    "`{}` is of the package `{name}`; expected `{first}`, as before",
                    path.display()
                ),
                hint: "name releases of one package".to_owned(),
            })
        })
    }
}

fn read(path: &Path) -> anyhow::Result<Report> {
    let is_directory = path.is_dir();
    let file = match is_directory {
        true => path.join(REPORT),
        false => path.to_owned(),
    };
    Report::read(&file).map_err(|error| {
        let is_missing = error.is_missing();
        let error = anyhow::Error::from(error);
        if !(is_directory && is_missing) {
            return error;
        }
        let message = format!("{error:#}");
        let hint = "`sealift gate` writes the report of a release".to_owned();
        Advised { message, hint }.into()
    })
}

/// The widest label of a line. What is longer is cut.
const LABEL: usize = 34;
/// Between columns.
const GAP: usize = 2;
const WIDTH: usize = 80;

/// Tables of at most 80 columns, each for as many releases as fit.
fn to_text(comparison: &Comparison) -> String {
    let versions = comparison
        .reports()
        .iter()
        .map(|report| report.version.clone());
    let versions: Vec<_> = versions.collect();
    let gates = comparison.gates();
    let sizes = comparison.sizes();
    let lines: Vec<_> = gates
        .iter()
        .map(gate_line)
        .chain(sizes.iter().map(size_line))
        .collect();
    let labels = lines.iter().map(|(label, _)| label.chars().count());
    let label = labels.max().unwrap_or(0).min(LABEL);
    let cells = lines.iter().flat_map(|(_, cells)| cells).chain(&versions);
    let cell = cells
        .map(|cell| cell.chars().count())
        .max()
        .unwrap_or(0)
        .min(WIDTH);
    let columns = (WIDTH.saturating_sub(label) / (cell + GAP)).max(1);
    let mut text = String::new();
    for first in (0..versions.len()).step_by(columns) {
        if first > 0 {
            text.push('\n');
        }
        let shown = first..(first + columns).min(versions.len());
        put(&mut text, ("", &versions[shown.clone()]), [label, cell]);
        for (name, cells) in &lines {
            put(&mut text, (name, &cells[shown.clone()]), [label, cell]);
        }
    }
    text
}

fn gate_line(row: &GateRow) -> (String, Vec<String>) {
    let word = |outcome: &Option<_>| outcome.map_or("–", sealift::gate::report::Outcome::word);
    let words = row.outcomes.iter().map(|outcome| word(outcome).to_owned());
    (row.gate.clone(), words.collect())
}

fn size_line(row: &SizeRow) -> (String, Vec<String>) {
    let text =
        |size: &Option<u64>| size.map_or("–".to_owned(), |size| Unit::Bytes.text(size as f64));
    (row.label.clone(), row.sizes.iter().map(text).collect())
}

fn put(text: &mut String, (label, cells): (&str, &[String]), [width, cell]: [usize; 2]) {
    // A line break in a name must not look like another line.
    let one_line = |text: &str| text.replace('\n', " ");
    let mut line = one_line(label);
    if line.chars().count() > width {
        line = line.chars().take(width - 1).chain(['…']).collect();
    }
    let mut line = format!("{line:width$}");
    for each in cells {
        write!(line, "{:>1$}", one_line(each), cell + GAP).expect("a string takes all text");
    }
    text.push_str(line.trim_end());
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(version: String) -> Report {
        let json = serde_json::json!({
            "name": "hello", "version": version, "date": 1, "outcome": "fail",
            "artifacts": [{"file": "a", "target": "aarch64-unknown-linux-gnu-and-more", "format": "deb", "size": 1_234_567, "sha256": ""}],
            "gates": [
                {"gate": "packages", "summary": "", "outcome": "pass", "findings": [], "reason": null},
                {"gate": "size", "summary": "", "outcome": "fail", "findings": [], "reason": null},
            ],
        });
        serde_json::from_value(json).expect("a report")
    }

    #[test]
    fn a_few_releases_are_side_by_side() {
        let reports = ["1.0.0", "1.1.0"].map(|version| report(version.to_owned()));
        // Behind the line break, as the compiler takes away spaces behind a continued line.
        let expected = "
                                      1.0.0    1.1.0
packages                               pass     pass
size                                   FAIL     FAIL
all artifacts                       1.23 MB  1.23 MB
deb, aarch64-unknown-linux-gnu-an…  1.23 MB  1.23 MB
";
        let text = to_text(&Comparison::of(reports.into()));
        assert_eq!(format!("\n{text}"), expected);
    }

    #[test]
    fn many_releases_are_in_tables_that_fit_80_columns() {
        let reports = (0..12)
            .map(|number| report(format!("1.{number}.0-rc.1")))
            .collect();
        let text = to_text(&Comparison::of(reports));
        assert!(
            text.lines().all(|line| line.chars().count() <= 80),
            "{text}"
        );
        assert_eq!(text.matches("\nsize").count(), 4, "{text}");
        assert!(text.contains("1.11.0-rc.1"));
    }
}
