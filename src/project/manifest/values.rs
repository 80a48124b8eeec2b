//! The manifest's typed values, each validated when it is parsed.

use std::fmt;
use std::str::FromStr;

use serde::de::{self, Deserialize, Deserializer};

use super::build::CargoPackage;
use super::glob::{Glob, is_glob};
use crate::model::license::THIRD_PARTY;
use crate::model::path::RelativePath;
use crate::model::text::{InvalidText, typed_text};

/// What stands for a directory in the arguments of a command that fills it.
pub const OUT: &str = "{out}";

/// The directory of the tree for what build scripts wrote; below it, each package has its own.
const OUT_DIRS: &str = "{out_dir}";

/// What build scripts' files look like in a manifest.
const OUT_DIR_FORM: &str = "`{out_dir:PACKAGE}/` and a path in the OUT_DIR of that package's build script, such as \
                            `{out_dir:hello}/hello.1`";

/// How the licenses of the dependencies are written in a manifest, and the directory of the tree with them.
pub const LICENSES: &str = "{licenses}";

/// Where a file rule takes its files from, below the tree directory.
///
/// What a build script wrote is written as `{out_dir:hello}/hello.1`, and lies at `{out_dir}/hello/hello.1` in the tree: not
/// every system can have a colon in a name. The licenses of the dependencies are written as `{licenses}`, and are a file in a
/// directory of that name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// One file.
    File(RelativePath),
    /// All files below a directory; written with a trailing `/`.
    Directory(RelativePath),
    /// All files that a pattern matches.
    Glob(Glob),
}

impl Origin {
    /// Whether it selects a file of the tree directory.
    pub fn covers(&self, path: &RelativePath) -> bool {
        match self {
            Self::File(file) => file == path,
            Self::Directory(directory) => path.below(directory).is_some(),
            Self::Glob(glob) => glob.below_base(path).is_some(),
        }
    }

    /// Whether it could select something that is generated.
    pub fn reaches(&self, output: &GenerateOutput) -> bool {
        let directory = match output {
            GenerateOutput::File(path) => return self.covers(path),
            GenerateOutput::Directory(directory) => directory,
        };
        match self {
            Self::File(file) => file.below(directory).is_some(),
            Self::Directory(own) => {
                own == directory || own.below(directory).is_some() || directory.below(own).is_some()
            }
            Self::Glob(glob) => glob.reaches(directory),
        }
    }

    /// The package whose build script writes the files, and its directory in the tree.
    pub fn out_dir(&self) -> Option<(CargoPackage, RelativePath)> {
        let text = self.in_tree();
        let package = text.strip_prefix(OUT_DIRS)?.split('/').nth(1)?;
        let place = format!("{OUT_DIRS}/{package}").parse();
        Some((
            package.parse().expect("it was parsed before"),
            place.expect("a package's name is a valid component"),
        ))
    }

    /// Whether it is the file with the licenses of the dependencies.
    pub fn is_licenses(&self) -> bool {
        self.in_tree() == licenses_in_tree()
    }

    /// Its text with paths of the tree.
    fn in_tree(&self) -> String {
        match self {
            Self::File(path) => path.to_string(),
            Self::Directory(path) => format!("{path}/"),
            Self::Glob(glob) => glob.to_string(),
        }
    }

    /// The problem if a directory is found where a file is named, or vice versa.
    pub fn contradiction(&self, is_directory: bool) -> Option<String> {
        match self {
            Self::File(_) if is_directory => Some(format!(
                "`{self}` is a directory; write `{self}/` to ship what is in it"
            )),
            Self::Directory(_) if !is_directory => Some(format!(
                "`{self}` is not a directory; write it without the `/` at its end"
            )),
            _ => None,
        }
    }
}

impl FromStr for Origin {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        if let Some(text) = out_dir_in_tree(text)? {
            return of_tree(&text);
        }
        if text == LICENSES {
            return of_tree(&licenses_in_tree());
        }
        if text.starts_with(LICENSES) {
            let expected = "`{licenses}` and nothing after it: it is one file";
            return Err(InvalidText::new("source", text, expected));
        }
        of_tree(text)
    }
}

fn licenses_in_tree() -> String {
    format!("{LICENSES}/{THIRD_PARTY}")
}

/// What the manifest's way to name a build script's file means in the tree; `None` if it is something else.
fn out_dir_in_tree(text: &str) -> Result<Option<String>, InvalidText> {
    let first = text.split_once('/').map_or(text, |(first, _)| first);
    let is_placeholder = first.starts_with('{') && first.ends_with('}') && first.contains(':');
    if !is_placeholder && !first.starts_with("{out_dir") {
        return Ok(None);
    }
    let invalid = || InvalidText::new("source", text, OUT_DIR_FORM);
    let rest = text.strip_prefix("{out_dir:").ok_or_else(invalid)?;
    let (package, path) = rest.split_once("}/").ok_or_else(invalid)?;
    let package: CargoPackage = package.parse()?;
    Ok(Some(format!("{OUT_DIRS}/{package}/{path}")))
}

fn of_tree(text: &str) -> Result<Origin, InvalidText> {
    if is_glob(text) {
        return text.parse().map(Origin::Glob);
    }
    match text.strip_suffix('/') {
        Some(directory) if !directory.is_empty() => directory.parse().map(Origin::Directory),
        _ => text.parse().map(Origin::File),
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.in_tree();
        match self.out_dir() {
            Some((package, place)) => write!(f, "{{out_dir:{package}}}{}", &text[place.len()..]),
            None if self.is_licenses() => f.write_str(LICENSES),
            None => f.write_str(&text),
        }
    }
}

typed_text!(Origin);

/// What a command generates, below the tree directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GenerateOutput {
    /// One file, from the command's standard output.
    File(RelativePath),
    /// The files of a directory that the command fills; written with a trailing `/`.
    Directory(RelativePath),
}

impl GenerateOutput {
    /// Whether it makes a file, or could make it.
    pub fn makes(&self, path: &RelativePath) -> bool {
        match self {
            Self::File(file) => file == path,
            Self::Directory(directory) => path.below(directory).is_some(),
        }
    }

    /// The path.
    pub fn path(&self) -> &RelativePath {
        match self {
            Self::File(path) | Self::Directory(path) => path,
        }
    }
}

impl FromStr for GenerateOutput {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        match text.strip_suffix('/') {
            Some(directory) if !directory.is_empty() => directory.parse().map(Self::Directory),
            _ => text.parse().map(Self::File),
        }
    }
}

impl fmt::Display for GenerateOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{path}"),
            Self::Directory(path) => write!(f, "{path}/"),
        }
    }
}

typed_text!(GenerateOutput);

/// A version, with an error that says what is expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version(pub semver::Version);

impl FromStr for Version {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        text.parse().map(Self).map_err(|error: semver::Error| {
            let problem = format!("is not valid ({error})");
            let error = InvalidText::new("version", text, "one such as `1.2.3` or `1.2.3-rc.1`")
                .with_problem(problem);
            match complete(text) {
                Some(meant) => error.with_hint(format!("write `{meant}`")),
                None => error,
            }
        })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

typed_text!(Version);

/// What was meant by a version with a `v` before it, or with fewer than three numbers.
fn complete(text: &str) -> Option<String> {
    let bare = text.strip_prefix('v').unwrap_or(text);
    let candidates = [bare.to_owned(), format!("{bare}.0"), format!("{bare}.0.0")];
    candidates
        .into_iter()
        .find(|text| text.parse::<semver::Version>().is_ok())
}

/// Permission bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mode(pub u32);

impl<'de> Deserialize<'de> for Mode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bits = u32::deserialize(deserializer)?;
        if bits > 0o777 {
            return Err(de::Error::custom(format!(
                "mode {bits:#o} has more than permission bits; expected at most 0o777, written in octal such as 0o755"
            )));
        }
        Ok(Self(bits))
    }
}

impl schemars::JsonSchema for Mode {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Mode".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "integer", "minimum": 0, "maximum": 0o777 })
    }
}

/// A command line, with at least a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The program, in the build directory.
    pub program: RelativePath,
    /// Its arguments.
    pub arguments: Vec<String>,
}

impl<'de> Deserialize<'de> for Command {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut words = Vec::<String>::deserialize(deserializer)?.into_iter();
        let program = words.next().ok_or_else(|| {
            de::Error::custom("the command is empty; expected a program such as `bin/hello`")
        })?;
        Ok(Self {
            program: program.parse().map_err(InvalidText::for_serde)?,
            arguments: words.map(argument).collect::<Result<_, _>>()?,
        })
    }
}

impl Command {
    /// Whether it is given the directory that it fills.
    pub fn fills_directory(&self) -> bool {
        self.arguments.iter().any(|argument| argument.contains(OUT))
    }
}

/// Checks an argument, which the kernel ends with a zero byte.
fn argument<E: de::Error>(text: String) -> Result<String, E> {
    if text.contains('\0') {
        return Err(InvalidText::new("argument", &text, "no zero bytes").for_serde());
    }
    Ok(text)
}

impl schemars::JsonSchema for Command {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Command".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "array", "items": { "type": "string" }, "minItems": 1 })
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.program)?;
        self.arguments
            .iter()
            .try_for_each(|argument| write!(f, " {argument}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slash_at_the_end_makes_a_directory() {
        let origin: Origin = "share/man/".parse().expect("valid");
        assert!(matches!(&origin, Origin::Directory(path) if path.as_str() == "share/man"));
        assert_eq!(origin.to_string(), "share/man/");
        assert!(origin.covers(&"share/man/a.1".parse().expect("valid")));
        assert!(!origin.covers(&"share/man".parse().expect("valid")));
    }

    #[test]
    fn what_a_build_script_wrote_is_named_by_its_package() {
        for text in [
            "{out_dir:bat}/assets/manual/bat.1",
            "{out_dir:bat}/",
            "{out_dir:bat}/assets/",
            "{out_dir:bat}/*.fish",
            "{out_dir:fd-find}/completions/**/*",
        ] {
            let origin: Origin = text.parse().expect("valid");
            assert_eq!(origin.to_string(), text);
            let (package, place) = origin.out_dir().expect("it is of a package");
            assert_eq!(place.as_str(), format!("{{out_dir}}/{package}"));
        }
        let origin: Origin = "{out_dir:bat}/x/y.1".parse().expect("valid");
        assert!(origin.covers(&"{out_dir}/bat/x/y.1".parse().expect("valid")));
        assert_eq!(
            "share/{x}/y".parse::<Origin>().expect("valid").out_dir(),
            None
        );
    }

    #[test]
    fn the_licenses_of_dependencies_are_one_file() {
        let origin: Origin = "{licenses}".parse().expect("valid");
        assert_eq!(origin.to_string(), "{licenses}");
        assert!(origin.is_licenses());
        assert!(origin.covers(&"{licenses}/THIRD-PARTY-LICENSES".parse().expect("valid")));
        for text in ["{licenses}/", "{licenses}/x", "{licenses}x"] {
            let error = text.parse::<Origin>().expect_err("nothing follows");
            assert!(
                error
                    .to_string()
                    .contains("`{licenses}` and nothing after it"),
                "{error}"
            );
        }
    }

    #[test]
    fn what_is_nearly_a_place_of_a_build_script_is_refused() {
        for text in [
            "{out_dir}/bat/x",
            "{out_dir:bat}",
            "{out_dir:}/x",
            "{out_dir:a b}/x",
            "{outdir:bat}/x",
            "{out_dir:bat}/../x",
            "{out_dir:bat/x",
        ] {
            assert!(text.parse::<Origin>().is_err(), "{text}");
        }
    }

    #[test]
    fn what_a_command_fills_can_be_selected_in_parts_and_as_a_whole() {
        let pages: GenerateOutput = "share/man/".parse().expect("valid");
        for source in [
            "share/",
            "share/man/",
            "share/man/man1/",
            "share/man/a.1",
            "share/**/*.1",
            "*/man/*",
        ] {
            assert!(
                source.parse::<Origin>().expect("valid").reaches(&pages),
                "{source}"
            );
        }
        for source in ["share/doc/", "share/man", "man/*", "share/doc/*.1"] {
            assert!(
                !source.parse::<Origin>().expect("valid").reaches(&pages),
                "{source}"
            );
        }
    }

    #[test]
    fn the_root_itself_is_no_origin() {
        assert!("/".parse::<Origin>().is_err());
        assert!("a//".parse::<Origin>().is_err());
    }
}
