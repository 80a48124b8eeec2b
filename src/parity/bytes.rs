//! Bytes in TOML: text as it is, and anything else in hexadecimal digits.

use std::ffi::OsString;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};

use crate::model::toml_text::quoted;

/// Bytes that a program is given as an argument or a value of its environment, so without NUL. In TOML they are a string, or
/// `{ hex = "66ff" }`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Bytes(Vec<u8>);

const EXPECTED: &str =
    "a string without NUL, or bytes in hexadecimal digits such as `{ hex = \"66ff\" }`";

impl Bytes {
    /// What the operating system gave; `None` if it cannot be written as bytes, which only Windows has.
    pub(super) fn of(text: &std::ffi::OsStr) -> Option<Self> {
        #[cfg(unix)]
        let bytes = Some(std::os::unix::ffi::OsStrExt::as_bytes(text).to_vec());
        #[cfg(not(unix))]
        let bytes = text.to_str().map(|text| text.as_bytes().to_vec());
        bytes.map(Self)
    }

    /// As the operating system takes them; `None` if it takes only text.
    pub(super) fn to_os(&self) -> Option<OsString> {
        #[cfg(unix)]
        return Some(std::os::unix::ffi::OsStringExt::from_vec(self.0.clone()));
        #[cfg(not(unix))]
        return std::str::from_utf8(&self.0).ok().map(OsString::from);
    }

    /// As TOML.
    pub(super) fn to_toml(&self) -> String {
        match std::str::from_utf8(&self.0) {
            Ok(text) => quoted(text),
            Err(_) => {
                let digits: String = self.0.iter().map(|byte| format!("{byte:02x}")).collect();
                format!("{{ hex = \"{digits}\" }}")
            }
        }
    }

    fn checked<E: Error>(bytes: Vec<u8>) -> Result<Self, E> {
        if bytes.contains(&0) {
            return Err(E::custom(format!(
                "a NUL, which no program can be given; expected {EXPECTED}"
            )));
        }
        Ok(Self(bytes))
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Notation)
    }
}

struct Notation;

impl<'de> Visitor<'de> for Notation {
    type Value = Bytes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(EXPECTED)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Bytes, E> {
        Bytes::checked(text.as_bytes().to_vec())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Bytes, A::Error> {
        let mut bytes = None;
        while let Some(key) = map.next_key::<String>()? {
            if key != "hex" {
                return Err(A::Error::unknown_field(&key, &["hex"]));
            }
            bytes = Some(from_hex(&map.next_value::<String>()?)?);
        }
        Bytes::checked(bytes.ok_or_else(|| A::Error::missing_field("hex"))?)
    }
}

fn from_hex<E: Error>(digits: &str) -> Result<Vec<u8>, E> {
    let wrong = || {
        let found = digits.escape_debug();
        E::custom(format!(
            "`{found}` is not hexadecimal; expected pairs of the digits 0 to 9 and a to f"
        ))
    };
    if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return Err(wrong());
    }
    let pairs = digits.as_bytes().chunks(2);
    let byte = |pair: &[u8]| {
        let pair = std::str::from_utf8(pair)
            .ok()
            .filter(|pair| pair.len() == 2);
        pair.and_then(|pair| u8::from_str_radix(pair, 16).ok())
    };
    pairs.map(|pair| byte(pair).ok_or_else(wrong)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    struct Document {
        value: Bytes,
    }

    fn read(value: &str) -> Result<Bytes, String> {
        let read = toml::from_str::<Document>(&format!("value = {value}"));
        read.map(|document| document.value)
            .map_err(|error| error.message().to_owned())
    }

    #[test]
    fn any_bytes_are_read_back() {
        for bytes in [&b"plain \"x\"\n"[..], b"", b"f\xff\x80", "ü".as_bytes()] {
            let bytes = Bytes(bytes.to_vec());
            assert_eq!(read(&bytes.to_toml()), Ok(bytes));
        }
        assert_eq!(Bytes(b"f\xff".to_vec()).to_toml(), "{ hex = \"66ff\" }");
    }

    #[test]
    fn what_is_neither_text_nor_hexadecimal_is_refused() {
        for (value, expected) in [
            ("'{ hex = \"6\" }'", None),
            ("{ hex = \"666\" }", Some("`666` is not hexadecimal")),
            ("{ hex = \"é\" }", Some("`é` is not hexadecimal")),
            ("{ hexa = \"66\" }", Some("unknown field `hexa`")),
            ("{ hex = \"00\" }", Some("a NUL")),
            ("\"a\\u0000\"", Some("a NUL")),
            (
                "3",
                Some("invalid type: integer `3`, expected a string without NUL, or bytes"),
            ),
        ] {
            match (read(value), expected) {
                (Ok(_), None) => {}
                (Err(message), Some(expected)) => {
                    assert!(message.starts_with(expected), "{message}")
                }
                (read, _) => panic!("{value}: {read:?}"),
            }
        }
    }
}
