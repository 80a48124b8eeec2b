//! The values of `[gates.portable]` and `[gates.static]`, validated when they are parsed: a pattern that matches everything or nothing would
//! silently make the gate worthless.

/// Makes a type of text that is validated when it is read. Control characters are refused but by those `with_control`.
macro_rules! pattern {
    ($(#[$doc:meta])* $name:ident, $expected:expr, $is_valid:expr) => {
        pattern!(with_control $(#[$doc])* $name, $expected, |text| {
            let is_valid: fn(&str) -> bool = $is_valid;
            is_valid(text) && !text.contains(char::is_control)
        });
    };
    (with_control $(#[$doc:meta])* $name:ident, $expected:expr, $is_valid:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
        pub struct $name(String);

        impl $name {
            pub(super) fn new(text: String) -> Result<Self, String> {
                let is_valid: fn(&str) -> bool = $is_valid;
                if is_valid(&text) {
                    Ok(Self(text))
                } else {
                    let found = text.escape_debug();
                    Err(format!("`{found}` is not valid; expected {}", $expected))
                }
            }
        }

        impl std::ops::Deref for $name {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                Self::new(text).map_err(serde::de::Error::custom)
            }
        }
    };
}

pub(super) use pattern;

pattern!(
    /// An absolute directory without a trailing `/`; a component `*` matches any name.
    BuildDirectory,
    "an absolute directory such as `/var/build` or `/home/*`, without a `/` at its end",
    |text| match text.strip_prefix('/') {
        Some(below) => below.split('/').all(|component| !component.is_empty()),
        None => false,
    }
);

pattern!(
    /// The extension of a file name, without the dot.
    Extension,
    "a file extension without its dot, such as `rs`",
    |text| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
);

pattern!(
    /// The start of absolute paths: begins and ends with `/`.
    SourcePrefix,
    "an absolute directory with a `/` at its end, such as `/rustc/`",
    |text| text.len() > 2 && text.starts_with('/') && text.ends_with('/')
);

pattern!(
    /// The start of absolute paths of any kind: `/` and the beginning of a name.
    PathStart,
    "the start of an absolute path, such as `/etc/` or `/home/linuxbrew`",
    |text| text.strip_prefix('/').is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'))
);

pattern!(
    /// The file name of a Windows library, in lower case; a `*` at the end matches any suffix.
    WindowsLibrary,
    "the file name of a library in small letters, such as `kernel32.dll` or `api-ms-win-*`",
    |text| {
        let start = text.strip_suffix('*').unwrap_or(text);
        let is_fit = |c: char| c.is_ascii_graphic() && !c.is_ascii_uppercase() && c != '*';
        !start.is_empty() && !text.contains(['/', '\\']) && start.chars().all(is_fit)
    }
);

pattern!(
    /// The name of a Linux library as programs need it, without a directory.
    Library,
    "the name of a library such as `libc.so.6`",
    |text| !text.is_empty() && text.chars().all(|c| c.is_ascii_graphic() && c != '/')
);

pattern!(
    /// A directory of libraries: begins and ends with `/`.
    LibraryDirectory,
    "an absolute directory with a `/` at its end, such as `/usr/lib/`",
    |text| text.len() > 2 && text.starts_with('/') && text.ends_with('/')
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_that_match_everything_or_nothing_are_refused() {
        for directory in ["", "/", "build", "/build/", "//", "/a//b"] {
            assert!(
                BuildDirectory::new(directory.to_owned()).is_err(),
                "{directory:?}"
            );
        }
        for extension in ["", ".rs", "a/b", "*"] {
            assert!(
                Extension::new(extension.to_owned()).is_err(),
                "{extension:?}"
            );
        }
        for prefix in ["", "/", "//", "/rustc", "rustc/"] {
            assert!(SourcePrefix::new(prefix.to_owned()).is_err(), "{prefix:?}");
            assert!(
                LibraryDirectory::new(prefix.to_owned()).is_err(),
                "{prefix:?}"
            );
        }
        for start in ["", "/", "//", "etc/", "//docs.rs"] {
            assert!(PathStart::new(start.to_owned()).is_err(), "{start:?}");
        }
        for library in ["", "/lib/libc.so.6", "$ORIGIN/libz.so.1", "a b.so"] {
            assert!(Library::new(library.to_owned()).is_err(), "{library:?}");
        }
        for library in ["", "*", "KERNEL32.dll", "a*b", "c:\\a.dll", "a b.dll"] {
            assert!(
                WindowsLibrary::new(library.to_owned()).is_err(),
                "{library:?}"
            );
        }
    }

    #[test]
    fn a_refusal_says_what_is_expected() {
        let error = Extension::new(".rs".to_owned()).expect_err("a dot");
        let expected =
            "`.rs` is not valid; expected a file extension without its dot, such as `rs`";
        assert_eq!(error, expected);
    }
}
