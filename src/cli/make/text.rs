//! What `sealift make` says to people.

use std::fmt::Write;
use std::path::Path;

use sealift::model::release::Release;

use super::programs::LeftOut;
use crate::cli::progress::human_size;

/// What nobody should take the result for.
pub const NOT_HERMETIC: &str = "\
note: this release is not hermetic: it depends on what this machine has installed. `./nixw build .#release` makes one
that does not.
";

/// Targets without programs, each with the reason.
pub fn left_out(left_out: &[LeftOut]) -> String {
    let lines = left_out
        .iter()
        .map(|LeftOut { target, reason }| format!("left out  {target}: {reason}\n"));
    lines.collect()
}

/// The artifacts with their sizes, and the sum.
pub fn table(release: &Release, directory: &Path) -> String {
    let formats = release
        .artifacts
        .iter()
        .map(|artifact| artifact.format.len());
    let width = formats.max().unwrap_or(0);
    let mut text = String::new();
    let mut line = |size: u64, format: &str, what: &str| {
        let size = human_size(size);
        writeln!(text, "{size:>9}  {format:width$}  {what}").expect("a string takes all text");
    };
    for artifact in &release.artifacts {
        let path = directory.join(artifact.file.as_str());
        line(artifact.size, &artifact.format, &path.display().to_string());
    }
    let total = release.artifacts.iter().map(|artifact| artifact.size).sum();
    let count = release.artifacts.len();
    line(
        total,
        "",
        &format!(
            "{count} {}",
            if count == 1 { "artifact" } else { "artifacts" }
        ),
    );
    text
}
