//! What gates there are: for people, for programs, and as a page of the documentation.

use std::fmt::Write;

use serde::Serialize;
use serde_json::Value;

use super::{GATES, GateLimits, GateRow};

/// A gate, as it is described.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Described {
    /// The name in manifests and reports.
    pub gate: &'static str,
    /// What it is about, in one line.
    pub summary: &'static str,
    /// What to do about its findings.
    pub fix: &'static str,
    /// Its limits, where a manifest says nothing.
    pub defaults: Value,
}

/// Every gate, sorted by name.
pub fn described() -> Vec<Described> {
    let defaults = GateLimits::default().to_map();
    let describe = |row: &GateRow| Described {
        gate: row.name,
        summary: row.summary,
        fix: row.fix,
        defaults: defaults.get(row.name).cloned().unwrap_or_default(),
    };
    GATES.iter().map(describe).collect()
}

/// The gates for people.
pub fn to_text() -> String {
    let mut text = String::new();
    let mut line = |line: String| {
        text += &line;
        text.push('\n');
    };
    for (index, gate) in described().iter().enumerate() {
        if index > 0 {
            line(String::new());
        }
        line(gate.gate.to_owned());
        line(format!("  judges    {}", gate.summary));
        for default in limits(&gate.defaults) {
            line(format!("  default   {default}"));
        }
        line(format!("  to fix    {}", gate.fix));
    }
    text
}

/// The page of the documentation.
pub fn to_markdown() -> String {
    let mut text = include_str!("about.md").to_owned();
    for row in GATES {
        let (place, found, expected) = row.example;
        let GateRow {
            name, about, fix, ..
        } = row;
        write!(
            text,
            "## `{name}`\n\n{about}\nA finding:\n\n```text\n{place}\n  found     {found}\n  expected  {expected}\n```\n\n\
             To fix: {fix}.\n\n"
        )
        .expect("a string takes all text");
    }
    text + include_str!("release_directory.md")
}

/// Limits as `key = value`; of a long list, how long it is.
fn limits(defaults: &Value) -> Vec<String> {
    let keys = defaults.as_object().into_iter().flatten();
    let shown = |(key, value): (&String, &Value)| match value {
        Value::Array(values) if values.len() > 4 => format!("{key} = {} entries", values.len()),
        value => format!("{key} = {value}"),
    };
    keys.map(shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_has_every_gate_with_its_limits_and_what_to_do() {
        let text = to_text();
        for row in GATES {
            let entry = text.split("\n\n").find(|entry| entry.starts_with(row.name));
            let entry = entry.expect("the gate is there");
            assert!(
                entry.contains(row.summary) && entry.contains(row.fix),
                "{entry}"
            );
        }
        assert!(
            text.contains("  default   artifact-limit-bytes = 25000000\n"),
            "{text}"
        );
        assert!(
            text.contains("  default   windows-libraries = 76 entries\n"),
            "{text}"
        );
    }
}
