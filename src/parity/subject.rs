//! The program that is run, and what it does with a case.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::ParityError;
use super::case::{Expected, Input};
use super::files::{self, Files, Node};
use super::normalize::{Counts, Rules, Surroundings};
use crate::evidence::ObservedProgram;
use crate::model::digest::Sha256Sum;
use crate::output::Scratch;
use crate::output::path_error::PathError;
use crate::process::{self, Job, Limits};

/// A program that is held to be like another one: the reference, or the one that is compared with it.
#[derive(Clone, Debug)]
pub struct Candidate {
    program: PathBuf,
    /// Arguments before those of every case.
    leading: Vec<OsString>,
    /// `PATH`, where programs find interpreters and each other.
    path: OsString,
    /// What it is known by.
    pub observed: ObservedProgram,
}

/// What a program has done, with the traces of the run that it was.
#[derive(Clone, Debug)]
pub struct Outcome {
    done: Expected,
    around: Surroundings,
    pub(super) left_behind: bool,
}

impl Candidate {
    /// Finds the program of a command line: at its path, or by its name in `path`, which is also the `PATH` that it runs with.
    pub fn find(
        program: &OsStr,
        leading: Vec<OsString>,
        path: OsString,
    ) -> Result<Self, ParityError> {
        let found = search(program, &path);
        let found = found.ok_or_else(|| ParityError::NoProgram(program.into()))?;
        let program = std::path::absolute(&found).map_err(PathError::reading(&found))?;
        let sum = File::open(&program).and_then(|mut file| Sha256Sum::of_reader(&mut file));
        let name = program.file_name().unwrap_or(program.as_os_str());
        let observed = ObservedProgram {
            name: name.to_string_lossy().into_owned(),
            sha256: sum.map_err(PathError::reading(&program))?,
        };
        Ok(Self {
            program,
            leading,
            path,
            observed,
        })
    }

    /// The program's path.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// Runs the program with what a case gives it, in a new directory below `temporary`.
    pub(super) fn run(
        &self,
        case: &str,
        input: &Input,
        limits: Limits,
        temporary: &Path,
    ) -> Result<Outcome, ParityError> {
        let scratch = Scratch::create(temporary)?;
        let [work, tmp] = ["w", "t"].map(|name| scratch.path().join(name));
        let stdin = input.stdin.as_ref().map(|_| scratch.path().join("stdin"));
        {
            let _guard = process::while_none_starts();
            for directory in [&work, &tmp] {
                fs::create_dir(directory).map_err(writing(directory))?;
            }
            files::write(&work, &input.files)?;
            if let (Some(path), Some(content)) = (&stdin, &input.stdin) {
                fs::write(path, content).map_err(writing(path))?;
            }
        }
        let environment = self.environment(case, input, &work, &tmp)?;
        let job = Job {
            program: self.program.clone(),
            arguments: self.arguments(case, input)?,
            directory: work.clone(),
            own: work.clone(),
            environment,
            stdin,
            limits: Limits {
                time: input.timeout.unwrap_or(limits.time),
                ..limits
            },
        };
        let ran = process::run(&job)?;
        let found = files::read(&work, true)?;
        // So that it can be removed, too.
        let _ = files::read(&tmp, true);
        Ok(Outcome {
            done: Expected {
                end: ran.end,
                stdout: ran.stdout,
                stderr: ran.stderr,
                files: found,
            },
            around: self.surroundings(&work, &tmp),
            left_behind: ran.left_behind,
        })
    }

    fn arguments(&self, case: &str, input: &Input) -> Result<Vec<OsString>, ParityError> {
        let mut arguments = self.leading.clone();
        for argument in &input.arguments {
            let argument = argument.to_os();
            arguments.push(argument.ok_or_else(|| ParityError::NotText(case.to_owned()))?);
        }
        Ok(arguments)
    }

    /// The same on every machine, but for `PATH`.
    fn environment(
        &self,
        case: &str,
        input: &Input,
        work: &Path,
        tmp: &Path,
    ) -> Result<Vec<(OsString, OsString)>, ParityError> {
        let mut environment: Vec<(OsString, OsString)> = vec![
            ("PATH".into(), self.path.clone()),
            ("HOME".into(), work.into()),
            ("TMPDIR".into(), tmp.into()),
            ("TZ".into(), "UTC".into()),
            ("LANG".into(), "C.UTF-8".into()),
        ];
        #[cfg(windows)]
        {
            for name in ["TEMP", "TMP"] {
                environment.push((name.into(), tmp.into()));
            }
            // Without it, Windows loads some of its own libraries for nobody.
            let root = std::env::var_os("SystemRoot");
            environment.extend(root.map(|root| ("SystemRoot".into(), root)));
        }
        for (name, value) in &input.environment {
            let value = value.to_os();
            let value = value.ok_or_else(|| ParityError::NotText(case.to_owned()))?;
            environment.push((name.as_str().into(), value));
        }
        Ok(environment)
    }

    fn surroundings(&self, work: &Path, tmp: &Path) -> Surroundings {
        Surroundings {
            directories: forms(work),
            temporary: forms(tmp),
            program: [self.program.as_os_str(), OsStr::new(&self.observed.name)]
                .map(|text| text.as_encoded_bytes().to_vec()),
        }
    }
}

impl Outcome {
    /// What was done, with what may differ replaced.
    pub(super) fn normalized(&self, rules: &Rules, counts: &mut Counts) -> Expected {
        normalized(&self.done, rules, &self.around, counts)
    }
}

/// What was done or recorded, with what may differ replaced.
pub(super) fn normalized(
    done: &Expected,
    rules: &Rules,
    around: &Surroundings,
    counts: &mut Counts,
) -> Expected {
    let mut apply = |bytes: &[u8]| rules.apply(bytes, around, counts);
    let node = |(path, node): (&PathBuf, &Node), apply: &mut dyn FnMut(&[u8]) -> Vec<u8>| {
        let node = match node {
            Node::File {
                content,
                executable,
            } => Node::File {
                content: apply(content),
                executable: *executable,
            },
            other => other.clone(),
        };
        (path.clone(), node)
    };
    Expected {
        end: done.end,
        stdout: apply(&done.stdout),
        stderr: apply(&done.stderr),
        files: done
            .files
            .iter()
            .map(|file| node(file, &mut apply))
            .collect::<Files>(),
    }
}

/// A path as the program may know it: as it was told, and as the system resolves it; the longest first.
fn forms(path: &Path) -> Vec<Vec<u8>> {
    let resolved = path.canonicalize().ok();
    let paths = resolved.as_deref().into_iter().chain([path]);
    let mut forms: Vec<_> = paths
        .map(|path| path.as_os_str().as_encoded_bytes().to_vec())
        .collect();
    forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
    forms.dedup();
    forms
}

fn search(program: &OsStr, path: &OsStr) -> Option<PathBuf> {
    if Path::new(program).components().count() > 1 {
        return Some(program.into());
    }
    let mut with_suffix = program.to_owned();
    with_suffix.push(std::env::consts::EXE_SUFFIX);
    let names = [program, &with_suffix];
    let candidates = std::env::split_paths(path)
        .flat_map(|directory| names.map(|name| directory.join(name)))
        .collect::<Vec<_>>();
    candidates.into_iter().find(|candidate| candidate.is_file())
}

fn writing(path: &Path) -> impl FnOnce(std::io::Error) -> PathError + use<'_> {
    move |source| PathError {
        action: "write",
        path: path.to_owned(),
        source,
    }
}
