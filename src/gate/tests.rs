//! The table of gates, and what each gate says of a release that it refuses: the examples of the documentation are held to the
//! gates.

use super::report::{GateReport, Outcome};
use super::testing::{
    ADVISORY, ANYHOW, MachO, advisories_of, elf, evidence_of, hardened_elf, release_for,
    release_of, release_with_sbom, report_of, verdict_against, verdict_of, verdict_with,
};
use super::{GATES, GateFinding, GateLimits, checks, memory, parity, soak, start_up};
use crate::evidence::{Comparison, Difference, Observation};
use crate::model::digest::Sha256Sum;
use crate::model::release::Release;
use crate::testing::TestProject;

/// The limits of a project that accepts two licenses.
fn licenses() -> GateLimits {
    let text = "[licenses]\nallow = ['MIT', 'Apache-2.0']";
    toml::from_str(text).expect("valid limits")
}

/// What a gate says of a release that it must refuse.
fn refused(gate: &str) -> GateReport {
    if gate == "reproducible" {
        return compared(vec![Difference {
            place: "plain for x86_64-unknown-linux-musl: usr/share/doc/hello/README: line 1"
                .to_owned(),
            left: "\"built at 12:00\\n\"".to_owned(),
            right: "\"built at 12:01\\n\"".to_owned(),
        }]);
    }
    match gate {
        "advisories" => return advised(gate, ADVISORY),
        "checks" => return checks::tests::refused(),
        "memory" => return memory::tests::refused(),
        "parity" => return parity::tests::refused(),
        "soak" => return soak::tests::refused(),
        "start-up" => return start_up::tests::refused(),
        _ => {}
    }
    if gate == "licenses" {
        let sbom = ANYHOW.replace("MIT OR Apache-2.0", "GPL-3.0-only");
        return verdict_with(&release_with_sbom("", &sbom), gate, &licenses());
    }
    verdict_of(&refused_release(gate), gate)
}

/// What a gate says of a release that it must pass.
fn passed(gate: &str) -> GateReport {
    if gate == "reproducible" {
        return compared(Vec::new());
    }
    match gate {
        "advisories" => return advised(gate, &ADVISORY.replace("1.0.105", "1.0.104")),
        "checks" => return checks::tests::passed(),
        "memory" => return memory::tests::passed(),
        "parity" => return parity::tests::passed(),
        "soak" => return soak::tests::passed(),
        "start-up" => return start_up::tests::passed(),
        _ => {}
    }
    if gate == "licenses" {
        return verdict_with(&release_with_sbom("", ANYHOW), gate, &licenses());
    }
    verdict_of(&passed_release(gate), gate)
}

fn advised(gate: &str, advisory: &str) -> GateReport {
    let project = release_with_sbom("", ANYHOW);
    let database = advisories_of(advisory);
    verdict_against(&project, gate, &GateLimits::default(), &database)
}

fn compared(differences: Vec<Difference>) -> GateReport {
    let project = release_of(b"text");
    let release = Release::read(&project.path("release")).expect("valid");
    let (left, right) = (release.sum(), Sha256Sum::of(b"another build"));
    let comparison = Comparison {
        left,
        right,
        differences,
    };
    let evidence = evidence_of(Observation::Comparison(comparison));
    report_of(&project, "reproducible", &evidence)
}

fn refused_release(gate: &str) -> TestProject {
    match gate {
        "hardening" => release_of(&elf(62, None, &[], b"")),
        "macos" => {
            let program = MachO {
                signed: false,
                ..MachO::good(0x0100_000c)
            };
            release_for("aarch64-apple-darwin", &program.program())
        }
        "packages" => {
            let project = release_of(b"text");
            std::fs::remove_file(project.path("release/SHA256SUMS")).expect("it was there");
            project
        }
        "portable" => release_for(
            "x86_64-unknown-linux-gnu",
            &elf(
                62,
                Some("/lib64/ld-linux-x86-64.so.2"),
                &["libssl.so.3"],
                b"",
            ),
        ),
        "sbom" => release_with_sbom("/cargo/anyhow-1.0.105/src/lib.rs", ANYHOW),
        "size" => release_of(&vec![7; 30_000_000]),
        "static" => release_of(&elf(62, Some("/lib/ld-musl-x86_64.so.1"), &[], b"")),
        other => panic!("the gate `{other}` has no release that it must refuse"),
    }
}

fn passed_release(gate: &str) -> TestProject {
    match gate {
        "macos" => release_for("aarch64-apple-darwin", &MachO::good(0x0100_000c).program()),
        "portable" => release_for(
            "x86_64-unknown-linux-gnu",
            &elf(62, Some("/lib64/ld-linux-x86-64.so.2"), &["libc.so.6"], b""),
        ),
        "sbom" => release_with_sbom("/cargo/anyhow-1.0.104/src/lib.rs", ANYHOW),
        _ => release_of(&hardened_elf()),
    }
}

/// Findings as examples are written.
fn said(findings: &[GateFinding]) -> impl Iterator<Item = (&str, &str, &str)> {
    findings.iter().map(|finding| {
        let GateFinding {
            place,
            found,
            expected,
        } = finding;
        (place.as_str(), found.as_str(), expected.as_str())
    })
}

#[test]
fn every_gate_refuses_a_release_with_the_words_of_its_example() {
    let mut others = Vec::new();
    for row in GATES {
        let report = refused(row.name);
        assert_eq!(report.outcome, Outcome::Fail, "{report:?}");
        if !said(&report.findings).any(|found| found == row.example) {
            others.push(report);
        }
    }
    assert!(others.is_empty(), "{others:#?}");
}

#[test]
fn every_gate_passes_a_release_that_is_well_made() {
    for row in GATES {
        let report = passed(row.name);
        assert_eq!(report.outcome, Outcome::Pass, "{report:?}");
    }
}

#[test]
fn a_release_has_the_limits_that_it_was_made_with() {
    let project = release_of(b"text");
    let directory = project.path("release");
    let mut release = Release::read(&directory).expect("valid");
    assert_eq!(
        GateLimits::of(&release).expect("valid"),
        GateLimits::default()
    );
    release.gates.insert("speed".to_owned(), 1.into());
    let error = GateLimits::of(&release).expect_err("no such gate");
    assert_eq!(
        error.to_string(),
        "the limits in `release.json` are not valid"
    );
}

#[test]
fn the_table_is_sorted_and_documented_and_has_no_duplicates() {
    assert!(GATES.windows(2).all(|pair| pair[0].name < pair[1].name));
    for line in GATES {
        assert!(
            !line.summary.is_empty() && !line.summary.ends_with('.'),
            "{}",
            line.name
        );
    }
}

#[test]
fn every_gate_has_its_table_in_the_manifest() {
    let tables = serde_json::to_value(GateLimits::default()).expect("plain structs");
    let keys: Vec<_> = tables
        .as_object()
        .expect("a table")
        .keys()
        .cloned()
        .collect();
    let names: Vec<_> = GATES.iter().map(|line| line.name).collect();
    assert_eq!(keys, names);
}
