//! The variables of `[build.environment]`, which every build script, macro and crate of a build can read.

use std::collections::BTreeMap;
use std::str::FromStr;

use crate::model::text::{InvalidText, typed_text};

/// Variables by their names.
pub type Environment = BTreeMap<Variable, Value>;

/// The name of a variable that a project may set.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Variable(String);

/// The value of a variable: one line of text, which may be empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value(String);

/// Names that are not for a project to set, and why; one that ends in `*` stands for all that begin so.
const RESERVED: [(&str, &str); 41] = [
    ("AR", COMPILERS),
    ("AR_*", COMPILERS),
    ("BASH_*", SANDBOX),
    ("BINDGEN_EXTRA_CLANG_ARGS*", TOOLS),
    ("CARGO", CARGO),
    ("CARGO_*", CARGO),
    ("CC", COMPILERS),
    ("CC_*", COMPILERS),
    ("CFLAGS_*", COMPILERS),
    ("CMAKE_TOOLCHAIN_FILE*", COMPILERS),
    ("CXX", COMPILERS),
    ("CXXFLAGS_*", COMPILERS),
    ("CXXSTDLIB*", COMPILERS),
    ("CXX_*", COMPILERS),
    ("DEBUG", CARGO),
    ("DYLD_*", SANDBOX),
    ("HOME", SANDBOX),
    ("HOST", CARGO),
    ("LANG", SANDBOX),
    ("LC_*", SANDBOX),
    ("LD_*", SANDBOX),
    ("LIBCLANG_PATH", TOOLS),
    ("MACOSX_DEPLOYMENT_TARGET", COMPILERS),
    ("NIX_*", SANDBOX),
    ("NUM_JOBS", CARGO),
    ("OPT_LEVEL", CARGO),
    ("OUT_DIR", CARGO),
    ("PATH", SANDBOX),
    ("PERL", TOOLS),
    ("PROFILE", CARGO),
    ("PROTOC", TOOLS),
    ("PROTOC_INCLUDE", TOOLS),
    ("RANLIB*", COMPILERS),
    ("RUST*", CARGO),
    ("SDKROOT", COMPILERS),
    ("SEALIFT_*", SANDBOX),
    ("SOURCE_DATE_EPOCH", SANDBOX),
    ("TARGET", CARGO),
    ("TMPDIR", SANDBOX),
    ("TZ", SANDBOX),
    ("USER", SANDBOX),
];
const CARGO: &str = "is set by cargo, or changes what it compiles";
const COMPILERS: &str = "is one of those by which a build finds the compiler of its target";
const SANDBOX: &str = "belongs to the sandbox that builds run in";
const TOOLS: &str = "is set for a tool that `tools` asks for";

impl FromStr for Variable {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let is_fit = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let begins = text.starts_with(|c: char| c.is_ascii_uppercase() || c == '_');
        if !begins || !text.chars().all(is_fit) {
            // Nix itself has variables in small letters.
            let expected = "letters, digits and `_`, a capital letter first, such as `GREETING`";
            return Err(InvalidText::new("environment variable", text, expected));
        }
        match RESERVED.iter().find(|(name, _)| is_named(name, text)) {
            Some((_, why)) => {
                let expected = "one that only the project's own build scripts and crates read";
                Err(InvalidText::new("environment variable", text, expected).with_problem(*why))
            }
            None => Ok(Self(text.to_owned())),
        }
    }
}

typed_text!(Variable(String));

fn is_named(pattern: &str, text: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(begin) => text.starts_with(begin),
        None => text == pattern,
    }
}

impl FromStr for Value {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        if text.contains(char::is_control) {
            let expected = "one line of text";
            return Err(InvalidText::new("value", text, expected));
        }
        Ok(Self(text.to_owned()))
    }
}

typed_text!(Value(String));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_projects_own_variables_are_taken() {
        for name in [
            "GREETING",
            "_X",
            "AWS_LC_SYS_CFLAGS_x86_64_unknown_linux_musl",
            "CFLAGS",
            "ARCH",
            "PATHS",
        ] {
            assert!(name.parse::<Variable>().is_ok(), "{name}");
        }
        for value in ["", "a b", " $(x) \"quoted\" ", "größe"] {
            assert!(value.parse::<Value>().is_ok(), "{value}");
        }
    }

    #[test]
    fn what_decides_over_the_build_itself_is_refused_with_the_reason() {
        let error = |name: &str| name.parse::<Variable>().expect_err("reserved").to_string();
        for (name, why) in [
            ("CARGO_BUILD_TARGET", CARGO),
            ("RUSTFLAGS", CARGO),
            ("PATH", SANDBOX),
            ("CC_x86_64_unknown_linux_musl", COMPILERS),
            ("PROTOC", TOOLS),
        ] {
            let expected = format!(
                "environment variable `{name}` {why}; expected one that only the project's own build scripts and crates read"
            );
            assert_eq!(error(name), expected);
        }
    }

    #[test]
    fn what_is_no_name_or_no_line_is_refused() {
        for name in ["", "1A", "A-B", "A=B", "A B", "out", "name", "Größe", "A\n"] {
            assert!(name.parse::<Variable>().is_err(), "{name}");
        }
        for value in ["a\nb", "a\0b", "\x1b[0m"] {
            assert!(value.parse::<Value>().is_err(), "{value:?}");
        }
    }

    #[test]
    fn the_reserved_names_are_sorted() {
        assert!(RESERVED.is_sorted());
    }
}
