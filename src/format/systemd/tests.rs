//! What scripts are made of units, and whose scripts they go into.

use super::*;
use crate::format::{deb, rpm as rpm_format};
use crate::model::steps::steps;
use crate::model::systemd::Systemd;
use crate::model::tree::{Kind, Tree};
use crate::testing::tree::{file, link, tree};

const ENABLED: &[u8] = b"[Unit]\n\n[Install]\nWantedBy=multi-user.target\n";

fn of(files: &[(&str, &[u8])]) -> Units {
    let files = files
        .iter()
        .map(|(path, text)| file(path, Kind::SystemdUnit, text));
    units(&tree(files.collect()))
}

fn units(tree: &Tree) -> Units {
    Units::of(&steps(tree)).expect("readable")
}

fn service() -> Units {
    of(&[("usr/lib/systemd/system/hello.service", ENABLED)])
}

fn text(script: &Option<Script>) -> &str {
    script.as_ref().map_or("", Script::as_str)
}

#[test]
fn a_service_is_enabled_and_started_or_restarted() {
    let scripts = service().debian(&deb::Scripts::default(), Systemd::default());
    let scripts = scripts.expect("there is no script of the project");
    assert_eq!(
        text(&scripts.postinst),
        r#"#!/bin/sh
set -e
if [ "$1" = configure ] || [ "$1" = abort-upgrade ] || [ "$1" = abort-deconfigure ] || [ "$1" = abort-remove ]; then
    for unit in hello.service; do
        deb-systemd-helper unmask "$unit" >/dev/null || true
        if deb-systemd-helper --quiet was-enabled "$unit"; then
            deb-systemd-helper enable "$unit" >/dev/null || true
        else
            deb-systemd-helper update-state "$unit" >/dev/null || true
        fi
    done
    if [ -d /run/systemd/system ]; then
        systemctl --system daemon-reload >/dev/null || true
        if [ -n "$2" ]; then
            deb-systemd-invoke restart hello.service >/dev/null || true
        fi
        if [ -z "$2" ]; then
            deb-systemd-invoke start hello.service >/dev/null || true
        fi
    fi
fi
"#
    );
    assert!(text(&scripts.prerm).contains("deb-systemd-invoke stop hello.service"));
    assert!(text(&scripts.postrm).contains("deb-systemd-helper purge hello.service"));
    assert_eq!(scripts.preinst, None);
}

#[test]
fn rpm_follows_the_presets_and_restarts_what_runs() {
    let scripts = service().rpm(&rpm_format::Scripts::default(), Systemd::default());
    let scripts = scripts.expect("there is no script of the project");
    let expected = |condition, command| {
        format!(
            "#!/bin/sh\nset -e\nif [ \"$1\" -{condition} ] && command -v systemctl >/dev/null; then\n    \
             systemctl {command} hello.service >/dev/null 2>&1 || :\nfi\n"
        )
    };
    assert_eq!(text(&scripts.post), expected("eq 1", "--no-reload preset"));
    assert_eq!(
        text(&scripts.preun),
        expected("eq 0", "--no-reload disable --now")
    );
    assert_eq!(text(&scripts.postun), expected("ge 1", "try-restart"));
}

#[test]
fn what_is_turned_off_is_left_to_the_project() {
    let off = Systemd {
        enable: false,
        start: false,
        restart: false,
    };
    let scripts = service()
        .debian(&deb::Scripts::default(), off)
        .expect("valid");
    assert!(!text(&scripts.postinst).contains("deb-systemd"));
    assert_eq!((&scripts.prerm, &scripts.postrm), (&None, &None));
    let scripts = service().rpm(&rpm_format::Scripts::default(), off);
    assert_eq!(scripts.expect("valid"), rpm_format::Scripts::default());
}

#[test]
fn only_units_that_can_be_enabled_are() {
    let found = units(&tree(vec![
        file("usr/lib/systemd/system/a.timer", Kind::SystemdUnit, ENABLED),
        file(
            "usr/lib/systemd/system/a.service",
            Kind::SystemdUnit,
            b"[Service]\n",
        ),
        file(
            "usr/lib/systemd/system/b@.service",
            Kind::SystemdUnit,
            ENABLED,
        ),
        file(
            "usr/lib/systemd/system/c.service.d/more.conf",
            Kind::SystemdUnit,
            ENABLED,
        ),
        file("usr/lib/systemd/user/d.service", Kind::SystemdUnit, ENABLED),
        file("usr/lib/sysusers.d/e.conf", Kind::Data, b"u e -\n"),
        file("usr/lib/tmpfiles.d/f.conf", Kind::Data, b"d /run/f\n"),
        link(
            "usr/lib/systemd/system/other.service",
            Kind::SystemdUnit,
            "a.service",
        ),
    ]));
    assert_eq!(found.system, ["a.timer"]);
    assert_eq!(found.started_by_others, ["a.service", "other.service"]);
    assert_eq!(found.user, ["d.service"]);
    assert_eq!(found.sysusers, ["e.conf"]);
    assert_eq!(found.tmpfiles, ["f.conf"]);
}

#[test]
fn a_package_without_units_keeps_its_scripts() {
    let mine = deb::Scripts {
        postinst: Some("#!/usr/bin/perl\nexit 0".parse().expect("a script")),
        ..deb::Scripts::default()
    };
    let scripts = of(&[]).debian(&mine, Systemd::default());
    assert_eq!(scripts.expect("nothing to add"), mine);
}

#[test]
fn the_commands_take_the_place_that_a_script_has_for_them() {
    let script = |text: &str| deb::Scripts {
        postinst: Some(text.parse().expect("a script")),
        ..deb::Scripts::default()
    };
    for place in PLACES {
        let mine = script(&format!("#!/bin/sh\nadduser hello\n  {place}\necho done\n"));
        let scripts = service()
            .debian(&mine, Systemd::default())
            .expect("it has one");
        let text = text(&scripts.postinst);
        assert!(
            text.starts_with("#!/bin/sh\nadduser hello\nif [ "),
            "{text}"
        );
        assert!(text.ends_with("\nfi\necho done\n"), "{text}");
    }
    let error = service().debian(&script("#!/bin/sh\nexit 0\n"), Systemd::default());
    assert_eq!(
        error.expect_err("it has none").to_string(),
        "`deb.scripts.postinst` has no line `#SYSTEMD#`, which the commands for the package's systemd units take the place \
         of; write it where they are to run, or turn them off in [systemd]"
    );
}

#[test]
fn names_are_quoted_for_the_shell_where_they_have_to_be() {
    let names = ["a@b.service", r"dev-x\x2d1.swap", "it's.service"].map(str::to_owned);
    assert_eq!(
        words(&names),
        r"a@b.service 'dev-x\x2d1.swap' 'it'\''s.service'"
    );
}
