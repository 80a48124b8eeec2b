//! A report in the notations of systems that run CI.

use serde::Serialize;

use super::report::{GateReport, Outcome, Report};
use crate::model::digest::Sha256Sum;
use crate::model::plist::escaped;

/// A system that shows findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notation {
    /// Commands in a log, which GitHub Actions shows as annotations ("Workflow commands for GitHub Actions").
    GitHub,
    /// The JSON of GitLab's code quality reports ("Code Quality", "Code Quality report format").
    GitLab,
    /// The XML of JUnit, in the elements that Jenkins, GitLab and others read.
    JUnit,
}

/// What is wrong with a release, in one of the notations.
pub fn annotations(report: &Report, notation: Notation) -> String {
    match notation {
        Notation::GitHub => github(report),
        Notation::GitLab => gitlab(report),
        Notation::JUnit => junit(report),
    }
}

/// A problem of a gate: where it is, and what it is.
struct Problem<'r> {
    place: &'r str,
    words: String,
}

/// The findings of a gate, or why it could not be run.
fn problems(gate: &GateReport) -> Vec<Problem<'_>> {
    let findings = gate.findings.iter().map(|finding| Problem {
        place: &finding.place,
        words: format!("found {}; expected {}", finding.found, finding.expected),
    });
    let error = match gate.outcome {
        Outcome::Error => gate.reason.as_deref(),
        _ => None,
    };
    let error = error.map(|reason| Problem {
        place: "",
        words: format!("the gate could not run: {reason}"),
    });
    findings.chain(error).collect()
}

fn github(report: &Report) -> String {
    // The system's own escapes. A line break would end the command, and what follows could be another one.
    let data = |text: &str| {
        text.replace('%', "%25")
            .replace('\r', "%0D")
            .replace('\n', "%0A")
    };
    let property = |text: &str| data(text).replace(':', "%3A").replace(',', "%2C");
    let mut text = String::new();
    for gate in &report.gates {
        for problem in problems(gate) {
            let title = match problem.place {
                "" => gate.gate.to_owned(),
                place => format!("{}: {place}", gate.gate),
            };
            text += &format!(
                "::error title={}::{}\n",
                property(&title),
                data(&problem.words)
            );
        }
    }
    let is_bad = |gate: &&GateReport| matches!(gate.outcome, Outcome::Fail | Outcome::Error);
    let bad = report.gates.iter().filter(is_bad).count();
    text + &format!(
        "{bad} of {} gates refused {} {}\n",
        report.gates.len(),
        report.name,
        report.version
    )
}

#[derive(Serialize)]
struct Quality<'r> {
    description: String,
    check_name: &'r str,
    fingerprint: String,
    severity: &'static str,
    location: Location<'r>,
}

#[derive(Serialize)]
struct Location<'r> {
    path: &'r str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
}

fn gitlab(report: &Report) -> String {
    let mut issues = Vec::new();
    for gate in &report.gates {
        for problem in problems(gate) {
            let identity = format!("{}\0{}\0{}", gate.gate, problem.place, problem.words);
            issues.push(Quality {
                description: problem.words,
                check_name: &gate.gate,
                fingerprint: Sha256Sum::of(identity.as_bytes()).to_string(),
                severity: if gate.outcome == Outcome::Error {
                    "blocker"
                } else {
                    "major"
                },
                // A path is wanted, and a line; an artifact has none.
                location: Location {
                    path: if problem.place.is_empty() {
                        super::RECORD
                    } else {
                        problem.place
                    },
                    lines: Lines { begin: 1 },
                },
            });
        }
    }
    crate::output::json::to_text(&issues)
}

fn junit(report: &Report) -> String {
    let count = |outcome: Outcome| {
        report
            .gates
            .iter()
            .filter(|gate| gate.outcome == outcome)
            .count()
    };
    let numbers = format!(
        "tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\"",
        report.gates.len(),
        count(Outcome::Fail),
        count(Outcome::Error),
        count(Outcome::NotApplicable)
    );
    let name = xml(&format!("{} {}", report.name, report.version));
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {numbers}>\n  <testsuite name=\"{name}\" {numbers}>\n"
    );
    for gate in &report.gates {
        text += &format!(
            "    <testcase classname=\"sealift.gate\" name=\"{}\"",
            xml(&gate.gate)
        );
        let reason = xml(gate.reason.as_deref().unwrap_or_default());
        match gate.outcome {
            Outcome::Pass => {
                text += "/>\n";
                continue;
            }
            Outcome::NotApplicable => {
                text += &format!(">\n      <skipped message=\"{reason}\"/>\n")
            }
            Outcome::Error => text += &format!(">\n      <error message=\"{reason}\"/>\n"),
            Outcome::Fail => {
                let lines = problems(gate)
                    .into_iter()
                    .map(|p| xml(&format!("{}: {}", p.place, p.words)));
                let lines: Vec<_> = lines.collect();
                let number = match lines.len() {
                    1 => "1 finding".to_owned(),
                    several => format!("{several} findings"),
                };
                let message = format!("{number}; expected: {}", xml(&gate.summary));
                text += &format!(
                    ">\n      <failure message=\"{message}\">{}</failure>\n",
                    lines.join("\n")
                );
            }
        }
        text += "    </testcase>\n";
    }
    text + "  </testsuite>\n</testsuites>\n"
}

/// Text for elements and attributes of XML 1.0, which has no words for most control characters.
fn xml(text: &str) -> String {
    let mut out = String::new();
    for c in escaped(text).chars() {
        match c {
            '"' => out += "&quot;",
            '\t' | '\n' | '\r' => out += &format!("&#{};", u32::from(c)),
            '\0'..='\x1f' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::{GateFinding, GateLimits};
    use crate::model::schema::Schema;

    fn gate(
        name: &'static str,
        outcome: Outcome,
        reason: Option<&str>,
        places: &[&str],
    ) -> GateReport {
        let finding = |place: &&str| GateFinding {
            place: (*place).to_owned(),
            found: "5 % <more>".to_owned(),
            expected: "\"less\"".to_owned(),
        };
        GateReport {
            gate: name.to_owned(),
            summary: "all is well".to_owned(),
            outcome,
            findings: places.iter().map(finding).collect(),
            reason: reason.map(str::to_owned),
            waived: Vec::new(),
            exhibits: Vec::new(),
        }
    }

    fn report() -> Report {
        Report {
            schema: Schema::default(),
            name: "hello".to_owned(),
            version: "1.2.3".to_owned(),
            outcome: Outcome::Error,
            gates: vec![
                gate("macos", Outcome::NotApplicable, Some("no program"), &[]),
                gate("packages", Outcome::Error, Some("cannot read `a`"), &[]),
                gate(
                    "size",
                    Outcome::Fail,
                    None,
                    &["artifacts/a, b", "x\n::stop-commands::y"],
                ),
                gate("static", Outcome::Pass, None, &[]),
            ],
            unused_waivers: Vec::new(),
            limits: GateLimits::default().to_map(),
            commit: None,
            dirty: false,
            date: None,
            artifacts: Vec::new(),
        }
    }

    #[test]
    fn commands_have_no_line_breaks_but_their_own() {
        let expected = "\
::error title=packages::the gate could not run: cannot read `a`
::error title=size%3A artifacts/a%2C b::found 5 %25 <more>; expected \"less\"
::error title=size%3A x%0A%3A%3Astop-commands%3A%3Ay::found 5 %25 <more>; expected \"less\"
2 of 4 gates refused hello 1.2.3
";
        assert_eq!(annotations(&report(), Notation::GitHub), expected);
    }

    #[test]
    fn each_problem_has_a_path_a_severity_and_a_sum_of_its_own() {
        let text = annotations(&report(), Notation::GitLab);
        let issues: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let field = |name: &str| -> Vec<_> {
            let list = issues.as_array().expect("a list").iter();
            list.map(|issue| issue.pointer(name).expect("it is there").clone())
                .collect()
        };
        assert_eq!(field("/check_name"), ["packages", "size", "size"]);
        assert_eq!(field("/severity"), ["blocker", "major", "major"]);
        assert_eq!(
            field("/location/path"),
            ["release.json", "artifacts/a, b", "x\n::stop-commands::y"]
        );
        let sums: std::collections::BTreeSet<_> = field("/fingerprint")
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(sums.len(), 3);
        // The same in the next run.
        assert_eq!(text, annotations(&report(), Notation::GitLab));
    }

    #[test]
    fn every_gate_is_a_test_case() {
        let expected = "\
<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<testsuites tests=\"4\" failures=\"1\" errors=\"1\" skipped=\"1\">
  <testsuite name=\"hello 1.2.3\" tests=\"4\" failures=\"1\" errors=\"1\" skipped=\"1\">
    <testcase classname=\"sealift.gate\" name=\"macos\">
      <skipped message=\"no program\"/>
    </testcase>
    <testcase classname=\"sealift.gate\" name=\"packages\">
      <error message=\"cannot read `a`\"/>
    </testcase>
    <testcase classname=\"sealift.gate\" name=\"size\">
      <failure message=\"2 findings; expected: all is well\">artifacts/a, b: found 5 % &lt;more&gt;; expected &quot;less&quot;
x&#10;::stop-commands::y: found 5 % &lt;more&gt;; expected &quot;less&quot;</failure>
    </testcase>
    <testcase classname=\"sealift.gate\" name=\"static\"/>
  </testsuite>
</testsuites>
";
        assert_eq!(annotations(&report(), Notation::JUnit), expected);
        assert_eq!(xml("a\0b\x1b"), "a\u{fffd}b\u{fffd}");
    }
}
