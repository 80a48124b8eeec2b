//! Identifiers of Windows, in the form of its installer.

use std::fmt;
use std::str::FromStr;

use sha1::{Digest, Sha1};

use crate::model::text::{InvalidText, typed_text};

/// A GUID. Displays as `{01234567-89AB-CDEF-0123-456789ABCDEF}`; braces may be missing where it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Guid([u8; 16]);

/// The namespace of names that are web addresses (RFC 9562, section 6.6).
const NAMESPACE_URL: Guid = Guid([
    0x6b, 0xa7, 0xb8, 0x11, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8,
]);

impl Guid {
    /// The identifier of a name within a namespace: version 5 of RFC 9562, section 5.5.
    pub fn of(namespace: Guid, name: &str) -> Self {
        let mut hash = Sha1::new();
        hash.update(namespace.0);
        hash.update(name);
        let sum = hash.finalize();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&sum[..16]);
        bytes[6] = bytes[6] & 0x0f | 0x50;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        Self(bytes)
    }

    /// The identifier of all versions of a package.
    pub fn of_package(name: &str) -> Self {
        Self::of(NAMESPACE_URL, &format!("pkg:generic/{name}"))
    }
}

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{")?;
        for (index, byte) in self.0.iter().enumerate() {
            let hyphen = if matches!(index, 4 | 6 | 8 | 10) {
                "-"
            } else {
                ""
            };
            write!(f, "{hyphen}{byte:02X}")?;
        }
        write!(f, "}}")
    }
}

impl FromStr for Guid {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let inner = text
            .strip_prefix('{')
            .and_then(|text| text.strip_suffix('}'));
        let parts: Vec<_> = inner.unwrap_or(text).split('-').collect();
        let lengths: Vec<_> = parts.iter().map(|part| part.len()).collect();
        let digits = parts.concat();
        let number = u128::from_str_radix(&digits, 16);
        match number {
            Ok(number)
                if lengths == [8, 4, 4, 4, 12] && digits.is_ascii() && !digits.contains('+') =>
            {
                Ok(Self(number.to_be_bytes()))
            }
            _ => {
                let expected = "one such as `01234567-89AB-CDEF-0123-456789ABCDEF`";
                Err(InvalidText::new("GUID", text, expected).with_hint("`uuidgen` prints one"))
            }
        }
    }
}

typed_text!(Guid);

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed by Python's uuid.
    #[test]
    fn names_have_the_identifiers_of_version_5() {
        let hello = Guid::of_package("hello");
        assert_eq!(Guid::of(NAMESPACE_URL, "pkg:generic/hello"), hello);
        assert_eq!(hello.to_string(), "{E1930200-8C62-5A9C-ABDE-7D88ED1E844C}");
    }

    #[test]
    fn an_identifier_is_read_as_people_write_it() {
        let guid: Guid = "6ba7b811-9dad-11d1-80b4-00c04fd430c8"
            .parse()
            .expect("valid");
        assert_eq!(guid, NAMESPACE_URL);
        let shown = guid.to_string();
        assert_eq!(shown, "{6BA7B811-9DAD-11D1-80B4-00C04FD430C8}");
        assert_eq!(shown.parse::<Guid>().expect("valid"), guid);
        for bad in [
            "",
            "{}",
            "6ba7b8119dad11d180b400c04fd430c8",
            "{6ba7b811-9dad-11d1-80b4-00c04fd430c8",
            "6ba7b81g-9dad-11d1-80b4-00c04fd430c8",
            "+ba7b811-9dad-11d1-80b4-00c04fd430c8",
        ] {
            let error = bad.parse::<Guid>().expect_err(bad).to_string();
            assert!(error.contains("expected one such as"), "{error}");
        }
    }
}
