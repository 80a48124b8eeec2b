//! The line of `.gitignore` that keeps the links to what a build has made out of the next `git add`.

use std::io::ErrorKind;
use std::path::Path;

use super::{Draft, InitError, NewFile};
use crate::project::manifest::located::{ReadError, Source};

const IGNORE: &str = ".gitignore";
const LINE: &str = "/result*";

impl Draft {
    /// Adds `.gitignore` to the files of a checkout in which git would take the results of builds. What is in there stays.
    pub fn ignore_results(&mut self, directory: &Path) -> Result<(), InitError> {
        let old = match Source::read(&directory.join(IGNORE)) {
            Ok(source) => source.text,
            Err(ReadError::Io(error)) if error.source.kind() == ErrorKind::NotFound => {
                String::new()
            }
            Err(error) => return Err(error.into()),
        };
        self.files.extend(with_results(&old).map(|text| NewFile {
            name: IGNORE,
            text,
            mode: 0o644,
            replaces: true,
        }));
        Ok(())
    }
}

/// The text with the line; `None` if a line for results is there already.
fn with_results(old: &str) -> Option<String> {
    let ignores = |line: &str| matches!(line.trim().trim_matches('/'), "result" | "result*");
    if old.lines().any(ignores) {
        return None;
    }
    let end = if old.is_empty() || old.ends_with('\n') {
        ""
    } else {
        "\n"
    };
    Some(format!("{old}{end}{LINE}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_added_once() {
        assert_eq!(with_results("").as_deref(), Some("/result*\n"));
        assert_eq!(
            with_results("/target").as_deref(),
            Some("/target\n/result*\n")
        );
        for there in ["/target\n/result*\n", "result\n", "/result/\n"] {
            assert_eq!(with_results(there), None, "{there}");
        }
    }
}
