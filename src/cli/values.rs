//! Values of options that come from tables. Their parsers know all of them, so completions offer them and a misspelled
//! one is answered with the nearest.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use sealift::format::FORMATS;
use sealift::model::target::Target;

/// A triple of the table of targets.
pub fn target() -> impl TypedValueParser<Value = Target> {
    let triples = PossibleValuesParser::new(Target::all().map(|target| target.triple));
    triples.try_map(|triple| triple.parse::<Target>())
}

/// A name of the table of formats.
pub fn format() -> PossibleValuesParser {
    PossibleValuesParser::new(FORMATS.iter().map(|format| format.name))
}
