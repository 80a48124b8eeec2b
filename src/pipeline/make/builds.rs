//! The programs in a build directory, recognized by what is there.
//!
//! ```text
//! DIR/<triple>/bin/…        programs for a target, and beside `bin` further files for packages
//! DIR/<triple>/release/…    the same as cargo leaves it in its target directory
//! DIR/bin/…, DIR/release/…  programs for one target, which is the one of that kind
//! ```

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use super::host::Host;
use crate::model::hint::Hint;
use crate::model::target::{ProgramKind, Target};
use crate::output::path_error::PathError;
use crate::program::kind::{self, KindError, Magic, OtherTarget};
use crate::project::cargo::names;
use crate::project::manifest::build::CargoPackage;

/// The OUT_DIR of packages' build scripts.
pub type OutDirs = BTreeMap<CargoPackage, PathBuf>;

/// What was built, by target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Builds {
    /// At most one per target.
    pub builds: Vec<Build>,
    /// Programs of this machine that are for no target; they are run and not packaged.
    pub unpackaged: Vec<PathBuf>,
}

/// The programs for a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Build {
    /// The platform.
    pub target: Target,
    /// The directory with the programs.
    pub place: PathBuf,
    /// The programs.
    pub programs: Vec<PathBuf>,
    /// The directory with further files of the build, if there is one.
    pub others: Option<PathBuf>,
    /// What build scripts wrote, where it is known.
    pub out_dirs: OutDirs,
}

/// Why a build directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BuildsError {
    /// A file or directory cannot be read.
    #[error(transparent)]
    Read(#[from] PathError),
    /// There is nothing in it.
    #[error(
        "`{0}` has no programs; expected them in `{0}/<triple>/bin`, in `{0}/bin`, or where cargo puts them, in \
         `{0}/<triple>/release` or `{0}/release`",
        directory.display()
    )]
    Nothing {
        /// The build directory.
        directory: PathBuf,
    },
    /// A program is malformed.
    #[error("cannot use `{}`", path.display())]
    Malformed {
        /// The program.
        path: PathBuf,
        /// What is wrong with it.
        source: KindError,
    },
    /// A program is for another target.
    #[error("cannot use `{}`", path.display())]
    OtherTarget {
        /// The program.
        path: PathBuf,
        /// What it is.
        source: OtherTarget,
    },
    /// A program could be for several targets, or for none.
    #[error("cannot tell which target `{}` is for: {found}; expected it to fit one of `{}`", path.display(), triples.join("`, `"))]
    Unclear {
        /// The program.
        path: PathBuf,
        /// What it is.
        found: String,
        /// The targets that it can be for.
        triples: Vec<&'static str>,
    },
}

impl Hint for BuildsError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Nothing { .. } => {
                Some("build the programs, or let `sealift make --cargo` do it".to_owned())
            }
            Self::OtherTarget { source, .. } => source.hint(),
            Self::Unclear { .. } => Some(
                "build it for one of them; where it fits several, name one with `--target`"
                    .to_owned(),
            ),
            Self::Read(_) | Self::Malformed { .. } => None,
        }
    }
}

impl Builds {
    /// Finds the programs for some targets in a directory, and those for other targets that bring along or generate
    /// something. `profile` is cargo's name of the directory for its optimized programs.
    pub fn find(directory: &Path, targets: &[Target], profile: &str) -> Result<Self, BuildsError> {
        let mut found = Self::default();
        for target in Target::all() {
            let root = directory.join(target.triple);
            found.builds.extend(Build::find(&root, target, profile)?);
        }
        for build in &found.builds {
            if targets
                .iter()
                .any(|wanted| parts(*wanted).contains(&build.target))
            {
                build.check()?;
            }
        }
        let open: Vec<_> = targets.iter().copied().filter(|t| !found.has(*t)).collect();
        if let Some(first) = targets.first().filter(|_| !open.is_empty())
            && let Some(build) = Build::find(directory, *first, profile)?
        {
            match build.for_one_of(&open) {
                Ok(build) => found.builds.push(build),
                // Beside the directories of other targets, cargo's own for this machine may be for none that is wanted.
                Err(error) if found.builds.is_empty() => return Err(error),
                Err(_) => {}
            }
        }
        if found.builds.is_empty() {
            // A directory that cannot be read is said to be so.
            fs::read_dir(directory).map_err(PathError::reading(directory))?;
            let directory = directory.to_owned();
            return Err(BuildsError::Nothing { directory });
        }
        Ok(found)
    }

    /// Whether there are programs for a target, or those that a universal one is merged from.
    pub fn has(&self, target: Target) -> bool {
        self.of(target).is_some() || {
            let parts = parts(target);
            parts != [target] && parts.iter().all(|part| self.of(*part).is_some())
        }
    }

    /// The programs for a target as they were built.
    pub fn of(&self, target: Target) -> Option<&Build> {
        self.builds.iter().find(|build| build.target == target)
    }

    /// The targets whose programs run on a machine, the ones to package first.
    pub fn that_run(&self, host: &Host, wanted: &[Target]) -> Option<Target> {
        let built = self.builds.iter().map(|build| build.target);
        let mut all = wanted.iter().copied().filter(|t| self.has(*t)).chain(built);
        all.find(|target| host.runs(*target))
    }
}

/// The targets whose programs are compiled for one: itself, or those that it is merged from.
pub(in crate::pipeline) fn parts(target: Target) -> Vec<Target> {
    if target.members.is_empty() {
        return vec![target];
    }
    let members = target.members.iter();
    members
        .map(|member| {
            member
                .parse()
                .expect("a test walks the table: members are targets")
        })
        .collect()
}

impl Build {
    /// The programs below a directory; `None` if there is no directory for them.
    fn find(root: &Path, target: Target, profile: &str) -> Result<Option<Self>, BuildsError> {
        let (bin, cargo) = (root.join("bin"), root.join(profile));
        let (place, others) = if bin.is_dir() {
            (bin, Some(root.to_owned()))
        } else if cargo.is_dir() {
            (cargo, None)
        } else {
            return Ok(None);
        };
        let programs = programs_in(&place)?;
        // What cargo leaves after `cargo clean` or `cargo check` is no build.
        if programs.is_empty() && others.is_none() {
            return Ok(None);
        }
        Ok(Some(Self {
            target,
            place,
            programs,
            others,
            out_dirs: OutDirs::new(),
        }))
    }

    /// Refuses programs that are not for the target.
    fn check(&self) -> Result<(), BuildsError> {
        for path in &self.programs {
            kind::expect(kind_of(path)?, self.target).map_err(|source| {
                let path = path.clone();
                BuildsError::OtherTarget { path, source }
            })?;
        }
        Ok(())
    }

    /// The same for the one of some targets whose kind the programs have.
    fn for_one_of(self, targets: &[Target]) -> Result<Self, BuildsError> {
        let first = self.programs.first();
        let kind = first.map(|path| kind_of(path)).transpose()?;
        let fits = |target: &&Target| kind.as_ref().is_none_or(|kind| *kind == *target.program);
        let fitting: Vec<_> = targets.iter().filter(fits).copied().collect();
        let target = match (fitting.as_slice(), targets) {
            // Where only one is asked for, another kind is a mistake that `check` shows.
            ([target], _) | (_, [target]) => *target,
            (fitting, all) => {
                let triples = if fitting.is_empty() { all } else { fitting };
                return Err(BuildsError::Unclear {
                    path: first.cloned().unwrap_or(self.place),
                    found: kind
                        .as_ref()
                        .map_or("not a program".to_owned(), ProgramKind::to_string),
                    triples: triples.iter().map(|target| target.triple).collect(),
                });
            }
        };
        let build = Self { target, ..self };
        build.check()?;
        Ok(build)
    }
}

fn kind_of(path: &Path) -> Result<ProgramKind, BuildsError> {
    let bytes = fs::read(path).map_err(PathError::reading(path))?;
    kind::read(&bytes).map_err(|source| BuildsError::Malformed {
        path: path.to_owned(),
        source,
    })
}

/// The programs at the top of a directory, sorted, without the libraries that cargo leaves beside them.
fn programs_in(directory: &Path) -> Result<Vec<PathBuf>, PathError> {
    const LIBRARIES: [&str; 3] = ["so", "dylib", "dll"];
    let mut programs = Vec::new();
    for name in names(directory)? {
        let path = directory.join(name);
        let is_library = path
            .extension()
            .is_some_and(|extension| LIBRARIES.iter().any(|known| extension == *known));
        if path.is_file() && !is_library && is_program(&path)? {
            programs.push(path);
        }
    }
    Ok(programs)
}

fn is_program(path: &Path) -> Result<bool, PathError> {
    let reading = PathError::reading(path);
    let mut file = File::open(path).map_err(reading)?;
    Ok(Magic::read(&mut file).map_err(reading)?.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::hint::Hint;
    use crate::program::macho::testing::{ARM64, Shape, X86_64};

    const ARM: &str = "aarch64-apple-darwin";
    const INTEL: &str = "x86_64-apple-darwin";
    const UNIVERSAL: &str = "universal2-apple-darwin";
    const LINUX: &str = "x86_64-unknown-linux-musl";

    struct Directory(tempfile::TempDir);

    impl Directory {
        fn with(files: &[(&str, u32)]) -> Self {
            let root = tempfile::tempdir().expect("a directory");
            for (path, cpu) in files {
                let path = root.path().join(path);
                fs::create_dir_all(path.parent().expect("below the root")).expect("writable");
                fs::write(path, Shape::program(*cpu).bytes()).expect("writable");
            }
            Self(root)
        }

        fn find(&self, triples: &[&str]) -> Result<Builds, BuildsError> {
            let targets: Vec<_> = triples.iter().map(|t| t.parse().expect("known")).collect();
            Builds::find(self.0.path(), &targets, "release")
        }

        /// Pairs of target and the place of its first program.
        fn found(&self, triples: &[&str]) -> Vec<(&'static str, String)> {
            let builds = self.find(triples).expect("it is a build").builds;
            let below = |path: &Path| {
                let below = path.strip_prefix(self.0.path()).expect("below the root");
                below.display().to_string()
            };
            let pair = |build: &Build| (build.target.triple, below(&build.programs[0]));
            builds.iter().map(pair).collect()
        }

        fn error(&self, triples: &[&str]) -> (String, Option<String>) {
            let error = self.find(triples).expect_err("it cannot be used");
            let source = std::error::Error::source(&error).map(ToString::to_string);
            let text = [Some(error.to_string()), source].into_iter().flatten();
            let text = text.collect::<Vec<_>>().join(": ");
            let root = self.0.path().display().to_string();
            (text.replace(&root, "DIR"), error.hint())
        }
    }

    #[test]
    fn each_layout_is_recognized() {
        let (arm, intel) = (format!("{ARM}/bin/hello"), format!("{INTEL}/release/hello"));
        let directory = Directory::with(&[(&arm, ARM64), (&intel, X86_64)]);
        let expected = [(ARM, arm.clone()), (INTEL, intel.clone())];
        assert_eq!(directory.found(&[ARM, INTEL]), expected);
        for path in ["bin/hello", "release/hello"] {
            let directory = Directory::with(&[(path, ARM64)]);
            assert_eq!(directory.found(&[ARM]), [(ARM, path.to_owned())]);
            // The kind tells which of several it is.
            assert_eq!(directory.found(&[INTEL, ARM]), [(ARM, path.to_owned())]);
        }
    }

    #[test]
    fn a_directory_of_the_target_s_own_goes_before_that_of_this_machine() {
        let own = format!("{ARM}/release/hello");
        let directory = Directory::with(&[(&own, ARM64), ("release/hello", X86_64)]);
        assert_eq!(directory.found(&[ARM]), [(ARM, own)]);
    }

    #[test]
    fn a_universal_program_needs_both_parts() {
        let directory = Directory::with(&[
            (&format!("{ARM}/bin/hello"), ARM64),
            (&format!("{INTEL}/bin/hello"), X86_64),
        ]);
        let universal = UNIVERSAL.parse().expect("known");
        let mut builds = directory.find(&[UNIVERSAL]).expect("it is a build");
        assert!(builds.has(universal));
        builds.builds.pop();
        assert!(!builds.has(universal));
    }

    #[test]
    fn what_cargo_leaves_beside_programs_is_not_one() {
        let directory = Directory::with(&[
            ("release/hello", ARM64),
            ("release/libhello.dylib", ARM64),
            ("release/deps/hello-1", ARM64),
        ]);
        fs::write(directory.0.path().join("release/hello.d"), "text").expect("writable");
        let builds = directory.find(&[ARM]).expect("it is a build").builds;
        assert_eq!(builds[0].programs.len(), 1);
    }

    #[test]
    fn programs_for_another_target_are_refused_with_both_kinds() {
        let path = format!("{ARM}/bin/hello");
        let expected = format!(
            "cannot use `DIR/{path}`: a macOS program for CPU type 0x1000007; expected a macOS program for CPU type \
             0x100000c, as `{ARM}` has"
        );
        let hint = Some(format!("a program of that kind is for `{INTEL}`"));
        let directory = Directory::with(&[(&path, X86_64)]);
        assert_eq!(directory.error(&[ARM]), (expected.clone(), hint.clone()));
        // A part of a universal program, and the only program that there is.
        assert_eq!(
            directory.error(&[UNIVERSAL]),
            (expected.clone(), hint.clone())
        );
        let directory = Directory::with(&[("bin/hello", X86_64)]);
        let expected = expected.replace(&path, "bin/hello");
        assert_eq!(directory.error(&[ARM]), (expected, hint));
    }

    #[test]
    fn a_program_that_fits_no_target_or_several_is_refused() {
        let (text, hint) = Directory::with(&[("bin/hello", X86_64)]).error(&[ARM, LINUX]);
        let expected = format!(
            "cannot tell which target `DIR/bin/hello` is for: a macOS program for CPU type 0x1000007; expected it to \
             fit one of `{ARM}`, `{LINUX}`"
        );
        assert_eq!(text, expected);
        assert!(hint.is_some_and(|hint| hint.contains("--target")));
        let directory = Directory::with(&[]);
        let script = directory.0.path().join("bin/hello");
        fs::create_dir(script.parent().expect("below the root")).expect("writable");
        fs::write(&script, "#!/bin/sh\n").expect("writable");
        let (text, _) = directory.error(&[ARM, LINUX]);
        assert!(text.contains("not a program"), "{text}");
        // For the only target, a script is as good as any program.
        assert_eq!(directory.find(&[ARM]).expect("a build").builds.len(), 1);
    }

    #[test]
    fn an_empty_directory_and_a_missing_one_are_refused() {
        let directory = Directory::with(&[]);
        let (text, hint) = directory.error(&[ARM]);
        assert!(
            text.starts_with("`DIR` has no programs; expected them in"),
            "{text}"
        );
        assert!(hint.is_some());
        let missing = Builds::find(Path::new("nowhere"), &[], "release");
        let error = missing.expect_err("it is not there").to_string();
        assert_eq!(error, "cannot read `nowhere`");
    }
}
