//! A program in a release, as the gates see it, and what they find in it.

use super::GateFinding;
use super::executable::Executable;
use crate::model::target::Target;

/// A program in a release.
pub struct Program<'a> {
    /// What the program says of itself.
    pub(super) executable: Executable,
    /// Its bytes, without what is behind it.
    pub(super) bytes: &'a [u8],
    /// The platform that it should be for.
    pub(super) target: Target,
}

/// Something that every program must be.
///
/// Law: the findings depend on the program and the gate's table alone, so that a program that is in many packages is
/// judged once.
pub trait ProgramGate {
    /// What the gate judges, for the release that has none.
    fn what(&self) -> &'static str {
        "a program"
    }

    /// Judges a program; false where the program is none of the gate's business.
    fn judge(&self, program: &Program<'_>, problems: &mut Problems) -> bool;
}

/// What is wrong with a program.
#[derive(Clone, Debug, Default)]
pub struct Problems(Vec<Problem>);

#[derive(Clone, Debug)]
struct Problem {
    offset: Option<usize>,
    found: String,
    expected: String,
}

impl Problems {
    /// Adds one of the whole program.
    pub(super) fn add(&mut self, found: impl Into<String>, expected: impl Into<String>) {
        self.0.push(Problem {
            offset: None,
            found: found.into(),
            expected: expected.into(),
        });
    }

    /// Adds one at a byte.
    pub(super) fn add_at(&mut self, offset: usize, found: String, expected: impl Into<String>) {
        self.add(found, expected);
        if let Some(last) = self.0.last_mut() {
            last.offset = Some(offset);
        }
    }

    /// The findings about the program in one of its places.
    pub(super) fn findings(&self, place: &str) -> impl Iterator<Item = GateFinding> {
        self.0.iter().map(move |problem| GateFinding {
            place: match problem.offset {
                Some(offset) => format!("{place} at byte {offset}"),
                None => place.to_owned(),
            },
            found: problem.found.clone(),
            expected: problem.expected.clone(),
        })
    }
}
