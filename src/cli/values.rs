//! Values of options that come from tables. Their parsers know all of them, so completions offer them and a misspelled
//! one is answered with the nearest.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use sealift::format::FORMATS;
use sealift::init::platforms::Platforms;
use sealift::model::target::{Os, Target};
use sealift::model::text::InvalidText;
use sealift::project::manifest::build::CargoPackage;

/// A triple of the table of targets.
pub fn target() -> impl TypedValueParser<Value = Target> {
    let triples = PossibleValuesParser::new(Target::all().map(|target| target.triple));
    triples.try_map(|triple| triple.parse::<Target>())
}

/// A name of the table of formats.
pub fn format() -> PossibleValuesParser {
    PossibleValuesParser::new(FORMATS.iter().map(|format| format.name))
}

/// `PACKAGE=DIR`: where the build script of a package wrote.
pub fn out_dir(text: &str) -> Result<(CargoPackage, PathBuf), String> {
    let parts = text
        .split_once('=')
        .filter(|(_, directory)| !directory.is_empty());
    let (package, directory) =
        parts.ok_or("expected a package and a directory, such as `hello=target/…/out`")?;
    let package = package
        .parse()
        .map_err(|error: InvalidText| error.to_string())?;
    Ok((package, directory.into()))
}

/// `TRIPLE=FILE`: what is in the programs for a target.
pub fn sbom(text: &str) -> Result<(Target, PathBuf), String> {
    let parts = text.split_once('=').filter(|(_, file)| !file.is_empty());
    let (triple, file) = parts.ok_or(
        "expected a target and a file, such as `x86_64-unknown-linux-musl=hello.cdx.json`",
    )?;
    let target = triple
        .parse()
        .map_err(|error: InvalidText| error.to_string())?;
    Ok((target, file.into()))
}

/// What stands for all formats where that can be asked for.
pub const ALL: &str = "all";

/// A name of the table of formats, or [`ALL`].
pub fn format_or_all() -> PossibleValuesParser {
    let names = FORMATS.iter().map(|format| format.name);
    PossibleValuesParser::new(names.chain([ALL]))
}

/// A triple of the table of targets, or an operating system for those that its programs are usually released for.
pub fn platforms() -> impl TypedValueParser<Value = Platforms> {
    let systems = Os::ALL.into_iter().map(Os::name);
    let triples = Target::all().map(|target| target.triple);
    let words = PossibleValuesParser::new(systems.chain(triples));
    words.try_map(|word| word.parse::<Platforms>())
}
