//! A release as the gates are given it: each file opened once, each distinct program judged once.

mod content;
mod opening;
mod sboms;

use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::path::Path;

use super::program::{Problems, ProgramGate};
use super::{GateContext, GateError, GateFinding, Verdict};
use crate::evidence::{Advisories, Evidence, ObservedProgram};
use crate::model::artifact::Artifact;
use crate::model::digest::Sha256Sum;
use crate::model::entry::{Entry, EntryContent};
use crate::model::release::{ARTIFACTS, Release};
use crate::model::target::Target;
use crate::output::NotRegular;

use opening::Opening;
pub(super) use sboms::{Component, Document, OpenedSbom};

/// A release with all that was found in its directory.
pub struct Subject<'a> {
    /// What is recorded.
    pub release: &'a Release,
    /// Where it is.
    pub directory: &'a Path,
    /// What was seen of its programs where they run.
    pub evidence: &'a Evidence,
    /// The release before it, where one is known.
    pub previous: Option<&'a Release>,
    /// A database of security advisories, where one is given.
    pub advisories: Option<&'a Advisories>,
    /// The artifacts in the order of the record.
    pub(super) artifacts: Vec<Opened<'a>>,
    /// The SBOMs in the order of the record.
    pub(super) sboms: Vec<OpenedSbom<'a>>,
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
    /// What its programs that were signed with a bundle may have been before: their contents, for executable files.
    pub(super) unsealed: Vec<EntryContent>,
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

/// Tells programs apart. The same bytes may be right for one target and wrong for another; and for none, where nothing is
/// known of them.
type ProgramKey = (Sha256Sum, Option<Target>);

/// The targets whose artifacts hold a file, by its sum. What is made of them holds their programs, and no others.
struct Origins(BTreeMap<Sha256Sum, BTreeSet<Target>>);

/// What each gate has found in each program.
#[derive(Default)]
struct Judged {
    problems: BTreeMap<ProgramKey, ByGate>,
    /// The crates that each program names, where they are asked for.
    crates: BTreeMap<ProgramKey, BTreeSet<String>>,
}

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
        let origins = Origins::of(release);
        let names_crates = !release.sboms.is_empty();
        let mut open = |artifact| {
            Opening::new(artifact, gates, &origins, &mut judged, names_crates).run(context)
        };
        let artifacts = release.artifacts.iter().map(&mut open).collect();
        Self {
            release,
            directory: context.directory,
            evidence: context.evidence,
            previous: context.previous,
            advisories: context.advisories,
            artifacts,
            sboms: sboms::open(release, context.directory),
            judged,
        }
    }

    /// Whether the release holds a program, in whatever artifact. Evidence of another one says nothing of this release.
    pub fn holds(&self, program: &ObservedProgram) -> bool {
        let is_it = |entry: &Entry| matches!(entry.content, EntryContent::File { sha256, .. } if sha256 == program.sha256);
        let artifacts = self.release.artifacts.iter();
        let mut entries = artifacts.flat_map(|artifact| &artifact.contents);
        entries.any(is_it)
    }

    /// The SBOMs that can be read; for the others, a finding each.
    pub(super) fn documents(
        &self,
        findings: &mut Vec<GateFinding>,
    ) -> Result<Vec<(&OpenedSbom<'a>, &Document)>, GateError> {
        let mut documents = Vec::new();
        for sbom in &self.sboms {
            sbom.file.as_ref().map_err(Clone::clone)?;
            match &sbom.document {
                Some(Ok(document)) => documents.push((sbom, document)),
                _ => findings.push(GateFinding::new(
                    sbom.place(),
                    "a file that cannot be read as the recorded SBOM",
                    "the SBOM that release.json names",
                )),
            }
        }
        Ok(documents)
    }

    /// The programs for a target by their places, and the crates that they name; nothing where there is no SBOM.
    pub(super) fn named_crates(
        &self,
        target: Target,
    ) -> impl Iterator<Item = (&str, &BTreeSet<String>)> {
        let programs = self.artifacts.iter().flat_map(|opened| &opened.programs);
        let of_target = programs.filter(move |program| program.key.1 == Some(target));
        of_target.filter_map(|program| {
            let crates = self.judged.crates.get(&program.key)?;
            Some((program.place.as_str(), crates))
        })
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

impl Origins {
    fn of(release: &Release) -> Self {
        let mut origins = BTreeMap::new();
        for artifact in &release.artifacts {
            let Some(target) = artifact.target else {
                continue;
            };
            for entry in &artifact.contents {
                if let EntryContent::File { sha256, .. } = entry.content {
                    let targets: &mut BTreeSet<_> = origins.entry(sha256).or_default();
                    targets.insert(target);
                }
            }
        }
        Self(origins)
    }

    /// What a program in an artifact is for; `None` where no artifact for one target holds it.
    fn targets(&self, artifact: &Artifact, program: Sha256Sum) -> Vec<Option<Target>> {
        match (artifact.target, self.0.get(&program)) {
            (Some(target), _) => vec![Some(target)],
            (None, Some(targets)) => targets.iter().copied().map(Some).collect(),
            (None, None) => vec![None],
        }
    }
}

impl Judged {
    fn of(&self, key: ProgramKey, gate: &str) -> Option<&Problems> {
        self.problems.get(&key)?.get(gate)?.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use crate::gate::report::Outcome;
    use crate::gate::testing::{alter, elf, lines, release_of, verdict_of};

    /// Records the artifact once more, as one that was made of others.
    fn with_a_whole(change: impl FnOnce(&mut Vec<u8>)) -> crate::testing::TestProject {
        let project = release_of(&elf(62, None, &[], b""));
        let path = |name: &str| project.path("release/artifacts").join(name);
        let mut bytes = std::fs::read(path("hello-1.2.3.plain")).expect("readable");
        change(&mut bytes);
        std::fs::write(path("whole.plain"), &bytes).expect("writable");
        alter(&project, |release| {
            let mut whole = release.artifacts[0].clone();
            whole.file = "whole.plain".parse().expect("a name");
            whole.sha256 = crate::model::digest::Sha256Sum::of(&bytes);
            whole.target = None;
            whole.tree.clear();
            release.artifacts.push(whole);
            std::fs::write(project.path("release/SHA256SUMS"), release.sums()).expect("writable");
        });
        project
    }

    #[test]
    fn programs_of_what_is_made_of_others_are_judged_as_those_of_the_others() {
        let project = with_a_whole(|_| {});
        for gate in ["packages", "size", "static"] {
            let report = verdict_of(&project, gate);
            assert_eq!(report.outcome, Outcome::Pass, "{report:?}");
        }
        let hardening = verdict_of(&project, "hardening");
        let places = hardening.findings.iter().map(|finding| &finding.place);
        let whole = places.filter(|place| place.starts_with("artifacts/whole.plain"));
        assert_eq!(2 * whole.count(), hardening.findings.len());
    }

    #[test]
    fn a_program_that_only_the_whole_holds_is_found() {
        let project = with_a_whole(|bytes| *bytes.last_mut().expect("not empty") ^= 1);
        let found = lines(&verdict_of(&project, "static").findings);
        let expected = "artifacts/whole.plain: usr/bin/hello: a program that no artifact for one target holds; \
                        expected only programs of the artifacts that it was made of";
        assert_eq!(found, [expected]);
    }
}
