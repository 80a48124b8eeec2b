//! A report for people at a terminal: a table, and below it the findings.

use sealift::gate::report::{GateReport, Report, counted};

use super::text::printable;

/// How wide the text is at most, unless a word is longer.
const WIDTH: usize = 80;
/// How wide the column of the gates' names is at most.
const NAME: usize = 20;
/// How far a line is indented at most.
const INDENT: usize = 9 + NAME;

/// The table of the gates, their findings, and the verdict.
pub fn to_text(report: &Report) -> String {
    let mut text = String::new();
    let names = report.gates.iter().map(|gate| gate.gate.chars().count());
    let width = names.max().unwrap_or(0).min(NAME);
    for gate in &report.gates {
        let start = format!("{:5}  {:width$}  ", gate.outcome.word(), gate.gate);
        put(&mut text, &start, gate.about());
    }
    for gate in &report.gates {
        findings(&mut text, gate, width);
    }
    for waiver in &report.unused_waivers {
        let note = format!(
            "the waiver of `{}` for `{}` accepts nothing",
            waiver.gate, waiver.place
        );
        text.push('\n');
        put(&mut text, "note   ", &note);
    }
    text.push('\n');
    put(&mut text, "", &format!("{}.", report.verdict()));
    text
}

/// What one gate says.
pub fn gate_to_text(gate: &GateReport) -> String {
    let mut text = String::new();
    let width = gate.gate.chars().count().min(NAME);
    let start = format!("{:5}  {:width$}  ", gate.outcome.word(), gate.gate);
    put(&mut text, &start, gate.about());
    findings(&mut text, gate, width);
    text
}

fn findings(text: &mut String, gate: &GateReport, width: usize) {
    let number = match (gate.findings.len(), gate.waived.len()) {
        (0, 0) => return,
        (number, 0) => counted(number, "finding"),
        (0, waived) => format!("{} waived", counted(waived, "finding")),
        (number, waived) => format!("{}, and {waived} waived", counted(number, "finding")),
    };
    text.push('\n');
    let start = format!("{:5}  {:width$}  ", gate.outcome.word(), gate.gate);
    put(text, &start, &number);
    for finding in &gate.findings {
        put(text, &" ".repeat(7), &finding.place);
        put(text, "         found     ", &finding.found);
        put(text, "         expected  ", &finding.expected);
    }
    for waived in &gate.waived {
        put(text, &" ".repeat(7), &waived.finding.place);
        put(text, "         found     ", &waived.finding.found);
        put(text, "         waived    ", &waived.reason);
    }
}

/// Adds a text behind the start of its first line, wrapped below itself.
fn put(text: &mut String, start: &str, content: &str) {
    // A line break in a file name must not look like the next gate's line.
    let content = printable(&content.replace('\n', "\\n"));
    let indent = start.chars().count().min(INDENT);
    let start = printable(start).replace('\n', "\\n");
    let room = WIDTH.saturating_sub(indent).max(20);
    for (index, line) in wrapped(&content, room).into_iter().enumerate() {
        match index {
            0 => text.push_str(&start),
            _ => text.push_str(&" ".repeat(indent)),
        }
        text.push_str(&line);
        text.push('\n');
    }
}

/// Lines of a text that are broken at spaces, where they are longer than there is room.
pub fn wrapped(text: &str, room: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut length = 0;
    for word in text.split_inclusive(' ') {
        let (whole, visible) = (word.chars().count(), word.trim_end().chars().count());
        if length > 0 && length + visible > room {
            lines.push(String::new());
            length = 0;
        }
        length += whole;
        lines
            .last_mut()
            .expect("there is one from the start")
            .push_str(word);
    }
    let count = lines.len();
    let trimmed = lines
        .into_iter()
        .enumerate()
        .map(|(index, line)| match index + 1 == count {
            true => line,
            false => line.trim_end().to_owned(),
        });
    trimmed.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use sealift::gate::GateFinding;
    use sealift::gate::report::Outcome;

    fn report() -> Report {
        let json = serde_json::json!({
            "name": "hello", "version": "1.2.3", "outcome": "fail",
            "gates": [
                {"gate": "crash", "summary": "", "outcome": "not-applicable", "findings": [], "reason":
                    "no evidence of how programs end when they are killed is given; `sealift soak` makes it"},
                {"gate": "size", "summary": "downloads are small", "outcome": "fail", "reason": null, "findings": []},
            ],
        });
        let mut report: Report = serde_json::from_value(json).expect("a report");
        report.gates[1].outcome = Outcome::Fail;
        report.gates[1].findings.push(GateFinding {
            place: format!("artifacts/{}.deb: usr/bin/hello", "x".repeat(90)),
            found: "a number of bytes that takes more than a line to tell, as it is in words"
                .to_owned(),
            expected: "less than 5 bytes".to_owned(),
        });
        report
    }

    #[test]
    fn all_fits_80_columns_but_what_cannot_be_broken() {
        let expected = format!(
            "\
n/a    crash  no evidence of how programs end when they are killed is given;
              `sealift soak` makes it
FAIL   size   downloads are small

FAIL   size   1 finding
       artifacts/{}.deb:
       usr/bin/hello
         found     a number of bytes that takes more than a line to tell, as it
                   is in words
         expected  less than 5 bytes

hello 1.2.3 is refused by 1 of 2 gates with 1 finding.
",
            "x".repeat(90)
        );
        assert_eq!(to_text(&report()), expected);
    }

    #[test]
    fn the_words_are_those_of_the_page() {
        let report = report();
        let page = sealift::page::page(&report);
        assert!(page.contains(&format!("{}.", report.verdict())));
        for gate in &report.gates {
            assert!(page.contains(gate.about()), "{}", gate.about());
            assert!(page.contains(&format!(">{}</span>", gate.outcome.word())));
        }
    }

    #[test]
    fn spaces_within_a_line_are_kept() {
        assert_eq!(wrapped("a   b", 10), ["a   b"]);
        assert_eq!(wrapped("one two three", 8), ["one two", "three"]);
        assert_eq!(wrapped("", 8), [""]);
    }
}
