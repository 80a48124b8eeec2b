//! What becomes of a package's systemd units when it is installed.

use serde::{Deserialize, Serialize};

/// The table `[systemd]` of a manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, schemars::JsonSchema, Serialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Systemd {
    /// Whether units are enabled: on Debian at once, elsewhere where the distribution's presets say so.
    pub enable: bool,
    /// Whether Debian starts them after the installation.
    pub start: bool,
    /// Whether running ones are restarted after an upgrade.
    pub restart: bool,
}

impl Default for Systemd {
    fn default() -> Self {
        Self {
            enable: true,
            start: true,
            restart: true,
        }
    }
}
