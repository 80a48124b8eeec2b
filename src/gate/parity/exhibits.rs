//! What the gate shows: tables of cases, of normalizations, and of the reference's files.

use crate::evidence::{Coverage, Evidence, Observation, Parity as Replay};
use crate::gate::Exhibit;
use crate::gate::exhibit::ExhibitContent;

/// The records of replays.
pub(super) fn replays(evidence: &Evidence) -> impl Iterator<Item = (&str, &Replay)> {
    evidence.of(|observation| match observation {
        Observation::Parity(parity) => Some(parity),
        _ => None,
    })
}

/// The records of coverage.
pub(super) fn coverages(evidence: &Evidence) -> impl Iterator<Item = (&str, &Coverage)> {
    evidence.of(|observation| match observation {
        Observation::Coverage(coverage) => Some(coverage),
        _ => None,
    })
}

/// A table, unless it is empty.
fn table(title: &str, note: &str, columns: &[&str], rows: Vec<Vec<String>>) -> Option<Exhibit> {
    let columns = columns.iter().map(|column| (*column).to_owned()).collect();
    (!rows.is_empty()).then(|| Exhibit {
        title: title.to_owned(),
        note: note.to_owned(),
        content: ExhibitContent::Table { columns, rows },
    })
}

/// How many cases there are, and how many are equal.
pub(super) fn cases(evidence: &Evidence) -> Option<Exhibit> {
    let row = |(name, replay): (&str, &Replay)| {
        let references = replay
            .references
            .iter()
            .map(|reference| reference.name.as_str());
        let equal = replay.cases.saturating_sub(replay.differing.len() as u64);
        vec![
            name.to_owned(),
            replay.program.name.clone(),
            replay.corpus.clone(),
            references.collect::<Vec<_>>().join(", "),
            replay.cases.to_string(),
            equal.to_string(),
        ]
    };
    table(
        "Cases",
        "Recorded from the reference, and compared byte for byte: exit code, both streams, files.",
        &["record", "program", "corpus", "reference", "cases", "equal"],
        replays(evidence).map(row).collect(),
    )
}

/// Which normalizations were needed, and how often.
pub(super) fn normalizations(evidence: &Evidence) -> Option<Exhibit> {
    let rows = replays(evidence).flat_map(|(name, replay)| {
        replay.normalizations.iter().map(move |used| {
            vec![
                name.to_owned(),
                used.name.clone(),
                used.cases.to_string(),
                used.replacements.to_string(),
            ]
        })
    });
    table(
        "Normalizations",
        "What was replaced before the comparison, because it differs from run to run.",
        &["record", "normalization", "cases", "replacements"],
        rows.collect(),
    )
}

/// How many files of the reference have a counterpart.
pub(super) fn covered(evidence: &Evidence) -> Option<Exhibit> {
    let row = |(name, coverage): (&str, &Coverage)| {
        let commit = coverage.commit.as_ref();
        vec![
            name.to_owned(),
            coverage.map.clone(),
            commit.map_or("unknown".to_owned(), ToString::to_string),
            coverage.mapped.to_string(),
            coverage.omitted.to_string(),
            coverage.unmapped.len().to_string(),
            coverage.dangling.len().to_string(),
        ]
    };
    table(
        "Files of the reference",
        "Each is mapped to its counterpart, or left out for a reason.",
        &[
            "record", "map", "commit", "mapped", "left out", "unmapped", "dangling",
        ],
        coverages(evidence).map(row).collect(),
    )
}
