//! The actions of an installation with their places (Windows Installer SDK, "Suggested InstallExecuteSequence").

use super::database::{Database, row};

/// What tells where the program is, in the list of programs.
pub(super) const SET_LOCATION: &str = "SetInstallLocation";

/// Each sequence with its actions.
const SEQUENCES: &[(&str, &[(&str, i32)])] = &[
    (
        "AdminExecuteSequence",
        &[
            ("CostInitialize", 800),
            ("FileCost", 900),
            ("CostFinalize", 1000),
            ("InstallValidate", 1400),
            ("InstallInitialize", 1500),
            ("InstallAdminPackage", 3900),
            ("InstallFiles", 4000),
            ("InstallFinalize", 6600),
        ],
    ),
    (
        "AdminUISequence",
        &[
            ("CostInitialize", 800),
            ("FileCost", 900),
            ("CostFinalize", 1000),
            ("ExecuteAction", 1300),
        ],
    ),
    (
        "AdvtExecuteSequence",
        &[
            ("CostInitialize", 800),
            ("CostFinalize", 1000),
            ("InstallValidate", 1400),
            ("InstallInitialize", 1500),
            ("CreateShortcuts", 4500),
            ("PublishFeatures", 6300),
            ("PublishProduct", 6400),
            ("InstallFinalize", 6600),
        ],
    ),
    (
        "InstallExecuteSequence",
        &[
            ("FindRelatedProducts", 25),
            ("LaunchConditions", 100),
            ("ValidateProductID", 700),
            ("CostInitialize", 800),
            ("FileCost", 900),
            ("CostFinalize", 1000),
            (SET_LOCATION, 1010),
            ("MigrateFeatureStates", 1200),
            ("InstallValidate", 1400),
            ("InstallInitialize", 1500),
            ("ProcessComponents", 1600),
            ("UnpublishFeatures", 1800),
            ("RemoveShortcuts", 3200),
            ("RemoveEnvironmentStrings", 3300),
            ("RemoveFiles", 3500),
            ("InstallFiles", 4000),
            ("CreateShortcuts", 4500),
            ("WriteEnvironmentStrings", 5200),
            ("RegisterUser", 6000),
            ("RegisterProduct", 6100),
            ("PublishFeatures", 6300),
            ("PublishProduct", 6400),
            ("InstallExecute", 6500),
            // After the new version, so that what both have stays, and a configuration file with it.
            ("RemoveExistingProducts", 6550),
            ("InstallFinalize", 6600),
        ],
    ),
    (
        "InstallUISequence",
        &[
            ("FindRelatedProducts", 25),
            ("LaunchConditions", 100),
            ("ValidateProductID", 700),
            ("CostInitialize", 800),
            ("FileCost", 900),
            ("CostFinalize", 1000),
            ("MigrateFeatureStates", 1200),
            ("ExecuteAction", 1300),
        ],
    ),
];

/// Adds the sequences, without the actions for which nothing is in the tables.
pub(super) fn add(database: &mut Database, has: impl Fn(&str) -> bool) {
    for (table, actions) in SEQUENCES {
        for (action, place) in *actions {
            let is_used = match *action {
                "CreateShortcuts" | "RemoveShortcuts" => has("Shortcut"),
                "WriteEnvironmentStrings" | "RemoveEnvironmentStrings" => has("Environment"),
                _ => true,
            };
            if is_used {
                database.add(table, row![*action, "", *place]);
            }
        }
    }
}
