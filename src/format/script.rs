//! Programs that a package manager runs.

use std::str::FromStr;

use crate::model::text::{InvalidText, typed_text};

/// The text of a program that its first line names the interpreter of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script(String);

impl FromStr for Script {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let first = text.lines().next().unwrap_or_default();
        let interpreter = first.strip_prefix("#!").map(str::trim_start);
        if interpreter.is_some_and(|path| path.starts_with('/')) && !text.contains('\0') {
            return Ok(Self(text.to_owned()));
        }
        let expected = "`#!` and an interpreter first, such as `#!/bin/sh`";
        Err(InvalidText::new("script", first, expected))
    }
}

typed_text!(Script(String));

impl Script {
    /// The interpreter and its arguments.
    pub(super) fn interpreter(&self) -> impl Iterator<Item = &str> {
        let first = self.0.lines().next().unwrap_or_default();
        first.trim_start_matches("#!").split_whitespace()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_without_an_interpreter_is_refused() {
        assert!("#!/bin/sh\nset -e\n".parse::<Script>().is_ok());
        for text in ["", "echo bye\n", "#!\n", "#!sh\n", "#!/bin/sh\n\0"] {
            assert!(text.parse::<Script>().is_err(), "{text:?}");
        }
    }
}
