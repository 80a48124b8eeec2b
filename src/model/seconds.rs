//! Lengths of time as a manifest has them, in keys that end in `-seconds`.

use serde::de::{self, Deserialize, Deserializer, Visitor};

/// A length of time that something may take: more than nothing, and no more than a year.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, serde::Serialize)]
pub struct Seconds(f64);

/// A year.
const MOST: f64 = 31_536_000.0;

impl Seconds {
    /// A number of seconds; `None` if nothing can take that long.
    pub const fn new(seconds: f64) -> Option<Self> {
        // What is not a number is in no range.
        if seconds > 0.0 && seconds <= MOST {
            Some(Self(seconds))
        } else {
            None
        }
    }

    /// The number.
    pub fn get(self) -> f64 {
        self.0
    }
}

// It is never NaN.
impl Eq for Seconds {}

struct Number;

impl Visitor<'_> for Number {
    type Value = Seconds;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a number of seconds above 0 and up to {MOST}")
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Seconds, E> {
        let invalid = || E::invalid_value(de::Unexpected::Float(number), &self);
        Seconds::new(number).ok_or_else(invalid)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Seconds, E> {
        let invalid = || E::invalid_value(de::Unexpected::Signed(number), &self);
        Seconds::new(number as f64).ok_or_else(invalid)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Seconds, E> {
        let invalid = || E::invalid_value(de::Unexpected::Unsigned(number), &self);
        Seconds::new(number as f64).ok_or_else(invalid)
    }
}

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_f64(Number)
    }
}

impl schemars::JsonSchema for Seconds {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Seconds".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "number", "exclusiveMinimum": 0, "maximum": MOST })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nothing_can_take_is_refused() {
        let read = |text: &str| serde_json::from_str::<Seconds>(text);
        assert_eq!(read("0.1").expect("valid"), Seconds(0.1));
        assert_eq!(read("2").expect("valid"), Seconds(2.0));
        for text in ["0", "-1", "1e99", "-0.5", "\"100ms\"", "null"] {
            let error = read(text).expect_err("not a length of time").to_string();
            let expected = "expected a number of seconds above 0 and up to 31536000";
            assert!(error.contains(expected), "{text}: {error}");
        }
        assert_eq!(Seconds::new(f64::NAN), None);
        assert_eq!(Seconds::new(f64::INFINITY), None);
    }
}
