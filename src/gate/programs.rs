//! Finds the programs in a release, in whatever packages they are.

use std::fs::File;
use std::io::{self, Read};

use super::executable::Executable;
use super::report::chain;
use super::{GateContext, GateError, GateFinding, Verdict};
use crate::model::artifact::Artifact;
use crate::model::entry::{Entry, EntryContent};
use crate::model::release::{ARTIFACTS, Release, artifact_path};
use crate::model::target::Target;
use crate::program::kind::Magic;

/// A program in a release.
pub(super) struct Program<'a> {
    /// The artifact, and where in it.
    pub(super) place: String,
    /// What the program says of itself.
    pub(super) executable: Executable,
    /// All of its bytes.
    pub(super) bytes: &'a [u8],
    /// The platform that it should be for.
    pub(super) target: Target,
}

/// Findings about programs.
#[derive(Default)]
pub(super) struct Findings(pub(super) Vec<GateFinding>);

impl Findings {
    /// Adds one.
    pub(super) fn add(
        &mut self,
        place: &str,
        found: impl Into<String>,
        expected: impl Into<String>,
    ) {
        self.0.push(GateFinding {
            place: place.to_owned(),
            found: found.into(),
            expected: expected.into(),
        });
    }
}

/// Judges every program in every artifact, and every artifact that is a program itself, as an AppImage is. A file that
/// begins as a program and cannot be read as one is a finding. `judge` says whether a program is any of its business.
pub(super) fn judge_programs(
    release: &Release,
    context: &GateContext<'_>,
    what: &str,
    judge: &mut dyn FnMut(&Program<'_>, &mut Findings) -> bool,
) -> Result<Verdict, GateError> {
    let mut walk = Walk {
        judge,
        judged: 0,
        findings: Findings::default(),
    };
    for artifact in &release.artifacts {
        walk.artifact_itself(artifact, context)?;
        walk.contents(artifact, context)?;
    }
    match walk.judged {
        0 => Ok(Verdict::NotApplicable(format!("no artifact holds {what}"))),
        _ => Ok(walk.findings.0.into()),
    }
}

struct Walk<'a> {
    judge: &'a mut dyn FnMut(&Program<'_>, &mut Findings) -> bool,
    judged: usize,
    findings: Findings,
}

impl Walk<'_> {
    /// An artifact may be a program with something behind it: that something is judged as contents.
    fn artifact_itself(
        &mut self,
        artifact: &Artifact,
        context: &GateContext<'_>,
    ) -> Result<(), GateError> {
        let path = artifact_path(context.directory, artifact);
        let read = File::open(&path).and_then(|mut file| read_program(&mut file));
        if let Some(bytes) = read.map_err(|source| GateError::Read { path, source })? {
            self.program(format!("{ARTIFACTS}/{}", artifact.file), &bytes, artifact);
        }
        Ok(())
    }

    fn contents(
        &mut self,
        artifact: &Artifact,
        context: &GateContext<'_>,
    ) -> Result<(), GateError> {
        let path = artifact_path(context.directory, artifact);
        let format = context.format(&artifact.format)?;
        let visit = &mut |entry: &Entry, content: &mut dyn Read| {
            if matches!(entry.content, EntryContent::File { .. })
                && let Some(bytes) = read_program(content)?
            {
                let place = format!("{ARTIFACTS}/{}: {}", artifact.file, entry.path);
                self.program(place, &bytes, artifact);
            }
            Ok(())
        };
        (format.read)(&path, visit).map_err(|source| GateError::Open { path, source })
    }

    fn program(&mut self, place: String, bytes: &[u8], artifact: &Artifact) {
        let executable = match Executable::read(bytes) {
            None => return,
            Some(Ok(executable)) => executable,
            Some(Err(error)) => {
                self.judged += 1;
                let found = chain(&error);
                return self
                    .findings
                    .add(&place, found, "a program that can be read");
            }
        };
        let program = Program {
            place,
            executable,
            bytes,
            target: artifact.target,
        };
        if (self.judge)(&program, &mut self.findings) {
            self.judged += 1;
        }
    }
}

/// The whole content of a file that starts as programs do.
fn read_program(content: &mut dyn Read) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    content.take(Magic::BYTES as u64).read_to_end(&mut bytes)?;
    if Magic::of(&bytes).is_none() {
        return Ok(None);
    }
    content.read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}
