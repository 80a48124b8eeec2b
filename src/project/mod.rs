//! A resolved project: the manifest with the values of `Cargo.toml`, and with everything looked up.

pub mod cargo;
mod files;
mod formats;
pub mod manifest;
mod metadata;
pub mod sources;

use std::path::{Path, PathBuf};

use crate::catalog::{self, CATALOG, Catalog};
use crate::format::{Format, Registration, Resources, Unsupported};
use crate::gate;
use crate::model::hint::Hint;
use crate::model::package::Package;
use crate::model::target::Target;
use crate::model::text::InvalidText;
use crate::project::manifest::build::Build;
use crate::project::manifest::cargo::CargoToml;
use crate::project::manifest::desktop::{Icons, Metainfo};
use crate::project::manifest::located::{Located, Source};
use crate::project::manifest::windows::Windows;
use crate::project::manifest::{GenerateRule, Manifest, ManifestError, Words};

pub use files::FileRule;

/// All values of a manifest and its `Cargo.toml`, ready for planning.
pub struct Project {
    /// The directory with the project's files.
    pub root: PathBuf,
    /// Metadata; the commit is not known here.
    pub package: Package,
    /// The platforms to release for, in the manifest's order.
    pub targets: Vec<Target>,
    /// The formats to write for each target.
    formats: formats::Formats,
    /// What is made of the artifacts for all targets, sorted by format.
    pub catalogs: Vec<ChosenCatalog>,
    /// How the programs are compiled.
    pub build: Build,
    /// The resources of Windows programs.
    pub windows: Windows,
    /// The AppStream file that is made where the project has none.
    pub metainfo: Metainfo,
    /// The sizes of icons.
    pub icons: Icons,
    /// The contents of the packages, in the manifest's order; see [`Project::files_for`].
    pub files: Vec<FileRule>,
    /// Files that the built program generates.
    pub generate: Vec<GenerateRule>,
    /// The gates' limits.
    pub gates: gate::GateLimits,
    /// The manifest's text, for errors about its values.
    pub manifest: Source,
}

/// A format that the manifest requests.
pub struct Chosen {
    /// Its entry in the table of formats.
    pub registration: &'static Registration,
    /// The format with the manifest's table.
    pub format: Box<dyn Format>,
}

/// What is made of the artifacts of a format that the manifest requests.
pub struct ChosenCatalog {
    /// Its entry in the table.
    pub registration: &'static catalog::Registration,
    /// It, with the manifest's table.
    pub catalog: Box<dyn Catalog>,
}

/// Why a project could not be resolved.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// The manifest or `Cargo.toml` is wrong.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// The packages of the project cannot be read.
    #[error(transparent)]
    Cargo(#[from] cargo::CargoError),
    /// A required value is missing.
    #[error("`{}` has no `package.{key}`, and {instead}", manifest.display())]
    Missing {
        /// The manifest.
        manifest: PathBuf,
        /// The key in its `[package]`.
        key: &'static str,
        /// Why it has no default.
        instead: &'static str,
    },
}

impl From<Box<Located>> for ProjectError {
    fn from(error: Box<Located>) -> Self {
        Self::Manifest(error.into())
    }
}

impl Hint for ProjectError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Manifest(error) => error.hint(),
            Self::Cargo(error) => error.hint(),
            Self::Missing { key, .. } => {
                let example = match *key {
                    "name" => "hello",
                    "version" => "1.2.3",
                    "summary" => "greets the world",
                    "license" => "MIT OR Apache-2.0",
                    _ => "A. Person <person@example.org>",
                };
                Some(format!(
                    "write it below `[package]`, such as `{key} = \"{example}\"`"
                ))
            }
        }
    }
}

/// The directory with the project's files: the nearest one above the manifest that contains a `Cargo.toml`, else the
/// manifest's own. The path should be absolute; otherwise directories above the current one are not searched.
pub fn root_of(manifest: &Path) -> PathBuf {
    let own = manifest.parent().unwrap_or(Path::new(""));
    own.ancestors()
        .find(|directory| directory.join("Cargo.toml").is_file())
        .unwrap_or(own)
        .to_owned()
}

impl Project {
    /// Resolves a manifest for the project in `root`; `known` is the table of formats to choose from.
    pub fn resolve(
        manifest: Manifest,
        root: PathBuf,
        known: &'static [Registration],
        resources: &Resources,
    ) -> Result<Self, ProjectError> {
        let cargo = CargoToml::read(&root)?;
        let resources = &Resources {
            directory: root.clone(),
            ..resources.clone()
        };
        let Manifest {
            source,
            general,
            tables,
        } = manifest;
        let package = metadata::resolve(general.package, general.systemd, &source, cargo.as_ref())?;
        let targets = resolve_targets(&source, "targets", &general.targets)?;
        let written = formats::Written {
            for_all: &general.formats,
            exceptions: &general.formats_for,
            tables: &tables,
            resources,
        };
        let formats = formats::resolve(&written, &targets, known, &source)?;
        let catalogs = CATALOG.iter().filter(|each| formats.have(each.format));
        let catalogs = catalogs.map(|registration| ChosenCatalog {
            registration,
            catalog: (registration.new)(&tables),
        });
        let catalogs = catalogs.collect();
        formats.refuse_same_names(&package, &targets, &general.targets, &source)?;
        let rules = files::resolve(general.files, &package.name, &targets, &source)?;
        files::check_generated(&general.generate, &rules, &source)?;
        let mut gates = general.gates;
        for (framework, symbols) in &general.build.macos.symbols {
            let known = gates.macos.symbols.entry(framework.clone()).or_default();
            known.extend_from_slice(symbols);
        }
        if targets.iter().any(|target| target.has_glibc()) {
            let floor = general.build.linux_gnu.glibc;
            gates.portable.glibc.get_or_insert(floor);
        }
        Ok(Self {
            root,
            package,
            targets,
            formats,
            catalogs,
            build: general.build,
            windows: general.windows,
            metainfo: general.metainfo,
            icons: general.icons,
            files: rules,
            generate: general.generate,
            gates,
            manifest: source,
        })
    }

    /// The formats to write for one of the project's targets, in the manifest's order.
    pub fn formats_for(&self, target: Target) -> &[Chosen] {
        self.formats.of(target)
    }

    /// The formats for all targets that one of the project's targets cannot have.
    pub fn skipped_for(&self, target: Target) -> &[Unsupported] {
        self.formats.skipped(target)
    }

    /// The file with the icon of Windows programs.
    pub fn windows_icon(&self) -> Option<PathBuf> {
        let icon = self.windows.icon.as_ref()?;
        Some(self.root.join(icon.path().as_str()))
    }

    /// The rules for the files of a target, in the manifest's order.
    pub fn files_for(&self, target: Target) -> impl Iterator<Item = FileRule> {
        let rules = self.files.iter();
        rules.filter_map(move |rule| rule.for_target(target))
    }
}

fn resolve_targets(
    source: &Source,
    key: &str,
    triples: &Words,
) -> Result<Vec<Target>, Box<Located>> {
    resolve_list(source, key, triples, str::parse)
}

/// Looks up every word of a list; refuses an empty list and duplicate words.
fn resolve_list<T>(
    source: &Source,
    key: &str,
    words: &Words,
    look_up: impl Fn(&str) -> Result<T, InvalidText>,
) -> Result<Vec<T>, Box<Located>> {
    let (place, words) = (words.span(), words.get_ref());
    if words.is_empty() {
        let message = format!("`{key}` is empty; expected at least one");
        return Err(source.error_at(place, message));
    }
    let mut resolved = Vec::new();
    for (index, word) in words.iter().enumerate() {
        let name = word.get_ref();
        if words[..index].iter().any(|other| other.get_ref() == name) {
            let message = format!("`{name}` is in `{key}` twice");
            return Err(source.error_at(word.span(), message));
        }
        let found = look_up(name).map_err(|error| source.invalid_at(word.span(), &error));
        resolved.push(found?);
    }
    Ok(resolved)
}

#[cfg(test)]
mod tests {
    use crate::testing::{PACKAGE, TestProject};

    const FILE: &str = "[[files]]\nkind = 'binary'\nsource = 'bin/hello'\n";

    fn error_of(top: &str) -> String {
        TestProject::new(top).error()
    }

    #[test]
    fn a_rule_for_an_unsupported_target_is_refused_with_the_supported_ones() {
        let project = TestProject::new(&format!("{FILE}targets = ['pdp11-dec-unix']\n"));
        assert!(
            project.error().starts_with(
                "sealift.toml:6:12: operating system or target `pdp11-dec-unix` is unknown; expected one of `linux`, "
            ),
            "{}",
            project.error()
        );
    }

    #[test]
    fn an_unknown_format_is_refused_with_the_known_ones() {
        let message = TestProject::with_formats("'plain', 'rar'", FILE).error();
        let expected = "sealift.toml:2:21: format `rar` is unknown; expected one of `full`, `nowhere`, `plain`, `twin`\n";
        assert!(message.starts_with(expected), "{message}");
    }

    #[test]
    fn a_word_that_is_in_a_list_twice_is_refused() {
        let message = TestProject::with_formats("'plain', 'plain'", FILE).error();
        assert!(
            message.starts_with("sealift.toml:2:21: `plain` is in `formats` twice"),
            "{message}"
        );
    }

    #[test]
    fn an_empty_list_is_refused() {
        let message = TestProject::with_formats("", FILE).error();
        assert!(
            message.starts_with("sealift.toml:2:11: `formats` is empty"),
            "{message}"
        );
    }

    #[test]
    fn a_manifest_without_files_is_refused() {
        assert!(error_of("").contains("no `[[files]]` anywhere"));
    }

    #[test]
    fn two_files_for_one_place_are_refused() {
        let second = "[[files]]\nkind = 'doc'\nsource = 'x'\ndestination = 'usr/bin/hello'\n";
        let message = error_of(&format!("{FILE}{second}"));
        let expected = "sealift.toml:8:10: `/usr/bin/hello` would be installed twice: `bin/hello` goes there too";
        assert!(message.starts_with(expected), "{message}");
    }

    #[test]
    fn places_that_a_target_cannot_keep_apart_are_refused_while_planning() {
        let second = "[[files]]\nkind = 'data'\nsource = 'x'\ndestination = 'usr/bin/HELLO.EXE'\n";
        let rules = format!("{FILE}{second}");
        assert!(TestProject::new(&rules).resolve().is_ok());
        let windows = TestProject::new(&rules).targets(&["x86_64-pc-windows-gnullvm"]);
        let expected = "sealift.toml:8:10: `/usr/bin/hello.exe` and `/usr/bin/HELLO.EXE` are one file on windows";
        assert!(windows.error().starts_with(expected), "{}", windows.error());
    }

    #[test]
    fn a_file_without_a_default_place_needs_one() {
        let message = error_of("[[files]]\nkind = 'man'\nsource = 'hello'\n");
        assert!(
            message.starts_with("sealift.toml:5:10: `hello` has no default place"),
            "{message}"
        );
        assert!(
            message.ends_with("\nhint: give the rule a `destination`"),
            "{message}"
        );
    }

    #[test]
    fn a_generated_file_that_is_not_shipped_is_refused() {
        let generate = "[[generate]]\ncommand = ['bin/hello', 'man']\noutput = 'hello.1'\n";
        let message = error_of(&format!("{FILE}{generate}"));
        let expected = "sealift.toml:8:10: `hello.1` is generated but not shipped";
        assert!(message.starts_with(expected), "{message}");
    }

    #[test]
    fn an_empty_command_is_refused() {
        let generate = "[[generate]]\ncommand = []\noutput = 'bin/hello'\n";
        let message = error_of(&format!("{FILE}{generate}"));
        let expected =
            "sealift.toml:7:11: the command is empty; expected a program such as `bin/hello`";
        assert!(message.starts_with(expected), "{message}");
    }

    #[test]
    fn cargo_toml_fills_in_what_the_manifest_leaves_out() {
        let bare = PACKAGE.lines().last().expect("the maintainer");
        let cargo = "[package]\nname = 'hi'\nversion.workspace = true\nlicense = 'MIT'\ndescription = 'Says hi.'\n\
                     homepage = 'https://example.org'\n[workspace.package]\nversion = '3.0.0'\n";
        let project = TestProject::without_package(&format!("{FILE}[package]\n{bare}\n"))
            .file("Cargo.toml", cargo.as_bytes())
            .project();
        let package = project.package;
        assert_eq!((&*package.name, package.version.major), ("hi", 3));
        assert_eq!(
            (package.summary.as_str(), package.license.as_str()),
            ("Says hi", "MIT")
        );
        assert_eq!(package.homepage.as_deref(), Some("https://example.org"));
        assert_eq!(package.repository, None);
    }

    #[test]
    fn a_name_that_cargo_allows_and_packages_do_not_is_shown_in_cargo_toml() {
        let project =
            TestProject::without_package(FILE).file("Cargo.toml", b"[package]\nname = 'my_tool'\n");
        let message = project.error();
        assert!(
            message.contains("Cargo.toml:2:8: package name `my_tool` is not valid"),
            "{message}"
        );
        assert!(
            message.ends_with("hint: set `package.name` in the manifest to use another value"),
            "{message}"
        );
    }

    #[test]
    fn a_value_that_is_nowhere_is_named() {
        let project = TestProject::without_package(FILE);
        let expected =
            "`sealift.toml` has no `package.name`, and there is no `Cargo.toml` to take it from";
        let hint = "\nhint: write it below `[package]`, such as `name = \"hello\"`";
        assert_eq!(project.error(), format!("{expected}{hint}"));
        let project = project.file("Cargo.toml", b"[package]\n");
        let expected =
            "`sealift.toml` has no `package.name`, and `Cargo.toml` does not give it either";
        assert_eq!(project.error(), format!("{expected}{hint}"));
    }
}
