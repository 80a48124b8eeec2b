//! Opens one artifact, once.

use std::collections::btree_map::Entry as Slot;
use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::content::{Content, MAX_PROGRAM_BYTES};
use super::sboms::named_crates;
use super::{ByGate, Judged, Measured, Opened, Origins, PlacedProgram, ProgramGates};
use crate::gate::executable::Executable;
use crate::gate::program::{Problems, Program, ProgramGate};
use crate::gate::report::chain;
use crate::gate::{GateContext, GateError};
use crate::model::artifact::Artifact;
use crate::model::digest::Sha256Sum;
use crate::model::entry::{Entry, EntryContent};
use crate::model::release::{ARTIFACTS, artifact_path};
use crate::model::target::Target;
use crate::output::open_regular;
use crate::program::macho::{self, file_name, is_macho};

/// An artifact while it is opened.
pub(super) struct Opening<'a, 'r> {
    artifact: &'a Artifact,
    gates: &'r ProgramGates<'r>,
    origins: &'r Origins,
    judged: &'r mut Judged,
    names_crates: bool,
    programs: Vec<PlacedProgram>,
    unsealed: Vec<EntryContent>,
}

impl<'a, 'r> Opening<'a, 'r> {
    pub(super) fn new(
        artifact: &'a Artifact,
        gates: &'r ProgramGates<'r>,
        origins: &'r Origins,
        judged: &'r mut Judged,
        names_crates: bool,
    ) -> Self {
        Self {
            artifact,
            gates,
            origins,
            judged,
            names_crates,
            programs: Vec::new(),
            unsealed: Vec::new(),
        }
    }

    pub(super) fn run(mut self, context: &GateContext<'_>) -> Opened<'a> {
        let path = artifact_path(context.directory, self.artifact);
        let mut opened = Opened {
            artifact: self.artifact,
            file: Ok(Measured {
                size: 0,
                sha256: None,
            }),
            contents: None,
            unsealed: Vec::new(),
            programs: Vec::new(),
        };
        let (mut file, measured) = match measure(&path, self.artifact) {
            Ok(measured) => measured,
            Err(source) => {
                opened.file = Err(read_error(path, source));
                return opened;
            }
        };
        opened.file = Ok(measured);
        if measured.sha256 == Some(self.artifact.sha256) {
            opened.contents = Some(self.read(&path, &mut file, context));
        }
        opened.programs = self.programs;
        opened.unsealed = self.unsealed;
        opened
    }

    fn read(
        &mut self,
        path: &Path,
        file: &mut File,
        context: &GateContext<'_>,
    ) -> Result<Vec<Entry>, GateError> {
        let format = context.format(&self.artifact.format)?;
        self.artifact_itself(file)
            .map_err(|source| read_error(path.to_owned(), source))?;
        let mut entries = Vec::new();
        let visit = &mut |entry: &Entry, content: &mut dyn Read| {
            entries.push(self.entry(entry, content)?);
            Ok(())
        };
        match (format.read)(path, visit) {
            Ok(()) => Ok(entries),
            Err(source) => Err(GateError::Open {
                path: path.to_owned(),
                source: Arc::new(source),
            }),
        }
    }

    /// An artifact may be a program with something behind it, as an AppImage is: that something is judged as contents.
    fn artifact_itself(&mut self, file: &mut File) -> io::Result<()> {
        file.rewind()?;
        if let Content {
            program: Some(bytes),
            size,
            ..
        } = Content::read(file)?
        {
            let place = format!("{ARTIFACTS}/{}", self.artifact.file);
            // What starts an AppImage or a setup is Sealift's, and no crate of the project is in it.
            let names_crates = std::mem::replace(&mut self.names_crates, false);
            self.program(place, self.artifact.sha256, (&bytes, size));
            self.names_crates = names_crates;
        }
        Ok(())
    }

    /// An entry as its content is, not as the package's own tables say.
    fn entry(&mut self, entry: &Entry, content: &mut dyn Read) -> io::Result<Entry> {
        let mut found = entry.clone();
        if matches!(found.content, EntryContent::File { .. }) {
            let Content {
                program,
                size,
                sha256,
            } = Content::read(content)?;
            if let Some(bytes) = program {
                let place = format!("{ARTIFACTS}/{}: {}", self.artifact.file, entry.path);
                self.program(place, sha256, (&bytes, size));
                if entry.mode & 0o111 != 0 && is_macho(&bytes) {
                    let name = file_name(Path::new(&entry.path));
                    // What is no valid program is found by the gates that judge programs.
                    let before = macho::unsealed(&bytes, &name).unwrap_or_default();
                    self.unsealed
                        .extend(before.iter().map(|bytes| EntryContent::File {
                            size: bytes.len() as u64,
                            sha256: Sha256Sum::of(bytes),
                        }));
                }
            }
            found.content = EntryContent::File { size, sha256 };
        }
        Ok(found)
    }

    /// Has a program judged unless that has been done: what was read of it, and how large it is.
    fn program(&mut self, place: String, sha256: Sha256Sum, program: (&[u8], u64)) {
        for target in self.origins.targets(self.artifact, sha256) {
            let key = (sha256, target);
            if let Slot::Vacant(slot) = self.judged.problems.entry(key) {
                let problems = match target {
                    Some(target) => judge(self.gates, target, program),
                    None => stray(self.gates, program.0),
                };
                let Some(problems) = problems else {
                    return;
                };
                slot.insert(problems);
                if self.names_crates {
                    let crates = named_crates(program.0);
                    self.judged.crates.insert(key, crates);
                }
            }
            let place = place.clone();
            self.programs.push(PlacedProgram { place, key });
        }
    }
}

/// What each gate finds in a program; `None` where the file is none after all.
fn judge(gates: &ProgramGates<'_>, target: Target, (bytes, size): (&[u8], u64)) -> Option<ByGate> {
    let executable = match Executable::read(bytes)? {
        Ok(executable) => executable,
        Err(_) if size > bytes.len() as u64 => return Some(too_large(gates, size)),
        Err(error) => {
            return Some(all_find(
                gates,
                &chain(&error),
                "a program that can be read",
            ));
        }
    };
    let end = executable.end(bytes);
    if end == bytes.len() && size > end as u64 {
        return Some(too_large(gates, size));
    }
    let program = Program {
        executable,
        bytes: &bytes[..end],
        target,
    };
    let judge = |(name, gate): &(&'static str, &dyn ProgramGate)| {
        let mut problems = Problems::default();
        let applies = gate.judge(&program, &mut problems);
        (*name, applies.then_some(problems))
    };
    Some(gates.iter().map(judge).collect())
}

/// A program whose target is not known cannot be judged.
fn stray(gates: &ProgramGates<'_>, bytes: &[u8]) -> Option<ByGate> {
    Executable::read(bytes)?.ok();
    let found = "a program that no artifact for one target holds";
    let expected = "only programs of the artifacts that it was made of";
    Some(all_find(gates, found, expected))
}

fn too_large(gates: &ProgramGates<'_>, size: u64) -> ByGate {
    let expected = format!("at most {MAX_PROGRAM_BYTES} bytes, which can be judged");
    all_find(gates, &format!("a program of {size} bytes"), &expected)
}

/// What cannot be read is every gate's business.
fn all_find(gates: &ProgramGates<'_>, found: &str, expected: &str) -> ByGate {
    let mut problems = Problems::default();
    problems.add(found, expected);
    let names = gates.iter().map(|(name, _)| *name);
    names.map(|name| (name, Some(problems.clone()))).collect()
}

/// Opens a file and takes its sum, unless its size tells already that it is not the recorded one.
fn measure(path: &Path, artifact: &Artifact) -> io::Result<(File, Measured)> {
    check_directory(path.parent().unwrap_or(path))?;
    let (mut file, metadata) = open_regular(path)?;
    let size = metadata.len();
    let sha256 = if size == artifact.size {
        Some(Sha256Sum::of_reader(&mut (&mut file).take(size))?)
    } else {
        None
    };
    Ok((file, Measured { size, sha256 }))
}

/// The directory of the artifacts is one, and no link to one that is elsewhere.
fn check_directory(path: &Path) -> io::Result<()> {
    if path.symlink_metadata()?.is_dir() {
        Ok(())
    } else {
        Err(io::ErrorKind::NotADirectory.into())
    }
}

fn read_error(path: PathBuf, source: io::Error) -> GateError {
    let source = Arc::new(source);
    GateError::Read { path, source }
}
