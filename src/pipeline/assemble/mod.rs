//! Assembles a tree directory: the files that the manifest names, from the project's source, from the build, from what build
//! scripts wrote, from the licenses of the dependencies, and from what the built program generates.

mod generate;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::model::hint::Hint;
use crate::model::path::RelativePath;
use crate::model::target::Target;
use crate::model::tree::Kind;
use crate::output::path_error::PathError;
use crate::output::unfinished::is_unfinished;
use crate::output::{NewDirectory, OutputError};
use crate::pipeline::complete::{self, CompleteError};
use crate::project::manifest::build::CargoPackage;
use crate::project::manifest::glob::GlobError;
use crate::project::manifest::located::Located;
use crate::project::manifest::values::{GenerateOutput, Origin};
use crate::project::{FileRule, Project};

pub use generate::GenerateError;
use generate::Generated;

/// The inputs of a tree.
#[derive(Clone, Copy, Debug)]
pub struct Sources<'a> {
    /// The project's source, which takes precedence.
    pub source: &'a Path,
    /// A directory whose programs in `bin/` take precedence over those of the build, because they are finished.
    pub programs: Option<&'a Path>,
    /// The build directory.
    pub build: &'a Path,
    /// A build for this machine, whose programs `[[generate]]` runs.
    pub host_build: &'a Path,
    /// The file with the licenses of the dependencies, where there is one.
    pub licenses: Option<&'a Path>,
    /// The OUT_DIR of each package's build script, as it ran for the target.
    pub out_dirs: &'a BTreeMap<CargoPackage, PathBuf>,
}

/// Why a tree could not be assembled.
#[derive(Debug, thiserror::Error)]
pub enum AssembleError {
    /// A rule names something that is missing or outside.
    #[error(transparent)]
    Rule(Box<Located>),
    /// The program could not generate a file.
    #[error(transparent)]
    Generate(#[from] GenerateError),
    /// A file is not what its kind says.
    #[error(transparent)]
    Content(#[from] CompleteError),
    /// The files of a pattern cannot be found.
    #[error(transparent)]
    Glob(#[from] GlobError),
    /// A file could not be read.
    #[error(transparent)]
    Read(#[from] PathError),
    /// The tree could not be written.
    #[error(transparent)]
    Output(#[from] OutputError),
}

impl Hint for AssembleError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Rule(located) => located.hint(),
            Self::Output(error) => error.hint(),
            Self::Content(error) => error.hint(),
            Self::Generate(_) | Self::Glob(_) | Self::Read(_) => None,
        }
    }
}

/// Assembles the tree directory for a target in `out`, which is empty or does not exist yet. After an error, it is
/// unchanged.
pub fn assemble(
    project: &Project,
    target: Target,
    sources: Sources<'_>,
    out: &Path,
) -> Result<(), AssembleError> {
    let mut assembly = Assembly {
        project,
        sources,
        directory: NewDirectory::create(out)?,
        generated: BTreeMap::new(),
    };
    for rule in project.files_for(target) {
        assembly.add_rule(&rule)?;
    }
    Ok(assembly.directory.keep()?)
}

struct Assembly<'a> {
    project: &'a Project,
    sources: Sources<'a>,
    directory: NewDirectory,
    /// What has been generated so far, by the number of its rule.
    generated: BTreeMap<usize, Generated>,
}

impl Assembly<'_> {
    fn add_rule(&mut self, rule: &FileRule) -> Result<(), AssembleError> {
        if let Some((package, place)) = rule.origin.out_dir() {
            return self.add_from_out_dir(rule, &package, &place);
        }
        if rule.origin.is_licenses() {
            return self.add_licenses(rule);
        }
        let mut found = false;
        let Sources {
            source,
            programs,
            build,
            ..
        } = self.sources;
        for root in [Some(source), programs, Some(build)].into_iter().flatten() {
            found = found || self.add_from(rule, root)?;
        }
        for index in 0..self.project.generate.len() {
            found |= self.add_generated(rule, index)?;
        }
        if found {
            Ok(())
        } else {
            Err(self.nowhere(rule))
        }
    }

    /// Adds what a rule selects of what another one generates, where nothing else is; gives whether that is anything.
    fn add_generated(&mut self, rule: &FileRule, index: usize) -> Result<bool, AssembleError> {
        let generate = &self.project.generate[index];
        let output = generate.output.get_ref();
        if !rule.origin.reaches(output) {
            return Ok(false);
        }
        if let GenerateOutput::File(path) = output
            && self.directory.holds(path.as_str())
        {
            return Ok(true);
        }
        let generated = match self.generated.remove(&index) {
            Some(generated) => generated,
            None => {
                let staged = self.directory.staged();
                let beside = staged.parent().unwrap_or(staged);
                generate::generate(generate, self.sources.host_build, beside)?
            }
        };
        let mut found = false;
        for (path, content) in &generated {
            if rule.origin.covers(path) {
                found = true;
                if !self.directory.holds(path.as_str()) {
                    complete::check(rule.kind, Path::new(path.as_str()), content)?;
                    self.write(path, &mut content.as_slice(), rule.mode & 0o111 != 0)?;
                }
            }
        }
        self.generated.insert(index, generated);
        Ok(found)
    }

    /// Adds the file with the licenses of the dependencies.
    fn add_licenses(&mut self, rule: &FileRule) -> Result<(), AssembleError> {
        let (Some(path), Origin::File(place)) = (self.sources.licenses, &rule.origin) else {
            let message = "the licenses of the dependencies are not there";
            let error = self.project.manifest.error_at(rule.span.clone(), message);
            let hint = "write them with `sealift licenses --out FILE`, and give them with `--licenses FILE`";
            return Err(AssembleError::Rule(error.with_hint(hint)));
        };
        let mut file = File::open(path).map_err(PathError::reading(path))?;
        self.write(place, &mut file, false)
    }

    /// Adds what a rule names in the OUT_DIR of a package, whose place in the tree is given.
    fn add_from_out_dir(
        &mut self,
        rule: &FileRule,
        package: &CargoPackage,
        place: &RelativePath,
    ) -> Result<(), AssembleError> {
        let Some(root) = self.sources.out_dirs.get(package) else {
            let message = format!("the OUT_DIR of the build script of `{package}` is not known");
            let error = self.project.manifest.error_at(rule.span.clone(), message);
            let hint = format!("give it with `--out-dir {package}=DIR`");
            return Err(AssembleError::Rule(error.with_hint(hint)));
        };
        let found = match &rule.origin {
            Origin::File(path) | Origin::Directory(path) => {
                let path = match path.below(place) {
                    Some(below) => root.join(below.as_str()),
                    None => root.clone(),
                };
                let is_there = path.symlink_metadata().is_ok();
                if is_there {
                    self.add_existing(rule, root, &path)?;
                }
                is_there
            }
            Origin::Glob(glob) => {
                let own = glob.seen_from(place);
                let files = own.expect("it starts there").files(root)?;
                for file in &files {
                    self.copy(rule, root, &root.join(file.as_str()), &place.join(file))?;
                }
                !files.is_empty()
            }
        };
        if found {
            return Ok(());
        }
        let message = format!(
            "`{}` is nothing that the build script of `{package}` wrote (`{}`)",
            rule.origin,
            root.display()
        );
        let error = self.project.manifest.error_at(rule.span.clone(), message);
        let hint = "correct the path; it counts from the OUT_DIR of the build script";
        Err(AssembleError::Rule(error.with_hint(hint)))
    }

    /// Adds what a rule names in one of the directories; gives whether anything is there.
    fn add_from(&mut self, rule: &FileRule, root: &Path) -> Result<bool, AssembleError> {
        let path = match &rule.origin {
            Origin::File(path) | Origin::Directory(path) => root.join(path.as_str()),
            Origin::Glob(glob) => {
                let files = glob.files(root)?;
                for file in &files {
                    self.copy(rule, root, &root.join(file.as_str()), file)?;
                }
                return Ok(!files.is_empty());
            }
        };
        let is_there = path.symlink_metadata().is_ok();
        if is_there {
            self.add_existing(rule, root, &path)?;
        }
        Ok(is_there)
    }

    fn nowhere(&self, rule: &FileRule) -> AssembleError {
        let (origin, build) = (&rule.origin, self.sources.build.display());
        let source = self.sources.source.display();
        let message = match origin {
            Origin::Glob(_) => format!(
                "no file in the source `{source}` or in the build `{build}` matches `{origin}`, and no `[[generate]]` makes one"
            ),
            _ => format!(
                "`{origin}` is neither in the source `{source}` nor in the build `{build}`, and no `[[generate]]` makes it"
            ),
        };
        let hint = match (rule.kind, origin) {
            (_, Origin::Glob(_)) => {
                "correct the pattern; `*` does not match `/`, and `**` matches directories"
                    .to_owned()
            }
            (Kind::Binary, _) => format!("build the program, and put it at `{build}/{origin}`"),
            _ => "correct the path, or add the file to the project".to_owned(),
        };
        let error = self.project.manifest.error_at(rule.span.clone(), message);
        AssembleError::Rule(error.with_hint(hint))
    }

    fn error_at(&self, rule: &FileRule, message: String) -> AssembleError {
        AssembleError::Rule(self.project.manifest.error_at(rule.span.clone(), message))
    }

    fn add_existing(
        &mut self,
        rule: &FileRule,
        root: &Path,
        path: &Path,
    ) -> Result<(), AssembleError> {
        if let Some(message) = rule
            .origin
            .contradiction(self.resolve(rule, root, path)?.is_dir())
        {
            return Err(self.error_at(rule, message));
        }
        match &rule.origin {
            Origin::File(file) => self.copy(rule, root, path, file),
            Origin::Directory(directory) => self.copy_directory(rule, root, path, directory),
            // Each file of a pattern was found as one.
            Origin::Glob(_) => Ok(()),
        }
    }

    fn copy_directory(
        &mut self,
        rule: &FileRule,
        root: &Path,
        path: &Path,
        relative: &RelativePath,
    ) -> Result<(), AssembleError> {
        for entry in fs::read_dir(path).map_err(PathError::reading(path))? {
            let path = entry.map_err(PathError::reading(path))?.path();
            let name = path.file_name().unwrap_or_default();
            let name: RelativePath = match name.to_str().map(str::parse) {
                Some(Ok(name)) => name,
                Some(Err(error)) => return Err(self.error_at(rule, error.to_string())),
                None => {
                    let message = format!("the name of `{}` is not UTF-8", path.display());
                    return Err(self.error_at(rule, message));
                }
            };
            let relative = relative.join(&name);
            self.copy_entry(rule, root, &path, &relative)?;
        }
        Ok(())
    }

    fn copy_entry(
        &mut self,
        rule: &FileRule,
        root: &Path,
        path: &Path,
        relative: &RelativePath,
    ) -> Result<(), AssembleError> {
        let is_link = path.is_symlink();
        let resolved = self.resolve(rule, root, path)?;
        let staged = self.directory.staged().canonicalize();
        let problem = if staged.is_ok_and(|staged| staged == resolved) {
            "lies where the tree is being assembled"
        } else if is_unfinished(path.file_name().unwrap_or_default()) {
            "is left from a run that was interrupted; expected it to be removed"
        } else if is_link && resolved.is_dir() {
            // Following it could loop.
            "is a link to a directory; expected files"
        } else if resolved.is_dir() {
            return self.copy_directory(rule, root, path, relative);
        } else {
            return self.copy(rule, root, path, relative);
        };
        Err(self.error_at(rule, format!("`{}` {problem}", path.display())))
    }

    /// Follows all links; refuses a result that is not below the root.
    fn resolve(&self, rule: &FileRule, root: &Path, path: &Path) -> Result<PathBuf, AssembleError> {
        let root = root.canonicalize().map_err(PathError::reading(root))?;
        let resolved = path.canonicalize().map_err(PathError::reading(path))?;
        if resolved.starts_with(&root) {
            return Ok(resolved);
        }
        let message = format!(
            "`{}` leads to `{}`, outside of `{}`",
            path.display(),
            resolved.display(),
            root.display()
        );
        Err(self.error_at(rule, message))
    }

    fn copy(
        &mut self,
        rule: &FileRule,
        root: &Path,
        path: &Path,
        relative: &RelativePath,
    ) -> Result<(), AssembleError> {
        let (named, path) = (path, self.resolve(rule, root, path)?);
        let metadata = fs::metadata(&path).map_err(PathError::reading(&path))?;
        if !metadata.is_file() {
            let message = format!(
                "`{}` is a special file; expected a regular one",
                path.display()
            );
            return Err(self.error_at(rule, message));
        }
        if complete::is_checked(rule.kind) {
            let bytes = fs::read(&path).map_err(PathError::reading(&path))?;
            complete::check(rule.kind, named, &bytes)?;
        }
        let mut file = File::open(&path).map_err(PathError::reading(&path))?;
        self.write(relative, &mut file, rule.mode & 0o111 != 0)
    }

    fn write(
        &mut self,
        relative: &RelativePath,
        content: &mut dyn io::Read,
        executable: bool,
    ) -> Result<(), AssembleError> {
        let mode = if executable { 0o755 } else { 0o644 };
        let mut file = self.directory.file(relative.as_str(), mode)?;
        io::copy(content, &mut file).map_err(|source| OutputError::Write {
            path: file.path().to_owned(),
            source,
        })?;
        Ok(file.finish()?)
    }
}
