//! Compares a program with recorded cases.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::path::Path;

use super::ParityError;
use super::case::Case;
use super::compare::differences;
use super::corpus::Corpus;
use super::normalize::{Counts, Surroundings};
use super::subject::{Candidate, normalized};
use crate::evidence::{CaseDifference, DifferingCase, NormalizationUse, Parity};
use crate::model::threads::Threads;
use crate::process::Limits;

/// Runs every case, some at a time, each in a new directory below `temporary`.
pub fn replay(
    corpus: &Corpus,
    candidate: &Candidate,
    jobs: NonZeroUsize,
    temporary: &Path,
) -> Result<Parity, ParityError> {
    let limits = corpus.settings.limits;
    let cases: Vec<_> = corpus.cases.iter().collect();
    let compared = Threads::each(jobs, cases, |_, case| {
        let mut counts = Counts::new();
        let differences = compared(case, candidate, limits, temporary, &mut counts)?;
        Ok::<_, ParityError>((&case.name, differences, counts))
    });
    let mut differing = Vec::new();
    let mut uses = BTreeMap::new();
    for result in compared {
        let (name, differences, counts) = result?;
        for (name, count) in counts {
            let (cases, replacements): &mut (u64, u64) = uses.entry(name).or_default();
            *cases += 1;
            *replacements += count;
        }
        if !differences.is_empty() {
            differing.push(DifferingCase {
                case: name.clone(),
                differences,
            });
        }
    }
    let references: BTreeSet<_> = corpus
        .cases
        .iter()
        .map(|case| case.recorded_from.clone())
        .collect();
    let uses = uses.into_iter();
    Ok(Parity {
        program: candidate.observed.clone(),
        corpus: corpus.name(),
        references: references.into_iter().collect(),
        cases: corpus.cases.len() as u64,
        differing,
        normalizations: uses
            .map(|(name, (cases, replacements))| NormalizationUse {
                name,
                cases,
                replacements,
            })
            .collect(),
    })
}

fn compared(
    case: &Case,
    candidate: &Candidate,
    limits: Limits,
    temporary: &Path,
    counts: &mut Counts,
) -> Result<Vec<CaseDifference>, ParityError> {
    let outcome = candidate.run(&case.name, &case.input, limits, temporary)?;
    let rules = &case.input.rules;
    let found = outcome.normalized(rules, counts);
    // It was normalized when it was recorded, but not for what has been declared since.
    let expected = normalized(
        &case.expected,
        rules,
        &Surroundings::default(),
        &mut Counts::new(),
    );
    let mut differences = differences(&expected, &found);
    if outcome.left_behind {
        differences.push(CaseDifference {
            place: "processes".to_owned(),
            found: "some that were still running after the program, and were killed".to_owned(),
            expected: "none".to_owned(),
        });
    }
    Ok(differences)
}
