//! A release as the gates are given it: each file opened once, each distinct program judged once.

mod content;
mod opening;

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;

use super::program::{Problems, ProgramGate};
use super::{GateContext, GateError, GateFinding, Verdict};
use crate::model::artifact::Artifact;
use crate::model::digest::Sha256Sum;
use crate::model::entry::Entry;
use crate::model::release::{ARTIFACTS, Release};
use crate::model::target::Target;
use crate::output::NotRegular;

use opening::Opening;

/// A release with all that was found in its directory.
pub struct Subject<'a> {
    /// What is recorded.
    pub release: &'a Release,
    /// Where it is.
    pub directory: &'a Path,
    /// The artifacts in the order of the record.
    pub(super) artifacts: Vec<Opened<'a>>,
    judged: Judged,
}

/// An artifact that has been opened, as far as that was possible.
pub(super) struct Opened<'a> {
    /// What is recorded.
    pub(super) artifact: &'a Artifact,
    /// The file.
    pub(super) file: Result<Measured, GateError>,
    /// What is in it; `None` where the file is not the recorded one, whose content has nothing to say.
    pub(super) contents: Option<Result<Vec<Entry>, GateError>>,
    programs: Vec<PlacedProgram>,
}

/// A file's size, and its sum where the size is the recorded one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Measured {
    pub(super) size: u64,
    pub(super) sha256: Option<Sha256Sum>,
}

/// A program by the artifact that it is in, and where.
struct PlacedProgram {
    place: String,
    key: ProgramKey,
}

/// Tells programs apart. The same bytes may be right for one target and wrong for another.
type ProgramKey = (Sha256Sum, Target);

/// What each gate has found in each program.
#[derive(Default)]
struct Judged(BTreeMap<ProgramKey, ByGate>);

/// What each gate has found in a program; nothing where the program is none of its business.
type ByGate = BTreeMap<&'static str, Option<Problems>>;

/// The gates that judge programs, by their names.
pub(super) type ProgramGates<'g> = [(&'static str, &'g dyn ProgramGate)];

impl Opened<'_> {
    /// Whether there is a regular file.
    pub(super) fn is_regular(&self) -> bool {
        let Err(GateError::Read { source, .. }) = &self.file else {
            return true;
        };
        let cause = source.get_ref();
        !cause.is_some_and(|cause| cause.is::<NotRegular>())
            && !matches!(
                source.kind(),
                ErrorKind::NotFound | ErrorKind::NotADirectory
            )
    }

    /// The artifact's path in the release directory.
    pub(super) fn place(&self) -> String {
        format!("{ARTIFACTS}/{}", self.artifact.file)
    }
}

impl<'a> Subject<'a> {
    /// Opens all artifacts, and has their programs judged while they are in memory.
    pub(super) fn open(
        release: &'a Release,
        context: &GateContext<'a>,
        gates: &ProgramGates<'_>,
    ) -> Self {
        let mut judged = Judged::default();
        let mut open = |artifact| Opening::new(artifact, gates, &mut judged).run(context);
        let artifacts = release.artifacts.iter().map(&mut open).collect();
        Self {
            release,
            directory: context.directory,
            artifacts,
            judged,
        }
    }

    /// What one of the gates has found in the programs.
    pub(super) fn verdict(&self, gate: &'static str, what: &str) -> Result<Verdict, GateError> {
        let mut applies = false;
        let mut findings = Vec::new();
        for opened in &self.artifacts {
            opened.file.as_ref().map_err(Clone::clone)?;
            match &opened.contents {
                None => {
                    applies = true;
                    findings.push(GateFinding {
                        place: opened.place(),
                        found: "a file that is not the recorded one, which was not opened"
                            .to_owned(),
                        expected: "the file that release.json names".to_owned(),
                    });
                }
                Some(contents) => {
                    contents.as_ref().map_err(Clone::clone)?;
                }
            }
            for program in &opened.programs {
                if let Some(problems) = self.judged.of(program.key, gate) {
                    applies = true;
                    findings.extend(problems.findings(&program.place));
                }
            }
        }
        if applies {
            Ok(findings.into())
        } else {
            Ok(Verdict::NotApplicable(format!("no artifact holds {what}")))
        }
    }
}

impl Judged {
    fn of(&self, key: ProgramKey, gate: &str) -> Option<&Problems> {
        self.0.get(&key)?.get(gate)?.as_ref()
    }
}
