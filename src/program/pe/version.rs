//! The version resource: what Windows shows in the properties of a program (`VS_VERSIONINFO`).

/// The language and the code page of the strings: American English, UTF-16.
const LANGUAGE: u16 = 0x0409;
const CODE_PAGE: u16 = 0x04b0;

/// A version that Windows cannot represent.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum VersionError {
    /// A number is too large.
    #[error(
        "version `{version}` has the number {number}; expected at most 65535, which is as far as Windows counts"
    )]
    Number {
        /// The version.
        version: semver::Version,
        /// The number.
        number: u64,
    },
    /// The strings are too long in total.
    #[error("the texts of the version resource take {bytes} bytes; expected at most 65535")]
    TooLong {
        /// Their length.
        bytes: usize,
    },
}

/// The version information of a program.
#[derive(Clone, Debug)]
pub struct Version {
    /// Its version.
    pub version: semver::Version,
    /// Strings by name, in the order of writing.
    pub texts: Vec<(&'static str, String)>,
}

impl Version {
    /// The resource.
    pub fn to_bytes(&self) -> Result<Vec<u8>, VersionError> {
        let mut strings = Vec::new();
        for (name, text) in &self.texts {
            strings.push(node(name, &Value::Text(text), &[])?);
        }
        let language = format!("{LANGUAGE:04X}{CODE_PAGE:04X}");
        let table = node(&language, &Value::Text(""), &strings)?;
        let strings = node("StringFileInfo", &Value::Text(""), &[table])?;
        let translation = [LANGUAGE.to_le_bytes(), CODE_PAGE.to_le_bytes()].concat();
        let translation = node("Translation", &Value::Bytes(&translation), &[])?;
        let variables = node("VarFileInfo", &Value::Text(""), &[translation])?;
        let fixed = self.fixed()?;
        node(
            "VS_VERSION_INFO",
            &Value::Bytes(&fixed),
            &[strings, variables],
        )
    }

    /// `VS_FIXEDFILEINFO`.
    fn fixed(&self) -> Result<Vec<u8>, VersionError> {
        let number = |number: u64| {
            u16::try_from(number)
                .map(u32::from)
                .map_err(|_| VersionError::Number {
                    version: self.version.clone(),
                    number,
                })
        };
        let semver::Version {
            major,
            minor,
            patch,
            pre,
            ..
        } = &self.version;
        let high = number(*major)? << 16 | number(*minor)?;
        let low = number(*patch)? << 16;
        // `VS_FF_PRERELEASE`.
        let flags = if pre.is_empty() { 0 } else { 2 };
        let fields = [
            0xfeef_04bd,
            0x0001_0000,
            // The version of the file, then of the product.
            high,
            low,
            high,
            low,
            // The mask of the valid flags (`VS_FFI_FILEFLAGSMASK`), then the flags.
            0x3f,
            flags,
            // `VOS_NT_WINDOWS32`, `VFT_APP`, no subtype, no date.
            0x0004_0004,
            1,
            0,
            0,
            0,
        ];
        Ok(fields
            .iter()
            .flat_map(|field: &u32| field.to_le_bytes())
            .collect())
    }
}

/// The value of a node.
enum Value<'a> {
    Text(&'a str),
    Bytes(&'a [u8]),
}

/// A node: length, length of the value, type, name, value, and the child nodes, each at a multiple of four bytes. An
/// empty string has no value.
fn node(name: &str, value: &Value<'_>, below: &[Vec<u8>]) -> Result<Vec<u8>, VersionError> {
    let (kind, bytes, length) = match value {
        Value::Text("") => (1, Vec::new(), 0),
        Value::Text(text) => {
            let bytes = text_bytes(text);
            let units = bytes.len() / 2;
            (1u16, bytes, units)
        }
        Value::Bytes(bytes) => (0, bytes.to_vec(), bytes.len()),
    };
    let mut node = vec![0; 6];
    node.extend(text_bytes(name));
    for part in std::iter::once(&bytes)
        .chain(below)
        .filter(|part| !part.is_empty())
    {
        node.resize(node.len().next_multiple_of(4), 0);
        node.extend(part);
    }
    let too_long = |_| VersionError::TooLong { bytes: node.len() };
    let total = u16::try_from(node.len()).map_err(too_long)?;
    let length = u16::try_from(length).expect("no longer than the whole");
    node[..2].copy_from_slice(&total.to_le_bytes());
    node[2..4].copy_from_slice(&length.to_le_bytes());
    node[4..6].copy_from_slice(&kind.to_le_bytes());
    Ok(node)
}

/// Zero-terminated UTF-16. A zero within the string would end it for readers.
fn text_bytes(text: &str) -> Vec<u8> {
    let units = text.encode_utf16().filter(|unit| *unit != 0).chain([0]);
    units.flat_map(u16::to_le_bytes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(version: &str) -> Version {
        Version {
            version: version.parse().expect("valid"),
            texts: vec![
                ("ProductName", "hällo".to_owned()),
                ("FileDescription", "abc".to_owned()),
            ],
        }
    }

    fn fixed(text: &str) -> Vec<u32> {
        let bytes = version(text).fixed().expect("small numbers");
        let words = bytes.chunks(4);
        words
            .map(|word| u32::from_le_bytes(word.try_into().expect("four bytes")))
            .collect()
    }

    /// Reads a node: name, kind, value and child nodes.
    fn read(bytes: &[u8]) -> (String, u16, Vec<u8>, Vec<&[u8]>) {
        let number = |at: usize| usize::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]));
        let text_end = (6..)
            .step_by(2)
            .find(|at| number(*at) == 0)
            .expect("it ends");
        let units: Vec<_> = (6..text_end)
            .step_by(2)
            .map(|at| number(at) as u16)
            .collect();
        let kind = number(4) as u16;
        let value_at = (text_end + 2).next_multiple_of(4);
        let value_end = value_at + number(2) * if kind == 1 { 2 } else { 1 };
        let mut below = Vec::new();
        let mut at = value_end.next_multiple_of(4);
        while at < number(0) {
            below.push(&bytes[at..at + number(at)]);
            at = (at + number(at)).next_multiple_of(4);
        }
        let value = bytes.get(value_at..value_end).unwrap_or_default().to_vec();
        (
            String::from_utf16(&units).expect("valid"),
            kind,
            value,
            below,
        )
    }

    #[test]
    fn the_numbers_of_the_version_are_in_the_fixed_part() {
        let fields = fixed("1.2.65535");
        assert_eq!(fields[..2], [0xfeef_04bd, 0x1_0000]);
        assert_eq!(fields[2..6], [0x1_0002, 0xffff_0000, 0x1_0002, 0xffff_0000]);
        assert_eq!(fields[7], 0);
        assert_eq!(fixed("1.2.3-rc.1")[7], 2);
    }

    #[test]
    fn the_texts_are_in_a_table_for_their_language() {
        let bytes = version("1.2.3").to_bytes().expect("short");
        assert_eq!(
            bytes.len(),
            usize::from(u16::from_le_bytes([bytes[0], bytes[1]]))
        );
        let (name, _, value, below) = read(&bytes);
        assert_eq!(
            (name.as_str(), value.len(), below.len()),
            ("VS_VERSION_INFO", 52, 2)
        );
        let (name, _, _, tables) = read(below[0]);
        assert_eq!(name, "StringFileInfo");
        let (name, kind, _, strings) = read(tables[0]);
        assert_eq!((name.as_str(), kind), ("040904B0", 1));
        let texts: Vec<_> = strings.iter().map(|string| read(string)).collect();
        let utf16 =
            |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
        assert_eq!(
            (texts[0].0.as_str(), &texts[0].2),
            ("ProductName", &utf16("hällo\0"))
        );
        assert_eq!(
            (texts[1].0.as_str(), &texts[1].2),
            ("FileDescription", &utf16("abc\0"))
        );
        let (name, _, _, translations) = read(below[1]);
        assert_eq!(name, "VarFileInfo");
        let (name, kind, value, _) = read(translations[0]);
        assert_eq!(
            (name.as_str(), kind, value),
            ("Translation", 0, vec![9, 4, 0xb0, 4])
        );
    }

    #[test]
    fn a_number_beyond_16_bits_is_refused() {
        let error = version("1.70000.0").to_bytes().expect_err("too large");
        assert_eq!(
            error.to_string(),
            "version `1.70000.0` has the number 70000; expected at most 65535, which is as far as Windows counts"
        );
    }

    #[test]
    fn texts_beyond_64_kilobytes_are_refused() {
        let mut version = version("1.0.0");
        version.texts.push(("Comments", "x".repeat(40_000)));
        let error = version.to_bytes().expect_err("too long");
        assert!(
            matches!(error, VersionError::TooLong { bytes } if bytes > 80_000),
            "{error}"
        );
    }
}
