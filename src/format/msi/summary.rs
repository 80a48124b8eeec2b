//! The summary of a database: a property set ([MS-OLEPS] 2.21).

/// The stream's name.
pub(super) const NAME: &str = "\u{5}SummaryInformation";

/// The identifier of the properties here.
const FORMAT: [u8; 16] = [
    0xe0, 0x85, 0x9f, 0xf2, 0xf9, 0x4f, 0x68, 0x10, 0xab, 0x91, 0x08, 0x00, 0x2b, 0x27, 0xb3, 0xd9,
];
/// Where the only section starts.
const SECTION: u32 = 48;

/// The value of a property.
pub(super) enum Property {
    Short(i16),
    Number(i32),
    Text(String),
    /// Seconds since 1970.
    Time(i64),
}

impl Property {
    fn bytes(&self) -> Vec<u8> {
        let (kind, mut value) = match self {
            Self::Short(number) => (2u32, number.to_le_bytes().to_vec()),
            Self::Number(number) => (3, number.to_le_bytes().to_vec()),
            Self::Text(text) => {
                let length = text.len() as u32 + 1;
                let zero = &[0][..];
                (
                    30,
                    [&length.to_le_bytes()[..], text.as_bytes(), zero].concat(),
                )
            }
            Self::Time(seconds) => (64, file_time(*seconds).to_le_bytes().to_vec()),
        };
        value.resize(value.len().next_multiple_of(4), 0);
        [&kind.to_le_bytes()[..], &value].concat()
    }
}

/// Tenths of microseconds since 1601.
fn file_time(seconds: i64) -> u64 {
    const FROM_1601_TO_1970: i64 = 11_644_473_600;
    let since = seconds.saturating_add(FROM_1601_TO_1970);
    u64::try_from(since).unwrap_or(0).saturating_mul(10_000_000)
}

/// The stream of properties, which have ascending numbers.
pub(super) fn property_set(properties: &[(u32, Property)]) -> Vec<u8> {
    let mut places = Vec::new();
    let mut values = Vec::new();
    let start = 8 + 8 * properties.len();
    for (number, property) in properties {
        places.extend(number.to_le_bytes());
        places.extend(((start + values.len()) as u32).to_le_bytes());
        values.extend(property.bytes());
    }
    let mut bytes = vec![0xfe, 0xff, 0, 0];
    // The system is Windows.
    bytes.extend(0x0002_0006u32.to_le_bytes());
    bytes.extend([0; 16]);
    bytes.extend(1u32.to_le_bytes());
    bytes.extend(FORMAT);
    bytes.extend(SECTION.to_le_bytes());
    bytes.extend(((start + values.len()) as u32).to_le_bytes());
    bytes.extend((properties.len() as u32).to_le_bytes());
    bytes.extend(places);
    bytes.extend(values);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_count_from_1601() {
        assert_eq!(file_time(-11_644_473_600), 0);
        // Microsoft's documentation has this one of 2018-01-01.
        assert_eq!(file_time(1_514_764_800), 131_592_384_000_000_000);
    }

    #[test]
    fn values_start_at_multiples_of_four() {
        let text = Property::Text("abcde".to_owned());
        let set = property_set(&[
            (1, Property::Short(7)),
            (2, text),
            (15, Property::Number(2)),
        ]);
        assert_eq!(set.len(), 48 + 8 + 24 + 8 + (8 + 8) + 8);
        assert_eq!(set[48..52], 64u32.to_le_bytes());
    }
}
