//! What Debian Policy (9.3, "Starting system services") and deb-systemd-helper(1p) want of maintainer scripts.

use super::{Units, guarded, with_commands, words};
use crate::format::FormatError;
use crate::format::deb::Scripts;
use crate::model::systemd::Systemd;

/// What `postinst` is called with when the package is, or stays, installed (Debian Policy, 6.5).
const CONFIGURED: &str = r#"[ "$1" = configure ] || [ "$1" = abort-upgrade ] || [ "$1" = abort-deconfigure ] || [ "$1" = abort-remove ]"#;

const RUNNING: &str = "[ -d /run/systemd/system ]";

impl Units {
    /// The scripts with the commands for what the package has.
    pub(in crate::format) fn debian(
        &self,
        scripts: &Scripts,
        policy: Systemd,
    ) -> Result<Scripts, FormatError> {
        let script = |script: &Option<_>, commands: &str, name| {
            with_commands(script.as_ref(), commands, &format!("deb.scripts.{name}"))
        };
        Ok(Scripts {
            preinst: scripts.preinst.clone(),
            postinst: script(&scripts.postinst, &self.postinst(policy), "postinst")?,
            prerm: script(&scripts.prerm, &self.prerm(policy), "prerm")?,
            postrm: script(&scripts.postrm, &self.postrm(policy), "postrm")?,
        })
    }

    fn postinst(&self, policy: Systemd) -> String {
        let mut commands = String::new();
        if !self.sysusers.is_empty() {
            let names = words(&self.sysusers);
            commands += &guarded(
                "command -v systemd-sysusers >/dev/null",
                &format!("systemd-sysusers {names}\n"),
            );
        }
        if !self.tmpfiles.is_empty() {
            let names = words(&self.tmpfiles);
            commands += &guarded(
                "command -v systemd-tmpfiles >/dev/null",
                &format!("systemd-tmpfiles --create {names} || true\n"),
            );
        }
        if policy.enable {
            commands += &enable("", &self.system);
            commands += &enable(" --user", &self.user);
        }
        commands += &guarded(RUNNING, &self.started(policy));
        guarded(CONFIGURED, &commands)
    }

    /// A unit is restarted only by an upgrade, which `postinst` is told the old version of.
    fn started(&self, policy: Systemd) -> String {
        if self.system.is_empty() {
            return String::new();
        }
        let names = words(&self.system);
        let invoke = |action| format!("deb-systemd-invoke {action} {names} >/dev/null || true\n");
        let mut commands = "systemctl --system daemon-reload >/dev/null || true\n".to_owned();
        if policy.restart {
            commands += &guarded(r#"[ -n "$2" ]"#, &invoke("restart"));
        }
        if policy.start {
            commands += &guarded(r#"[ -z "$2" ]"#, &invoke("start"));
        }
        commands
    }

    fn prerm(&self, policy: Systemd) -> String {
        let units = self.all_of_system();
        if units.is_empty() || policy == NOTHING {
            return String::new();
        }
        let stop = format!(
            "deb-systemd-invoke stop {} >/dev/null || true\n",
            words(&units)
        );
        guarded(&format!(r#"[ "$1" = remove ] && {RUNNING}"#), &stop)
    }

    /// What stays of a removed package in `/etc` would else name units that are gone.
    fn postrm(&self, policy: Systemd) -> String {
        let mut commands = String::new();
        if policy == NOTHING {
            return commands;
        }
        if !self.system.is_empty() {
            let reload = "systemctl --system daemon-reload >/dev/null || true\n";
            commands += &guarded(&format!(r#"[ "$1" = remove ] && {RUNNING}"#), reload);
        }
        for (option, units) in [("", &self.system), (" --user", &self.user)] {
            if units.is_empty() || !policy.enable {
                continue;
            }
            let helper = |action| {
                format!(
                    "deb-systemd-helper{option} {action} {} >/dev/null || true\n",
                    words(units)
                )
            };
            let there = "command -v deb-systemd-helper >/dev/null";
            let when = |action| format!(r#"[ "$1" = {action} ] && {there}"#);
            commands += &guarded(&when("remove"), &helper("mask"));
            commands += &guarded(&when("purge"), &(helper("purge") + &helper("unmask")));
        }
        commands
    }
}

/// A project that does all by itself.
const NOTHING: Systemd = Systemd {
    enable: false,
    start: false,
    restart: false,
};

/// Enables units, unless an administrator has disabled them since.
fn enable(option: &str, units: &[String]) -> String {
    if units.is_empty() {
        return String::new();
    }
    format!(
        r#"for unit in {}; do
    deb-systemd-helper{option} unmask "$unit" >/dev/null || true
    if deb-systemd-helper{option} --quiet was-enabled "$unit"; then
        deb-systemd-helper{option} enable "$unit" >/dev/null || true
    else
        deb-systemd-helper{option} update-state "$unit" >/dev/null || true
    fi
done
"#,
        words(units)
    )
}
