//! Why cases could not be recorded, replayed or mapped.

use std::path::PathBuf;

use crate::evidence::CaseDifference;
use crate::model::hint::{Hint, did_you_mean};
use crate::output::OutputError;
use crate::output::path_error::PathError;
use crate::process::ProcessError;
use crate::project::manifest::located::{Located, ReadError};

/// Cases could not be recorded, replayed or mapped.
#[derive(Debug, thiserror::Error)]
pub enum ParityError {
    /// A file or directory could not be used.
    #[error(transparent)]
    Path(#[from] PathError),
    /// A text file could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Something in a text file is wrong.
    #[error(transparent)]
    Invalid(#[from] Box<Located>),
    /// Something could not be written.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// The program could not be started.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// There is no such program.
    #[error("there is no program `{}`", .0.display())]
    NoProgram(PathBuf),
    /// A name is no name of a case.
    #[error("`{}` is not the name of a case; expected letters, digits, `-`, `_` and `.`, and no `.` at the beginning", .0.escape_debug())]
    Name(String),
    /// An entry of a corpus or a case that has no meaning.
    #[error("`{}` has no meaning in {place}; expected one of `{}`", path.display(), known.join("`, `"))]
    Unknown {
        /// The entry.
        path: PathBuf,
        /// What it is in.
        place: &'static str,
        /// The entries that have a meaning.
        known: &'static [&'static str],
    },
    /// A corpus without a case.
    #[error("`{}` has no cases; expected directories with `case.toml`", .0.display())]
    Empty(PathBuf),
    /// A case that exists already.
    #[error("the case `{case}` exists already, in `{}`", path.display())]
    Exists {
        /// Its name.
        case: String,
        /// Its directory.
        path: PathBuf,
    },
    /// The reference did something that no case can expect.
    #[error("the case `{case}` cannot be recorded: {problem}")]
    NotRecordable {
        /// The case's name.
        case: String,
        /// What the reference did, as a sentence without an end.
        problem: String,
    },
    /// The reference did two things.
    #[error("the case `{case}` cannot be recorded: two runs of `{}` differ{}", program.display(), lines(differences))]
    Differs {
        /// The case's name.
        case: String,
        /// The reference.
        program: PathBuf,
        /// Where the runs differ; what the second one did is what was found.
        differences: Vec<CaseDifference>,
    },
    /// An argument or a value that this system does not take.
    #[error(
        "the case `{0}` has an argument or variable that is not UTF-8, which this system cannot give to a program"
    )]
    NotText(String),
}

fn lines(differences: &[CaseDifference]) -> String {
    let line = |difference: &CaseDifference| {
        let CaseDifference {
            place,
            expected,
            found,
        } = difference;
        format!("\n  {place}\n    first   {expected}\n    second  {found}")
    };
    differences.iter().map(line).collect()
}

impl Hint for ParityError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Invalid(located) => located.hint(),
            Self::Output(error) => error.hint(),
            Self::Unknown { path, known, .. } => {
                let name = path.file_name()?.to_str()?;
                did_you_mean(name, known.iter().copied())
            }
            Self::Empty(_) => Some("`sealift parity record` makes them".to_owned()),
            Self::Exists { .. } => Some("`--replace` records it again".to_owned()),
            Self::Differs { .. } => Some(
                "declare what may differ with `--normalize`, or make the run the same each time with `--env`".to_owned(),
            ),
            _ => None,
        }
    }
}
