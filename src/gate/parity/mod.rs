//! Gate `parity`: programs do what a reference implementation does, and cover all of it.

mod exhibits;
#[cfg(test)]
pub(super) mod tests;

use super::{Exhibit, Gate, GateError, GateFinding, Subject, Verdict};
use crate::evidence::{Coverage, DifferingCase, Parity as Replay};
use exhibits::{cases, coverages, covered, normalizations, replays};

/// How many findings of a kind are told for a record; of more, how many there are.
const MOST: usize = 20;

/// The table `[gates.parity]`.
#[derive(
    Clone, Debug, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema, serde::Serialize,
)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Parity {
    /// A corpus must have at least this many cases, so that it cannot shrink unnoticed.
    pub minimum_cases: u64,
}

impl Default for Parity {
    /// One, since a corpus without cases says nothing.
    fn default() -> Self {
        Self { minimum_cases: 1 }
    }
}

impl Gate for Parity {
    fn run(&self, subject: &Subject<'_>) -> Result<Verdict, GateError> {
        let mut findings = Vec::new();
        let mut records = 0;
        for (name, replay) in replays(subject.evidence) {
            records += 1;
            self.judge(name, replay, subject, &mut findings);
        }
        for (name, coverage) in coverages(subject.evidence) {
            records += 1;
            judge_coverage(name, coverage, subject, &mut findings);
        }
        if records == 0 {
            let reason = "no evidence of parity is given; `sealift parity` makes it";
            return Ok(Verdict::NotApplicable(reason.to_owned()));
        }
        Ok(findings.into())
    }

    fn exhibits(&self, subject: &Subject<'_>) -> Vec<Exhibit> {
        let exhibits = [
            cases(subject.evidence),
            normalizations(subject.evidence),
            covered(subject.evidence),
        ];
        exhibits.into_iter().flatten().collect()
    }
}

impl Parity {
    fn judge(
        &self,
        name: &str,
        replay: &Replay,
        subject: &Subject<'_>,
        findings: &mut Vec<GateFinding>,
    ) {
        let mut add = |found: String, expected: String| {
            findings.push(GateFinding {
                place: name.to_owned(),
                found,
                expected,
            });
        };
        let program = &replay.program;
        if !subject.holds(program) {
            add(
                format!(
                    "a record of `{}` with the SHA-256 {}",
                    program.name, program.sha256
                ),
                "a program that the release holds; replay the corpus with it".to_owned(),
            );
        }
        if let Some(itself) = replay
            .references
            .iter()
            .find(|one| one.sha256 == program.sha256)
        {
            add(
                format!("cases that were recorded from `{}` itself", itself.name),
                "cases of another program, since every program is equal to itself".to_owned(),
            );
        }
        if replay.cases < self.minimum_cases {
            add(
                counted(replay.cases, "case"),
                format!("at least {}", self.minimum_cases),
            );
        }
        if (replay.differing.len() as u64) > replay.cases {
            let differing = replay.differing.len();
            add(
                format!("{differing} differing cases of {}", replay.cases),
                "a record that does not contradict itself".to_owned(),
            );
        }
        let differing = replay.differing.iter().map(|case| of_case(name, case));
        bounded(name, "cases that differ", differing, findings);
    }
}

/// The first difference of a case, and how many others there are.
fn of_case(record: &str, case: &DifferingCase) -> GateFinding {
    let place = format!("{record}: case `{}`", case.case);
    let Some(first) = case.differences.first() else {
        return GateFinding {
            place,
            found: "a difference that is not told".to_owned(),
            expected: "no difference".to_owned(),
        };
    };
    let more = case.differences.len() - 1;
    GateFinding {
        place: format!("{place}, {}", first.place),
        found: if more == 0 {
            first.found.clone()
        } else {
            format!(
                "{}, and {} more",
                first.found,
                counted(more as u64, "difference")
            )
        },
        expected: first.expected.clone(),
    }
}

fn judge_coverage(
    name: &str,
    coverage: &Coverage,
    subject: &Subject<'_>,
    findings: &mut Vec<GateFinding>,
) {
    let release = subject.release;
    let mut add = |found: String, expected: String| {
        findings.push(GateFinding {
            place: name.to_owned(),
            found,
            expected,
        });
    };
    if let (Some(covered), Some(released)) = (&coverage.commit, &release.commit)
        && covered != released
    {
        add(
            format!("a record of commit {covered}"),
            format!("one of the commit that was released, {released}"),
        );
    }
    if coverage.dirty && !release.dirty {
        add(
            "a record of a tree with uncommitted changes".to_owned(),
            "one of the commit that was released".to_owned(),
        );
    }
    let map = &coverage.map;
    let unmapped = coverage.unmapped.iter().map(|file| GateFinding {
        place: format!("{name}: the reference's `{file}`"),
        found: format!("a file that `{map}` does not name"),
        expected: "its counterpart, or the reason for leaving it out".to_owned(),
    });
    bounded(name, "files without a counterpart", unmapped, findings);
    let dangling = coverage.dangling.iter().map(|path| GateFinding {
        place: format!("{name}: {map}:{}", path.line),
        found: format!("`{}`, which does not exist", path.path),
        expected: if path.in_reference {
            "a path of the reference".to_owned()
        } else {
            "a path of the tree".to_owned()
        },
    });
    bounded(name, "paths that do not exist", dangling, findings);
}

/// Adds the first findings, and how many others there are.
fn bounded(
    record: &str,
    what: &str,
    all: impl ExactSizeIterator<Item = GateFinding>,
    findings: &mut Vec<GateFinding>,
) {
    let more = all.len().saturating_sub(MOST);
    findings.extend(all.take(MOST));
    if more > 0 {
        findings.push(GateFinding {
            place: record.to_owned(),
            found: format!("{more} more {what}"),
            expected: "none".to_owned(),
        });
    }
}

fn counted(count: u64, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}
