//! Apple's property lists as XML: what macOS reads about bundles, signatures and disk images.

/// A value of a property list.
#[derive(Clone, Debug, PartialEq)]
pub enum Plist {
    /// Values by name, in the order in which they are written.
    Dictionary(Vec<(String, Plist)>),
    /// Values in order.
    Array(Vec<Plist>),
    /// Text without control characters.
    Text(String),
    /// Bytes.
    Data(Vec<u8>),
    /// Yes or no.
    Flag(bool),
    /// A number that Apple writes as a floating one, such as a weight.
    Real(u32),
    /// A whole number.
    Integer(u32),
}

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
    <!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n\
    <plist version=\"1.0\">\n";

/// How many bytes are on a line of data.
const LINE: usize = 39;

impl Plist {
    /// A dictionary.
    pub fn dictionary<'a>(values: impl IntoIterator<Item = (&'a str, Plist)>) -> Self {
        let values = values.into_iter();
        Self::Dictionary(values.map(|(key, value)| (key.to_owned(), value)).collect())
    }

    /// A text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// The whole document.
    pub fn to_xml(&self) -> String {
        let mut xml = HEAD.to_owned();
        self.put(&mut xml, 0);
        xml + "</plist>\n"
    }

    fn put(&self, xml: &mut String, depth: usize) {
        let indent = "\t".repeat(depth);
        match self {
            Self::Dictionary(values) if values.is_empty() => *xml += &format!("{indent}<dict/>\n"),
            Self::Dictionary(values) => {
                *xml += &format!("{indent}<dict>\n");
                for (key, value) in values {
                    *xml += &format!("{indent}\t<key>{}</key>\n", escaped(key));
                    value.put(xml, depth + 1);
                }
                *xml += &format!("{indent}</dict>\n");
            }
            Self::Array(values) => {
                *xml += &format!("{indent}<array>\n");
                values.iter().for_each(|value| value.put(xml, depth + 1));
                *xml += &format!("{indent}</array>\n");
            }
            Self::Text(text) => *xml += &format!("{indent}<string>{}</string>\n", escaped(text)),
            Self::Data(bytes) => {
                *xml += &format!("{indent}<data>\n");
                for line in bytes.chunks(LINE) {
                    *xml += &format!("{indent}{}\n", base64(line));
                }
                *xml += &format!("{indent}</data>\n");
            }
            Self::Flag(true) => *xml += &format!("{indent}<true/>\n"),
            Self::Flag(false) => *xml += &format!("{indent}<false/>\n"),
            Self::Real(number) => *xml += &format!("{indent}<real>{number}</real>\n"),
            Self::Integer(number) => *xml += &format!("{indent}<integer>{number}</integer>\n"),
        }
    }
}

/// The binary form (`bplist00`), which the Finder keeps in its own files.
impl Plist {
    /// The whole document.
    pub fn to_binary(&self) -> Vec<u8> {
        let mut objects = Vec::new();
        self.flatten(&mut objects);
        let mut bytes = b"bplist00".to_vec();
        let mut places = Vec::new();
        for object in &objects {
            places.push(bytes.len() as u32);
            bytes.extend(object);
        }
        let table = bytes.len() as u64;
        for place in places {
            bytes.extend(place.to_be_bytes());
        }
        // Places have four bytes, and references two; the first object is the top one.
        bytes.extend([0, 0, 0, 0, 0, 0, 4, 2]);
        for number in [objects.len() as u64, 0, table] {
            bytes.extend(number.to_be_bytes());
        }
        bytes
    }

    /// Adds the object and those inside; returns its number.
    fn flatten(&self, objects: &mut Vec<Vec<u8>>) -> u16 {
        let index = objects.len();
        objects.push(Vec::new());
        let mut references = |values: &mut dyn Iterator<Item = &Plist>| -> Vec<u8> {
            let numbers = values.map(|value| value.flatten(objects));
            numbers.flat_map(u16::to_be_bytes).collect()
        };
        let object = match self {
            Self::Dictionary(values) => {
                let keys: Vec<_> = values.iter().map(|(key, _)| Self::text(key)).collect();
                let mut bytes = marked(0xd0, values.len());
                bytes.extend(references(&mut keys.iter()));
                bytes.extend(references(&mut values.iter().map(|(_, value)| value)));
                bytes
            }
            Self::Array(values) => {
                let mut bytes = marked(0xa0, values.len());
                bytes.extend(references(&mut values.iter()));
                bytes
            }
            Self::Text(text) if text.is_ascii() => {
                [marked(0x50, text.len()), text.clone().into_bytes()].concat()
            }
            Self::Text(text) => {
                let units: Vec<_> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
                [marked(0x60, units.len() / 2), units].concat()
            }
            Self::Data(data) => [marked(0x40, data.len()), data.clone()].concat(),
            Self::Flag(flag) => vec![8 + u8::from(*flag)],
            Self::Real(number) => [&[0x23], &f64::from(*number).to_be_bytes()[..]].concat(),
            // Eight bytes, because four have no sign.
            Self::Integer(number) => [&[0x13], &u64::from(*number).to_be_bytes()[..]].concat(),
        };
        objects[index] = object;
        index as u16
    }
}

/// The kind of an object with its length, which is an object of its own from 15 on.
fn marked(kind: u8, length: usize) -> Vec<u8> {
    match u8::try_from(length) {
        Ok(short @ 0..15) => vec![kind | short],
        _ => [&[kind | 15, 0x12], &(length as u32).to_be_bytes()[..]].concat(),
    }
}

pub(crate) fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;");
    text.replace('<', "&lt;").replace('>', "&gt;")
}

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Base 64 with padding (RFC 4648, section 4).
fn base64(bytes: &[u8]) -> String {
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits = group
            .iter()
            .fold(0, |bits, byte| bits << 8 | u32::from(*byte));
        let bits = bits << (8 * (3 - group.len()));
        for digit in 0..4 {
            let index = bits >> (18 - 6 * digit) & 63;
            let is_padding = digit > group.len();
            text.push(if is_padding {
                '='
            } else {
                char::from(DIGITS[index as usize])
            });
        }
    }
    text
}

/// The bytes of base 64, with blanks and line breaks anywhere; `None` if it is not that.
pub fn from_base64(text: &str) -> Option<Vec<u8>> {
    let text: Vec<u8> = text
        .bytes()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    for group in text.chunks(4) {
        let digits: Vec<u8> = group
            .iter()
            .copied()
            .filter(|digit| *digit != b'=')
            .collect();
        if group.len() != 4 || digits.len() < 2 || !group.starts_with(&digits) {
            return None;
        }
        let mut bits = 0;
        for digit in &digits {
            let value = DIGITS.iter().position(|known| known == digit)?;
            bits = bits << 6 | value as u32;
        }
        let bits = bits << (6 * (4 - digits.len()));
        bytes.extend(&bits.to_be_bytes()[1..digits.len()]);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_xml_as_apple_writes_it() {
        let list = Plist::dictionary([
            ("A & B", Plist::text("<c>")),
            ("Data", Plist::Data(b"hello".to_vec())),
            ("Empty", Plist::dictionary([])),
            (
                "List",
                Plist::Array(vec![Plist::Flag(true), Plist::Real(20)]),
            ),
        ]);
        let expected = "<dict>\n\
            \t<key>A &amp; B</key>\n\t<string>&lt;c&gt;</string>\n\
            \t<key>Data</key>\n\t<data>\n\taGVsbG8=\n\t</data>\n\
            \t<key>Empty</key>\n\t<dict/>\n\
            \t<key>List</key>\n\t<array>\n\t\t<true/>\n\t\t<real>20</real>\n\t</array>\n\
            </dict>\n</plist>\n";
        assert_eq!(list.to_xml(), format!("{HEAD}{expected}"));
    }

    #[test]
    fn the_binary_form_has_its_objects_in_a_table() {
        let list = Plist::dictionary([("a", Plist::Flag(true)), ("b", Plist::Integer(7))]);
        let expected: &[u8] =
            b"bplist00\xd2\0\x01\0\x02\0\x03\0\x04\x51a\x51b\x09\x13\0\0\0\0\0\0\0\x07\
            \0\0\0\x08\0\0\0\x11\0\0\0\x13\0\0\0\x15\0\0\0\x16\
            \0\0\0\0\0\0\x04\x02\0\0\0\0\0\0\0\x05\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x1f";
        assert_eq!(list.to_binary(), expected);
        assert_eq!(marked(0x50, 14), [0x5e]);
        assert_eq!(marked(0x50, 15), [0x5f, 0x12, 0, 0, 0, 15]);
    }

    #[test]
    fn base_64_is_read_as_it_was_written() {
        for length in 0..100u8 {
            let bytes: Vec<u8> = (0..length).map(|n| n.wrapping_mul(37)).collect();
            assert_eq!(from_base64(&base64(&bytes)), Some(bytes));
        }
        for wrong in ["a", "ab", "ab=c", "a===", "ab*d"] {
            assert_eq!(from_base64(wrong), None, "{wrong}");
        }
    }
}
