//! Findings that a project accepts, each with its reason.

use serde::{Deserialize, Serialize};

use super::patterns::pattern;
use super::{GATES, GateFinding};
use crate::model::date;

/// An entry of `[[gates.waivers]]`: findings that refuse no release. The report shows them with the reason.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Waiver {
    /// The gate whose findings are accepted.
    pub gate: GateName,
    /// Where: the place of the findings as the report has it; a `*` matches any text.
    pub place: Pattern,
    /// What: only findings that found this; a `*` matches any text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<Pattern>,
    /// Why, for the people who read the report.
    pub reason: Reason,
    /// The last day that it is for, such as `2026-12-31`: the findings of a release with a later date count again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Day>,
}

/// A waiver that accepts nothing of a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnusedWaiver {
    /// The gate.
    pub gate: String,
    /// Where its findings would be.
    pub place: String,
    /// Why they would be accepted.
    pub reason: String,
}

/// A finding that a waiver accepts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaivedFinding {
    /// What was found.
    #[serde(flatten)]
    pub finding: GateFinding,
    /// Why it is accepted.
    pub reason: String,
    /// The last day that it is accepted on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

impl Waiver {
    /// Whether it accepts a finding of a release of some date, in seconds since the epoch.
    pub(super) fn accepts(&self, gate: &str, finding: &GateFinding, date: i64) -> bool {
        self.gate.0 == gate && self.is_valid_on(date) && self.describes(finding)
    }

    /// What a finding gets to hear of a waiver that is over.
    pub(super) fn over(&self, gate: &str, finding: &GateFinding, date: i64) -> Option<&str> {
        let day = self.until.as_ref()?;
        let is_over = self.gate.0 == gate && !self.is_valid_on(date) && self.describes(finding);
        is_over.then_some(day.0.as_str())
    }

    /// The finding with its reason.
    pub(super) fn waive(&self, finding: GateFinding) -> WaivedFinding {
        WaivedFinding {
            finding,
            reason: self.reason.0.clone(),
            until: self.until.as_ref().map(|day| day.0.clone()),
        }
    }

    /// What the report says of it if it accepts nothing.
    pub(super) fn to_unused(&self) -> UnusedWaiver {
        UnusedWaiver {
            gate: self.gate.0.clone(),
            place: self.place.0.clone(),
            reason: self.reason.0.clone(),
        }
    }

    fn is_valid_on(&self, date: i64) -> bool {
        // Both are the same digits in the same order, so texts compare as days do.
        let day = date::rfc3339(date);
        let until = self.until.as_ref();
        until.is_none_or(|until| day.get(..10).is_some_and(|day| day <= until.0.as_str()))
    }

    fn describes(&self, finding: &GateFinding) -> bool {
        let found = self.found.as_ref();
        self.place.matches(&finding.place)
            && found.is_none_or(|found| found.matches(&finding.found))
    }
}

pattern!(
    /// The name of a gate.
    GateName,
    {
        let names: Vec<_> = GATES.iter().map(|row| format!("`{}`", row.name)).collect();
        format!("the name of a gate: {}", names.join(", "))
    },
    |text| GATES.iter().any(|row| row.name == text)
);

pattern!(
    with_control
    /// A text in which each `*` stands for any text.
    Pattern,
    "a text, in which `*` matches any",
    |text| !text.is_empty()
);

pattern!(
    /// A sentence for people.
    Reason,
    "a reason, in one line",
    |text| !text.trim().is_empty()
);

pattern!(
    /// A day of the Gregorian calendar.
    Day,
    "a day such as `2026-12-31`",
    is_day
);

impl Pattern {
    /// Whether a whole text is as described.
    fn matches(&self, text: &str) -> bool {
        let mut parts = self.0.split('*');
        let first = parts.next().unwrap_or_default();
        let Some(mut rest) = text.strip_prefix(first) else {
            return false;
        };
        let Some(last) = parts.next_back() else {
            return rest.is_empty();
        };
        for part in parts {
            let Some(at) = rest.find(part) else {
                return false;
            };
            rest = &rest[at + part.len()..];
        }
        rest.ends_with(last)
    }
}

fn is_day(text: &str) -> bool {
    let number = |part: &str, digits: usize| {
        let is_number = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| part.parse::<u32>().ok()).flatten()
    };
    let parts: Vec<_> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else {
        return false;
    };
    let (Some(year), Some(month), Some(day)) = (number(year, 4), number(month, 2), number(day, 2))
    else {
        return false;
    };
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let last = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => 0,
    };
    (1..=last).contains(&day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::GateLimits;
    use crate::gate::report::Outcome;
    use crate::gate::testing::{release_of, report_with};

    fn waiver(text: &str) -> Result<Waiver, String> {
        toml::from_str(text).map_err(|error| error.message().to_owned())
    }

    fn limits(waiver: &str) -> GateLimits {
        let text = format!("[size]\nartifact-limit-bytes = 10\n[[waivers]]\n{waiver}");
        toml::from_str(&text).expect("valid limits")
    }

    #[test]
    fn a_waived_finding_refuses_nothing_and_is_shown_with_its_reason() {
        let project = release_of(b"text");
        let of_size = "gate = 'size'\nplace = 'artifacts/*.plain'\nreason = 'the fonts'";
        let report = report_with(&project, &limits(of_size));
        assert_eq!(report.outcome, Outcome::Pass);
        let size = report.gates.iter().find(|gate| gate.gate == "size");
        let size = size.expect("in the table");
        assert_eq!(size.findings, []);
        assert_eq!(size.waived.len(), 1);
        assert_eq!(size.waived[0].reason, "the fonts");
        assert!(report.unused_waivers.is_empty());

        let of_another = of_size.replace("size", "packages");
        let report = report_with(&project, &limits(&of_another));
        assert_eq!(report.outcome, Outcome::Fail);
        assert_eq!(report.unused_waivers.len(), 1);
    }

    #[test]
    fn a_waiver_ends_with_its_last_day() {
        let project = release_of(b"text");
        let until = |day: &str| {
            let text = format!("gate = 'size'\nplace = '*'\nreason = 'the fonts'\nuntil = '{day}'");
            let report = report_with(&project, &limits(&text));
            let size = report.gates.into_iter().find(|gate| gate.gate == "size");
            size.expect("in the table")
        };
        let release = crate::model::release::Release::read(&project.path("release"));
        let day = date::rfc3339(release.expect("valid").date)[..10].to_owned();
        assert_eq!(until(&day).outcome, Outcome::Pass);
        assert_eq!(until("9999-12-31").outcome, Outcome::Pass);
        let over = until("1969-12-31");
        assert_eq!(over.outcome, Outcome::Fail);
        assert_eq!(
            over.findings[0].expected,
            "less than 10 bytes; its waiver ended on 1969-12-31"
        );
    }

    #[test]
    fn a_pattern_matches_whole_texts() {
        let matches = |pattern: &str, text: &str| Pattern(pattern.to_owned()).matches(text);
        for (pattern, text) in [
            ("a", "a"),
            ("*", ""),
            ("*", "a"),
            ("a*", "abc"),
            ("*c", "abc"),
            ("a*c", "ac"),
            ("a*b*c", "a/b/b/c"),
            ("a**c", "abc"),
        ] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("a", "ab"), ("a", "ba"), ("ab*bc", "abc"), ("*a", "ab")] {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn a_waiver_without_a_reason_or_for_no_gate_is_refused() {
        let complete = "gate = 'size'\nplace = 'a'\nreason = 'why'\nuntil = '2024-02-29'";
        assert!(waiver(complete).is_ok());
        let refused = |from: &str, to: &str| waiver(&complete.replace(from, to)).expect_err(to);
        assert_eq!(
            refused("'why'", "' '"),
            "` ` is not valid; expected a reason, in one line"
        );
        assert!(refused("'size'", "'speed'").contains("expected the name of a gate: `"));
        assert!(refused("'a'", "''").contains("`*` matches any"));
        for day in [
            "2023-02-29",
            "2024-13-01",
            "2024-1-1",
            "tomorrow",
            "2024-04-31",
        ] {
            assert!(
                refused("2024-02-29", day).contains("expected a day"),
                "{day}"
            );
        }
        assert!(
            waiver("gate = 'size'\nplace = 'a'")
                .expect_err("no reason")
                .contains("reason")
        );
    }
}
