//! Paths that an operating system cannot hold, or cannot keep apart.

use std::collections::BTreeMap;

use crate::model::steps::parents;
use crate::model::target::Os;

/// A path that users of a system could not unpack.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unholdable {
    /// The system has no such names.
    #[error("`/{path}` cannot be unpacked on {os}: {reason}")]
    Name {
        /// The path.
        path: String,
        /// The system.
        os: Os,
        /// What is wrong with one of its names.
        reason: &'static str,
    },
    /// The system takes two paths for one.
    #[error(
        "`/{first}` and `/{second}` are one file on {os}, which does not tell small letters from capitals"
    )]
    Same {
        /// One path.
        first: String,
        /// The other.
        second: String,
        /// The system.
        os: Os,
    },
}

/// Names that Windows keeps for devices, whatever their extension.
const DEVICES: [&str; 6] = ["aux", "con", "conin$", "conout$", "nul", "prn"];

/// Refuses paths that a system cannot hold or keep apart. Linux holds all that a tree can have.
pub fn refuse_unholdable<'a>(
    paths: impl Iterator<Item = &'a str>,
    os: Os,
) -> Result<(), Unholdable> {
    if os == Os::Linux {
        return Ok(());
    }
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    for path in paths {
        let problem = path.split('/').find_map(|name| problem(name, os));
        if let Some(reason) = problem {
            let path = path.to_owned();
            return Err(Unholdable::Name { path, os, reason });
        }
        // Directories that differ in letters become one, and so may what is in them.
        for part in parents(path).chain([path]) {
            let other = *seen.entry(folded(part)).or_insert(part);
            if other != part {
                let (first, second) = (other.to_owned(), part.to_owned());
                return Err(Unholdable::Same { first, second, os });
            }
        }
    }
    Ok(())
}

/// How a system that does not tell small letters from capitals sees a path. By way of capitals, so that letters with two
/// small forms are one, too.
fn folded(path: &str) -> String {
    path.to_uppercase().to_lowercase()
}

/// Why a system has no such name.
fn problem(name: &str, os: Os) -> Option<&'static str> {
    match os {
        Os::Linux => None,
        Os::MacOs => name.chars().any(is_combining).then_some(
            "a name has a combining character, and macOS takes it for the letter that it makes",
        ),
        Os::Windows => windows_problem(name),
    }
}

fn windows_problem(name: &str) -> Option<&'static str> {
    if name.contains(['<', '>', ':', '"', '|', '?', '*']) {
        return Some("a name has one of the characters < > : \" | ? *");
    }
    if name.ends_with(['.', ' ']) {
        return Some("a name ends with a full stop or a blank");
    }
    let stem = name
        .split('.')
        .next()
        .unwrap_or(name)
        .trim_end()
        .to_lowercase();
    let is_port = ["com", "lpt"].iter().any(|port| {
        let number = stem
            .strip_prefix(port)
            .map(|rest| rest.chars().collect::<Vec<_>>());
        matches!(number.as_deref(), Some(['0'..='9' | '¹' | '²' | '³']))
    });
    let is_device = is_port || DEVICES.contains(&stem.as_str());
    is_device.then_some("a name is that of a device, as `CON` and `NUL` are")
}

/// The blocks of Unicode whose characters join the letter before them.
fn is_combining(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{3099}' | '\u{309a}' | '\u{fe20}'..='\u{fe2f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(os: Os, paths: &[&str]) -> Option<String> {
        let refused = refuse_unholdable(paths.iter().copied(), os).err()?;
        Some(refused.to_string())
    }

    #[test]
    fn linux_holds_everything() {
        assert_eq!(
            refusal(Os::Linux, &["README", "readme", "con", "a:b", "a."]),
            None
        );
    }

    #[test]
    fn names_that_differ_in_capitals_are_one_elsewhere() {
        for os in [Os::Windows, Os::MacOs] {
            let message = refusal(os, &["doc/README", "doc/readme"]).expect("one file");
            assert!(
                message.starts_with("`/doc/README` and `/doc/readme` are one file on "),
                "{message}"
            );
            assert!(refusal(os, &["Doc/a", "doc/b"]).is_some(), "directories");
            assert!(refusal(os, &["Straße", "STRASSE"]).is_some());
            assert_eq!(refusal(os, &["doc/a", "doc/b", "ä"]), None);
        }
    }

    #[test]
    fn windows_has_no_such_names() {
        for name in [
            "CON", "con.txt", "Nul", "com1", "LPT9.log", "COM²", "a:b", "a.", "a ", "a?", "x/aux/y",
        ] {
            assert!(refusal(Os::Windows, &[name]).is_some(), "{name}");
            assert_eq!(refusal(Os::MacOs, &[name]), None, "{name}");
        }
        for name in ["console", "com10", "comX", "nuls", ".a", "a b", "lpt"] {
            assert_eq!(refusal(Os::Windows, &[name]), None, "{name}");
        }
    }

    #[test]
    fn macos_takes_a_combined_letter_for_the_letter() {
        assert!(refusal(Os::MacOs, &["cafe\u{301}"]).is_some());
        assert_eq!(refusal(Os::MacOs, &["caf\u{e9}"]), None);
        assert_eq!(refusal(Os::Windows, &["cafe\u{301}"]), None);
    }
}
