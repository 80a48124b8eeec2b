//! The last that a program printed, for messages. A program may print without end, so no more than that is kept.

use std::fmt;

use super::Output;

/// How much is kept.
const BYTES: usize = 4096;
/// How many lines are shown, and how long each is.
const LINES: usize = 5;
const LINE_CHARS: usize = 200;

/// The last lines of an output; nothing is known of one that was dropped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said(Option<Vec<u8>>);

impl Said {
    /// Of an output that is read, or dropped.
    pub(super) fn new(output: Output) -> Self {
        Self((output == Output::Kept).then(Vec::new))
    }

    pub(super) fn add(&mut self, output: &[u8]) {
        let Some(kept) = &mut self.0 else {
            return;
        };
        kept.extend(&output[output.len().saturating_sub(BYTES)..]);
        let surplus = kept.len().saturating_sub(BYTES);
        kept.drain(..surplus);
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(kept) = &self.0 else {
            return Ok(());
        };
        let text = String::from_utf8_lossy(kept);
        let lines: Vec<_> = text
            .lines()
            .filter(|line| !line.trim().is_empty())
            .collect();
        if lines.is_empty() {
            return f.write_str("; it printed nothing");
        }
        f.write_str("; the last that it printed:")?;
        for line in &lines[lines.len().saturating_sub(LINES)..] {
            let short: String = line.chars().take(LINE_CHARS).collect();
            write!(f, "\n  {short}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_are_kept() {
        let mut said = Said::new(Output::Kept);
        assert_eq!(said.to_string(), "; it printed nothing");
        for number in 0..10_000 {
            said.add(format!("line {number}\n").as_bytes());
        }
        said.add(&[b'x'; 100]);
        assert!(said.0.as_ref().is_some_and(|kept| kept.len() <= BYTES));
        let text = said.to_string();
        assert_eq!(text.lines().count(), 1 + LINES);
        assert!(
            text.starts_with("; the last that it printed:\n  line 9996\n"),
            "{text}"
        );
        said.add(&vec![b'y'; 1 << 20]);
        assert_eq!(said.0, Some(vec![b'y'; BYTES]));
        let mut dropped = Said::new(Output::Dropped);
        dropped.add(b"text");
        assert_eq!(dropped.to_string(), "");
    }
}
