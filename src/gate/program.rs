//! A program in a release, and the gates' findings about it.

use super::GateFinding;
use super::executable::Executable;
use crate::model::target::Target;

/// A program in a release.
pub struct Program<'a> {
    /// The program's headers.
    pub(super) executable: Executable,
    /// Its bytes, without any data appended to it.
    pub(super) bytes: &'a [u8],
    /// The platform that it must be for.
    pub(super) target: Target,
}

/// Something that every program must be.
///
/// Law: the findings depend only on the program and the gate's table, so that a program in many packages is judged
/// once.
pub trait ProgramGate {
    /// What the gate judges, for the message about a release that has none.
    fn what(&self) -> &'static str {
        "a program"
    }

    /// Judges a program; returns false if the gate does not apply to it.
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
    /// Adds one about the whole program.
    pub(super) fn add(&mut self, found: impl Into<String>, expected: impl Into<String>) {
        self.0.push(Problem {
            offset: None,
            found: found.into(),
            expected: expected.into(),
        });
    }

    /// Adds one at a byte offset.
    pub(super) fn add_at(&mut self, offset: usize, found: String, expected: impl Into<String>) {
        self.add(found, expected);
        if let Some(last) = self.0.last_mut() {
            last.offset = Some(offset);
        }
    }

    /// The findings about the program at one of its locations.
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
