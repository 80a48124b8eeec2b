//! The normalizations that every corpus knows, in one table.

use super::Surroundings;

/// One of them.
#[derive(Debug)]
pub(in crate::parity) struct Builtin {
    /// Its name in `normalize`.
    pub(in crate::parity) name: &'static str,
    /// What stands for each match.
    pub(in crate::parity) replacement: &'static str,
    /// How many bytes match at an offset.
    pub(in crate::parity) matches: fn(&[u8], usize, &Surroundings) -> Option<usize>,
}

/// All of them, sorted by name.
pub(in crate::parity) const BUILTINS: &[Builtin] = &[
    Builtin {
        name: "dates",
        replacement: "{date}",
        matches: |bytes, at, _| Cursor::at_word(bytes, at)?.date()?.end_of_number(),
    },
    Builtin {
        name: "durations",
        replacement: "{duration}",
        matches: |bytes, at, _| Cursor::at_word(bytes, at)?.duration(),
    },
    Builtin {
        name: "iso-times",
        replacement: "{time}",
        matches: |bytes, at, _| Cursor::at_word(bytes, at)?.time(),
    },
    Builtin {
        name: "program-name",
        replacement: "{program}",
        matches: program,
    },
    Builtin {
        name: "temporary-directory",
        replacement: "{tmp}",
        matches: temporary,
    },
    Builtin {
        name: "working-directory",
        replacement: "{dir}",
        matches: |bytes, at, around| prefix(&bytes[at..], &around.directories),
    },
];

fn prefix(bytes: &[u8], candidates: &[Vec<u8>]) -> Option<usize> {
    let found = candidates
        .iter()
        .find(|candidate| bytes.starts_with(candidate));
    Some(found?.len())
}

/// The directory, with the name in it that programs make up.
fn temporary(bytes: &[u8], at: usize, around: &Surroundings) -> Option<usize> {
    let directory = prefix(&bytes[at..], &around.temporary)?;
    let rest = &bytes[at + directory..];
    let is_named = |byte: &u8| is_word(*byte) || matches!(byte, b'.' | b'-');
    let name = match rest.strip_prefix(b"/") {
        Some(rest) => rest.iter().take_while(|byte| is_named(byte)).count(),
        None => 0,
    };
    Some(directory + if name > 0 { 1 + name } else { 0 })
}

/// The path or the name, if nothing goes on before or after it.
fn program(bytes: &[u8], at: usize, around: &Surroundings) -> Option<usize> {
    let goes_on = |byte: u8| is_word(byte) || matches!(byte, b'-' | b'/');
    let before = at.checked_sub(1).map(|before| bytes[before]);
    if before.is_some_and(|byte| goes_on(byte) || byte == b'.') {
        return None;
    }
    let is_it = |candidate: &&Vec<u8>| {
        let rest = bytes[at..].strip_prefix(candidate.as_slice());
        !candidate.is_empty()
            && rest.is_some_and(|rest| !rest.first().is_some_and(|byte| goes_on(*byte)))
    };
    Some(around.program.iter().find(is_it)?.len())
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii()
}

/// A place in bytes that reading goes on from.
#[derive(Clone, Copy)]
struct Cursor<'a> {
    bytes: &'a [u8],
    start: usize,
    at: usize,
}

impl<'a> Cursor<'a> {
    /// A place where a number can begin.
    fn at_word(bytes: &'a [u8], at: usize) -> Option<Self> {
        let before = at.checked_sub(1).map(|before| bytes[before]);
        let is_inside = before.is_some_and(|byte| is_word(byte) || matches!(byte, b'.' | b'-'));
        let is_digit = bytes.get(at).is_some_and(u8::is_ascii_digit);
        (is_digit && !is_inside).then_some(Self {
            bytes,
            start: at,
            at,
        })
    }

    fn rest(&self) -> &'a [u8] {
        &self.bytes[self.at..]
    }

    fn length(&self) -> usize {
        self.at - self.start
    }

    /// Goes on behind one of some bytes.
    fn one_of(mut self, choices: &[u8]) -> Option<Self> {
        let next = self.rest().first()?;
        self.at += 1;
        choices.contains(next).then_some(self)
    }

    /// Goes on behind a text.
    fn text(mut self, text: &str) -> Option<Self> {
        let is_there = self.rest().starts_with(text.as_bytes());
        self.at += text.len();
        is_there.then_some(self)
    }

    /// Goes on behind a number of some digits, which is not more than a limit.
    fn number(mut self, digits: usize, most: u32) -> Option<Self> {
        let found = self.rest().get(..digits)?;
        let all = found.iter().all(u8::is_ascii_digit);
        let text = std::str::from_utf8(found).ok()?;
        self.at += digits;
        (all && text.parse::<u32>().ok()? <= most).then_some(self)
    }

    /// Goes on behind at least one digit.
    fn digits(mut self) -> Option<Self> {
        let count = self
            .rest()
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        self.at += count;
        (count > 0).then_some(self)
    }

    fn or(self, next: Option<Self>) -> Self {
        next.unwrap_or(self)
    }

    /// The length, if no digit follows.
    fn end_of_number(self) -> Option<usize> {
        let follows = self.rest().first().is_some_and(u8::is_ascii_digit);
        (!follows).then(|| self.length())
    }

    /// `2024-01-31`.
    fn date(self) -> Option<Self> {
        let month = self.number(4, 9999)?.text("-")?.number(2, 12)?;
        month.text("-")?.number(2, 31)
    }

    /// `2024-01-31T10:20:30.5+01:00`; a blank for the `T`, and no seconds, fraction or zone, are possible.
    fn time(self) -> Option<usize> {
        let minutes = self
            .date()?
            .one_of(b"T ")?
            .number(2, 24)?
            .text(":")?
            .number(2, 59)?;
        let seconds = minutes.text(":").and_then(|next| next.number(2, 60));
        let time = match seconds {
            Some(seconds) => seconds.or(seconds.one_of(b".,").and_then(Self::digits)),
            None => minutes,
        };
        let zone = time.or(time.text(" "));
        let name = zone.text("Z").or_else(|| zone.text("UTC"));
        let hours = zone.one_of(b"+-").and_then(|next| next.number(2, 23));
        let offset = hours.map(|hours| {
            let colon = hours.or(hours.text(":"));
            hours.or(colon.number(2, 59))
        });
        time.or(name.or(offset)).end_of_number()
    }

    /// A number with a unit of time, such as `1.5 ms`, or `0m0.003s` as the shell writes it.
    fn duration(self) -> Option<usize> {
        // The longest of each beginning comes first.
        const UNITS: [&str; 13] = [
            "seconds", "second", "secs", "sec", "minutes", "minute", "mins", "min", "ms", "ns",
            "us", "µs", "s",
        ];
        let whole = self.digits()?;
        let whole = whole.or(whole.text("m").and_then(Self::digits));
        let number = whole.or(whole.text(".").and_then(Self::digits));
        let number = number.or(number.text(" "));
        let ends = |unit: Self| !unit.rest().first().is_some_and(|byte| is_word(*byte));
        let mut units = UNITS.iter().filter_map(|unit| number.text(unit));
        Some(units.find(|unit| ends(*unit))?.length())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(BUILTINS.is_sorted_by_key(|builtin| builtin.name));
    }
}
