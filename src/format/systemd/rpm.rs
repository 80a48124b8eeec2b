//! What Fedora's packaging guidelines ("Scriptlets", "Systemd") want, in commands that every version of systemd has.
//!
//! The distributions' systemd reloads its units, and makes users and directories, when files appear in its folders.

use super::{Units, guarded, with_commands, words};
use crate::format::FormatError;
use crate::format::rpm::Scripts;
use crate::model::systemd::Systemd;

const THERE: &str = "command -v systemctl >/dev/null";

impl Units {
    /// The scripts with the commands for what the package has.
    pub(in crate::format) fn rpm(
        &self,
        scripts: &Scripts,
        policy: Systemd,
    ) -> Result<Scripts, FormatError> {
        let (mut post, mut preun) = (String::new(), String::new());
        for (option, units) in [("", &self.system), (" --global", &self.user)] {
            if units.is_empty() || !policy.enable {
                continue;
            }
            let units = words(units);
            let now = if option.is_empty() { " --now" } else { "" };
            post += &quiet(&format!("systemctl{option} --no-reload preset {units}"));
            preun += &quiet(&format!(
                "systemctl{option} --no-reload disable{now} {units}"
            ));
        }
        let mut postun = String::new();
        let restarted = self.all_of_system();
        if policy.restart && !restarted.is_empty() {
            postun += &quiet(&format!("systemctl try-restart {}", words(&restarted)));
        }
        // rpm counts the versions of the package that are there afterwards.
        let script = |script: &Option<_>, condition, commands: &str, name| {
            let commands = guarded(&format!("[ \"$1\" -{condition} ] && {THERE}"), commands);
            with_commands(script.as_ref(), &commands, &format!("rpm.scripts.{name}"))
        };
        Ok(Scripts {
            post: script(&scripts.post, "eq 1", &post, "post")?,
            preun: script(&scripts.preun, "eq 0", &preun, "preun")?,
            postun: script(&scripts.postun, "ge 1", &postun, "postun")?,
            ..scripts.clone()
        })
    }
}

/// A failure must not end the transaction.
fn quiet(command: &str) -> String {
    format!("{command} >/dev/null 2>&1 || :\n")
}
