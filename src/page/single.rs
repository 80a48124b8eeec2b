//! The page of one release.

use super::document::document;
use super::figure::figure;
use super::markup::Markup;
use crate::gate::GateFinding;
use crate::gate::exhibit::Unit;
use crate::gate::report::{GateReport, Outcome, Report, ReportArtifact, counted};
use crate::gate::waiver::WaivedFinding;
use crate::output::json;

/// How many findings of a gate are shown before the others have to be asked for.
const SHOWN: usize = 20;

/// The page of a report.
pub fn page(report: &Report) -> String {
    let title = format!(
        "{} {}: {}",
        report.name,
        report.version,
        report.outcome.word()
    );
    document(&title, |markup| {
        head(markup, report);
        markup.raw("<main id=\"content\">\n");
        verdict(markup, report);
        checklist(markup, report);
        artifacts(markup, &report.artifacts);
        markup.raw("<h2 class=\"group\">Gates</h2>\n");
        for (index, gate) in report.gates.iter().enumerate() {
            section(markup, index, gate, report);
        }
        markup.raw("</main>\n");
    })
}

/// The class of an outcome.
pub(super) fn class_of(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::NotApplicable => "not-applicable",
        Outcome::Pass => "pass",
        Outcome::Fail => "fail",
        Outcome::Error => "error",
    }
}

/// An outcome's word.
pub(super) fn badge(markup: &mut Markup, outcome: Outcome) {
    let class = format!("outcome {}", class_of(outcome));
    markup.leaf("span", &[("class", &class)], outcome.word());
}

fn head(markup: &mut Markup, report: &Report) {
    markup.raw("<header class=\"top\">\n<p class=\"kicker\">Release report</p>\n");
    markup.within("h1", &[], |markup| {
        markup.text(&report.name);
        markup.text(" ");
        markup.leaf("span", &[], &report.version);
    });
    markup.raw("\n<p class=\"facts\">");
    if let Some(date) = report.date {
        fact(markup, "dated", &Unit::Date.text(date as f64));
    }
    if let Some(commit) = &report.commit {
        markup.raw("<span>commit ");
        markup.leaf("code", &[], commit);
        markup.raw("</span>");
    }
    if !report.artifacts.is_empty() {
        let number = counted(report.artifacts.len(), "artifact");
        fact(
            markup,
            &number,
            &Unit::Bytes.text(report.total_size() as f64),
        );
    }
    markup.raw("</p>\n</header>\n");
}

/// A word with what it is about.
pub(super) fn fact(markup: &mut Markup, name: &str, value: &str) {
    markup.within("span", &[], |markup| {
        markup.text(name);
        markup.text(" ");
        markup.leaf("b", &[], value);
    });
}

fn verdict(markup: &mut Markup, report: &Report) {
    let class = format!("verdict {}", class_of(report.outcome));
    markup.within("div", &[("class", &class)], |markup| {
        badge(markup, report.outcome);
        markup.leaf("p", &[], format!("{}.", report.verdict()));
    });
    if report.dirty {
        markup.raw("<p class=\"warning\">The source had changes that are in no commit, so that nobody can make this release again.</p>");
    }
    markup.line();
}

fn checklist(markup: &mut Markup, report: &Report) {
    markup.raw("<section>\n<h2>Checklist</h2>\n<div class=\"card plain\"><table class=\"stack checklist\" role=\"table\">\n");
    headings(markup, &["outcome", "gate", "what it says", "evidence"]);
    markup.raw("<tbody>\n");
    for (index, gate) in report.gates.iter().enumerate() {
        markup.within("tr", &[("role", &"row")], |markup| {
            markup.within("td", &[("role", &"cell")], |markup| {
                badge(markup, gate.outcome)
            });
            markup.within("td", &[("role", &"cell")], |markup| {
                markup.leaf("a", &[("href", &format!("#gate-{index}"))], &gate.gate);
            });
            markup.leaf("td", &[("role", &"cell")], gate.about());
            let evidence = evidence(gate);
            markup.leaf("td", &[("role", &"cell"), ("class", &"evidence")], evidence);
        });
        markup.line();
    }
    markup.raw("</tbody></table></div>\n</section>\n");
}

/// Headings with their roles, which tables that become blocks would lose.
pub(super) fn headings(markup: &mut Markup, names: &[&str]) {
    markup.within("thead", &[("role", &"rowgroup")], |markup| {
        markup.within("tr", &[("role", &"row")], |markup| {
            for name in names {
                markup.leaf("th", &[("role", &"columnheader"), ("scope", &"col")], name);
            }
        });
    });
}

/// What there is to see of a gate, in a few words.
fn evidence(gate: &GateReport) -> String {
    let findings = match gate.findings.len() {
        0 => None,
        number => Some(counted(number, "finding")),
    };
    let waived = match gate.waived.len() {
        0 => None,
        number => Some(format!("{} waived", counted(number, "finding"))),
    };
    let titles = gate.exhibits.iter().map(|exhibit| exhibit.title.clone());
    let all: Vec<_> = findings.into_iter().chain(waived).chain(titles).collect();
    match all.len() {
        ..=3 => all.join(" · "),
        more => format!("{} · {} more", all[..2].join(" · "), more - 2),
    }
}

fn artifacts(markup: &mut Markup, artifacts: &[ReportArtifact]) {
    if artifacts.is_empty() {
        return;
    }
    markup.raw("<section>\n<h2>Artifacts</h2>\n<div class=\"card plain\"><table class=\"stack\" role=\"table\">\n");
    headings(markup, &["file, SHA-256", "for", "size"]);
    markup.raw("<tbody>\n");
    for artifact in artifacts {
        markup.within("tr", &[("role", &"row")], |markup| {
            markup.within("td", &[("role", &"cell")], |markup| {
                markup.leaf("code", &[], &artifact.file);
                markup.leaf("span", &[("class", &"sum mono")], &artifact.sha256);
            });
            let target = artifact.target.as_deref().unwrap_or("several targets");
            let place = format!("{}, {target}", artifact.format);
            markup.leaf("td", &[("role", &"cell"), ("class", &"where")], place);
            markup.within("td", &[("role", &"cell"), ("class", &"size")], |markup| {
                markup.text(Unit::Bytes.text(artifact.size as f64));
                let exact = format!("{} bytes", Unit::Count.text(artifact.size as f64));
                markup.leaf("small", &[], exact);
            });
        });
        markup.line();
    }
    markup.raw("</tbody></table></div>\n</section>\n");
}

fn section(markup: &mut Markup, index: usize, gate: &GateReport, report: &Report) {
    let id = format!("gate-{index}");
    markup.within("section", &[("class", &"card"), ("id", &id)], |markup| {
        markup.within("div", &[("class", &"gate-head")], |markup| {
            markup.leaf("h2", &[], &gate.gate);
            badge(markup, gate.outcome);
        });
        markup.leaf("p", &[("class", &"summary")], &gate.summary);
        if let Some(reason) = &gate.reason {
            markup.leaf("p", &[("class", &"reason")], reason);
        }
        findings(markup, &gate.findings);
        waived(markup, &gate.waived);
        for exhibit in &gate.exhibits {
            figure(markup, exhibit);
        }
        limits(markup, gate, report);
    });
    markup.line();
}

fn findings(markup: &mut Markup, findings: &[GateFinding]) {
    if findings.is_empty() {
        return;
    }
    let (shown, more) = findings.split_at(findings.len().min(SHOWN));
    list(markup, shown);
    if !more.is_empty() {
        markup.within("details", &[], |markup| {
            let text = format!("{} more", counted(more.len(), "finding"));
            markup.leaf("summary", &[], text);
            list(markup, more);
        });
    }
}

fn list(markup: &mut Markup, findings: &[GateFinding]) {
    markup.within("ul", &[("class", &"findings")], |markup| {
        for finding in findings {
            markup.within("li", &[("class", &"finding")], |markup| {
                markup.leaf("code", &[], &finding.place);
                markup.raw("<dl><div><dt>found</dt>");
                markup.leaf("dd", &[], &finding.found);
                markup.raw("</div><div><dt>expected</dt>");
                markup.leaf("dd", &[], &finding.expected);
                markup.raw("</div></dl>");
            });
        }
    });
}

/// What is wrong and accepted, with the reasons.
fn waived(markup: &mut Markup, waived: &[WaivedFinding]) {
    if waived.is_empty() {
        return;
    }
    markup.within("details", &[], |markup| {
        let text = format!("{} waived", counted(waived.len(), "finding"));
        markup.leaf("summary", &[], text);
        markup.within("ul", &[("class", &"findings")], |markup| {
            for each in waived {
                markup.within("li", &[("class", &"finding")], |markup| {
                    markup.leaf("code", &[], &each.finding.place);
                    markup.raw("<dl><div><dt>found</dt>");
                    markup.leaf("dd", &[], &each.finding.found);
                    markup.raw("</div><div><dt>waived</dt>");
                    let until = each.until.as_ref();
                    let until = until.map_or(String::new(), |day| format!(" (until {day})"));
                    markup.leaf("dd", &[], format!("{}{until}", each.reason));
                    markup.raw("</div></dl>");
                });
            }
        });
    });
}

/// What the gate was told, where it was told anything.
fn limits(markup: &mut Markup, gate: &GateReport, report: &Report) {
    let Some(limits) = report.limits.get(&gate.gate) else {
        return;
    };
    if limits.as_object().is_some_and(serde_json::Map::is_empty) {
        return;
    }
    markup.within("details", &[], |markup| {
        markup.raw("<summary>The limits that were applied</summary><pre><code>");
        markup.text(json::to_text(limits).trim_end());
        markup.raw("</code></pre>");
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::exhibit::{Amount, Axis, Curve, Exhibit, ExhibitContent, ExhibitPart};
    use crate::model::schema::Schema;

    const HOSTILE: &str = "</title></svg><script>alert(1)</script>\" onload='x' {{";

    fn exhibits(text: &str) -> Vec<Exhibit> {
        let text = || text.to_owned();
        let axis = |unit| Axis {
            label: text(),
            unit,
        };
        let part = |parts| ExhibitPart {
            label: text(),
            value: 5.0,
            parts,
        };
        let contents = [
            ExhibitContent::Amounts {
                unit: Unit::Bytes,
                amounts: vec![Amount {
                    label: text(),
                    value: 1.0,
                    limit: Some(2.0),
                }],
            },
            ExhibitContent::Samples {
                unit: Unit::Seconds,
                samples: vec![1.0, 2.0],
                limit: Some(3.0),
            },
            ExhibitContent::Curves {
                x: axis(Unit::Date),
                y: axis(Unit::Percent),
                curves: vec![Curve {
                    label: text(),
                    points: vec![(0.0, 1.0), (1.0, 2.0)],
                }],
                limit: Some(3.0),
            },
            ExhibitContent::Treemap {
                unit: Unit::Count,
                parts: vec![part(vec![part(Vec::new())])],
            },
            ExhibitContent::Table {
                columns: vec![text()],
                rows: vec![vec![text()]],
            },
        ];
        let exhibit = |content| Exhibit {
            title: text(),
            note: text(),
            content,
        };
        contents.into_iter().map(exhibit).collect()
    }

    fn report(text: &str) -> Report {
        let finding = GateFinding {
            place: text.to_owned(),
            found: text.to_owned(),
            expected: text.to_owned(),
        };
        let gate = GateReport {
            gate: text.to_owned(),
            summary: text.to_owned(),
            outcome: Outcome::Fail,
            findings: vec![finding; SHOWN + 2],
            reason: Some(text.to_owned()),
            waived: Vec::new(),
            exhibits: exhibits(text),
        };
        let artifact = ReportArtifact {
            file: text.to_owned(),
            target: Some(text.to_owned()),
            format: text.to_owned(),
            size: 1_234_567,
            sha256: text.to_owned(),
        };
        let limits = serde_json::json!({ text: { text: text } });
        Report {
            schema: Schema::default(),
            name: text.to_owned(),
            version: text.to_owned(),
            commit: Some(text.to_owned()),
            dirty: true,
            date: Some(0),
            outcome: Outcome::Fail,
            artifacts: vec![artifact],
            gates: vec![gate],
            unused_waivers: Vec::new(),
            limits: limits.as_object().expect("an object").clone(),
        }
    }

    #[test]
    fn nothing_that_a_report_says_becomes_an_element_or_an_attribute() {
        let (hostile, harmless) = (page(&report(HOSTILE)), page(&report("x")));
        let tags = |page: &str| page.matches('<').count();
        assert!(!hostile.contains("<script") && !hostile.contains("onload='"));
        // The same elements, except for lines of labels that fit or not.
        let labels = |page: &str| page.matches("<text class=\"tile").count();
        assert_eq!(
            tags(&hostile) - 2 * labels(&hostile),
            tags(&harmless) - 2 * labels(&harmless)
        );
        let escaped = "&lt;script&gt;alert(1)&lt;/script&gt;&quot; onload=&#39;x&#39;";
        assert!(hostile.matches(escaped).count() > 30);
    }

    #[test]
    fn nothing_is_fetched_or_run() {
        let page = page(&report("x"));
        assert!(page.contains("default-src 'none'"));
        for word in [
            "http:", "https:", "//", "src=", "url(", "@import", "<script", "<link", " on",
        ] {
            let rest = page.replace("http-equiv", "");
            let found = rest.match_indices(word).find(|(at, _)| {
                let line = rest[*at..].chars().take(12).collect::<String>();
                word != " on"
                    || line[3..]
                        .split_once('=')
                        .is_some_and(|(name, _)| name.chars().all(char::is_alphabetic))
            });
            assert!(found.is_none(), "{word}");
        }
    }

    #[test]
    fn the_same_report_gives_the_same_bytes_with_the_verdict_before_the_rest() {
        let report = report("x");
        let page = super::page(&report);
        assert_eq!(page, super::page(&report));
        let at = |text: &str| page.find(text).unwrap_or_else(|| panic!("no {text}"));
        assert!(at("x x is refused by 1 of 1 gate with 22 findings.") < at("<h2>Checklist</h2>"));
        assert!(at("<h2>Checklist</h2>") < at("<h2>Artifacts</h2>"));
        assert!(page.contains("<summary>2 findings more</summary>"));
        assert!(page.contains("1,234,567 bytes"));
        assert!(page.contains("changes that are in no commit"));
        assert_eq!(page.matches("<figure>").count(), 5);
        assert_eq!(
            page.matches("role=\"img\"").count(),
            page.matches("<desc>").count()
        );
    }
}
