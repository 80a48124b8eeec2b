//! The windows of a package: the license with a question, how far it is, and how it ended (Windows Installer SDK, "Dialog
//! Table" and the pages about reserved dialogs).

use super::database::{Database, row};
use super::rtf::rtf;

/// Dialogs are visible; they wait for an answer or not, stay above the window of progress, or are for errors.
const VISIBLE: i32 = 1;
const MODAL: i32 = 2;
const KEEP_MODELESS: i32 = 16;
const ERROR: i32 = 1 << 16;

/// Parts are visible and can be used; texts take the color behind them, and `&` as it is.
const SHOWN: i32 = 1;
const ENABLED: i32 = 2;
const SUNKEN: i32 = 4;
const LABEL: i32 = SHOWN | ENABLED | 0x3_0000;
const BUTTON: i32 = SHOWN | ENABLED;
/// A bar without blocks.
const SMOOTH: i32 = SHOWN | 0x1_0000;

const FONT: &str = "Normal";
/// The dialog that shows errors, which a property names.
const ERRORS: &str = "ErrorDlg";
const CANCEL: &str = "CancelDlg";

/// A dialog: name, width and height, attributes, and its parts. The first button is the default, the last one cancels.
struct Dialog {
    name: &'static str,
    size: [i32; 2],
    attributes: i32,
    parts: &'static [Part],
    buttons: &'static [Button],
}

/// What only shows something: name, type, place and size, attributes, property, text.
type Part = (
    &'static str,
    &'static str,
    [i32; 4],
    i32,
    &'static str,
    &'static str,
);

/// A button: name, left edge, text, event and its argument.
type Button = (&'static str, i32, &'static str, &'static str, &'static str);

/// The part that is filled with the license.
const LICENSE: &str = "License";

const DIALOGS: &[Dialog] = &[
    Dialog {
        name: "WelcomeLicenseDlg",
        size: [370, 270],
        attributes: VISIBLE | MODAL,
        parts: &[
            (
                "Title",
                "Text",
                [15, 8, 340, 15],
                LABEL,
                "",
                "{\\Title}[ProductName] [ProductVersion]",
            ),
            (
                "About",
                "Text",
                [15, 24, 340, 15],
                LABEL,
                "",
                "[ARPCOMMENTS]",
            ),
            (
                LICENSE,
                "ScrollableText",
                [15, 44, 340, 180],
                SHOWN | ENABLED | SUNKEN,
                "",
                "",
            ),
            (
                "Question",
                "Text",
                [15, 230, 180, 30],
                LABEL,
                "",
                "Who installs the program accepts the license.",
            ),
        ],
        buttons: &[
            ("Install", 212, "I &accept, install", "EndDialog", "Return"),
            ("Cancel", 290, "Cancel", "SpawnDialog", CANCEL),
        ],
    },
    Dialog {
        name: "ProgressDlg",
        size: [370, 120],
        attributes: VISIBLE,
        parts: &[
            (
                "Title",
                "Text",
                [15, 8, 340, 15],
                LABEL,
                "",
                "{\\Title}[ProductName] [ProductVersion]",
            ),
            (
                "ActionText",
                "Text",
                [15, 32, 340, 12],
                LABEL,
                "",
                "Please wait",
            ),
            (
                "ProgressBar",
                "ProgressBar",
                [15, 50, 340, 12],
                SMOOTH,
                "",
                "",
            ),
        ],
        buttons: &[("Cancel", 290, "Cancel", "SpawnDialog", CANCEL)],
    },
    Dialog {
        name: CANCEL,
        size: [260, 85],
        attributes: VISIBLE | MODAL,
        parts: &[(
            "Text",
            "Text",
            [15, 15, 230, 30],
            LABEL,
            "",
            "Cancel the installation of [ProductName]?",
        )],
        buttons: &[
            ("No", 180, "&No", "EndDialog", "Return"),
            ("Yes", 102, "&Yes", "EndDialog", "Exit"),
        ],
    },
    Dialog {
        name: "ExitDlg",
        size: [370, 120],
        attributes: VISIBLE | MODAL,
        parts: &[(
            "Text",
            "Text",
            [15, 15, 340, 40],
            LABEL,
            "",
            "The setup of [ProductName] has finished.",
        )],
        buttons: &[("Finish", 290, "&Finish", "EndDialog", "Return")],
    },
    Dialog {
        name: "UserExitDlg",
        size: [370, 120],
        attributes: VISIBLE | MODAL,
        parts: &[(
            "Text",
            "Text",
            [15, 15, 340, 40],
            LABEL,
            "",
            "The setup of [ProductName] was canceled. Nothing was changed.",
        )],
        buttons: &[("Finish", 290, "&Finish", "EndDialog", "Exit")],
    },
    Dialog {
        name: "FatalErrorDlg",
        size: [370, 120],
        attributes: VISIBLE | MODAL,
        parts: &[(
            "Text",
            "Text",
            [15, 15, 340, 40],
            LABEL,
            "",
            "The setup of [ProductName] ended early because of an error. Nothing was changed.",
        )],
        buttons: &[("Finish", 290, "&Finish", "EndDialog", "Exit")],
    },
    Dialog {
        name: ERRORS,
        size: [270, 105],
        attributes: VISIBLE | MODAL | ERROR,
        // The installer writes the text, and shows the buttons that it has a use for.
        parts: &[("ErrorText", "Text", [15, 15, 240, 50], LABEL, "", "")],
        buttons: &[
            ("A", 15, "&Abort", "EndDialog", "ErrorAbort"),
            ("C", 15, "&Cancel", "EndDialog", "ErrorCancel"),
            ("I", 15, "&Ignore", "EndDialog", "ErrorIgnore"),
            ("N", 15, "&No", "EndDialog", "ErrorNo"),
            ("O", 15, "&OK", "EndDialog", "ErrorOk"),
            ("R", 15, "&Retry", "EndDialog", "ErrorRetry"),
            ("Y", 15, "&Yes", "EndDialog", "ErrorYes"),
        ],
    },
    Dialog {
        name: "FilesInUse",
        size: [370, 270],
        attributes: VISIBLE | MODAL | KEEP_MODELESS,
        parts: &[
            (
                "Text",
                "Text",
                [15, 8, 340, 30],
                LABEL,
                "",
                "These programs use files that have to be replaced. Close them, and retry.",
            ),
            (
                "List",
                "ListBox",
                [15, 44, 340, 180],
                SHOWN | ENABLED | SUNKEN,
                "FileInUseProcess",
                "",
            ),
        ],
        buttons: &[
            ("Retry", 134, "&Retry", "EndDialog", "Retry"),
            ("Ignore", 212, "&Ignore", "EndDialog", "Ignore"),
            ("Exit", 290, "E&xit", "EndDialog", "Exit"),
        ],
    },
];

/// How a part changes with what the installer reports.
const MAPPINGS: &[(&str, &str, &str, &str)] = &[
    ("ProgressDlg", "ActionText", "ActionText", "Text"),
    ("ProgressDlg", "ProgressBar", "SetProgress", "Progress"),
];

/// When dialogs are shown; the negative places are the ends.
const SEQUENCE: &[(&str, &str, i32)] = &[
    ("FatalErrorDlg", "", -3),
    ("UserExitDlg", "", -2),
    ("ExitDlg", "", -1),
    ("WelcomeLicenseDlg", "NOT Installed", 1280),
    ("ProgressDlg", "", 1290),
];

/// The height of a button, and what is below it.
const BUTTON_HEIGHT: i32 = 17;
const BELOW: i32 = 10;

/// Adds the dialogs, with this text as the license.
pub(super) fn add(database: &mut Database, license: &str) {
    for dialog in DIALOGS {
        add_dialog(database, dialog, license);
    }
    for (dialog, part, event, attribute) in MAPPINGS {
        database.add("EventMapping", row![*dialog, *part, *event, *attribute]);
    }
    for (dialog, condition, place) in SEQUENCE {
        database.add("InstallUISequence", row![*dialog, *condition, *place]);
    }
    for (style, size, bold) in [(FONT, 8, 0), ("Title", 9, 1)] {
        database.add("TextStyle", row![style, "Tahoma", size, "", bold]);
    }
    for (name, value) in [("DefaultUIFont", FONT), ("ErrorDialog", ERRORS)] {
        database.add("Property", row![name, value]);
    }
    // The installer fills it.
    database.add_table("ListBox");
}

fn add_dialog(database: &mut Database, dialog: &Dialog, license: &str) {
    let [width, height] = dialog.size;
    let is_stop = |part: &&Part| matches!(part.1, "ScrollableText" | "ListBox");
    // The order of the tab key is a ring: the buttons, then what can be scrolled.
    let stops = dialog.buttons.iter().map(|button| button.0);
    let stops: Vec<_> = stops
        .chain(dialog.parts.iter().filter(is_stop).map(|part| part.0))
        .collect();
    let next = |name: &str| {
        let place = stops.iter().position(|stop| *stop == name)?;
        Some(stops[(place + 1) % stops.len()])
    };
    let (first, last) = (stops[0], dialog.buttons[dialog.buttons.len() - 1].0);
    // An error has no default: which buttons there are depends on it.
    let cancels = if dialog.attributes & ERROR == 0 {
        last
    } else {
        first
    };
    let row = row![
        dialog.name,
        50,
        50,
        width,
        height,
        dialog.attributes,
        "[ProductName] Setup",
        first,
        first,
        cancels
    ];
    database.add("Dialog", row);
    for (name, kind, [x, y, w, h], attributes, property, text) in dialog.parts {
        let text = match *name {
            LICENSE => rtf(license),
            _ => (*text).to_owned(),
        };
        let row = row![
            dialog.name,
            *name,
            *kind,
            *x,
            *y,
            *w,
            *h,
            *attributes,
            *property,
            text,
            next(name),
            ""
        ];
        database.add("Control", row);
    }
    let top = height - BUTTON_HEIGHT - BELOW;
    for (name, left, text, event, argument) in dialog.buttons {
        let row = row![
            dialog.name,
            *name,
            "PushButton",
            *left,
            top,
            70,
            BUTTON_HEIGHT,
            BUTTON,
            "",
            *text,
            next(name),
            ""
        ];
        database.add("Control", row);
        database.add(
            "ControlEvent",
            row![dialog.name, *name, *event, *argument, "1", 1],
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dialog_that_is_named_is_there() {
        let is_there = |name: &str| DIALOGS.iter().any(|dialog| dialog.name == name);
        for (name, ..) in SEQUENCE {
            assert!(is_there(name), "{name}");
        }
        for dialog in DIALOGS {
            for (_, _, _, event, argument) in dialog.buttons {
                assert!(*event == "EndDialog" || is_there(argument), "{argument}");
            }
        }
        for (name, part, ..) in MAPPINGS {
            let dialog = DIALOGS.iter().find(|dialog| dialog.name == *name);
            let parts = dialog.expect("a dialog").parts;
            assert!(parts.iter().any(|(name, ..)| name == part), "{part}");
        }
    }

    #[test]
    fn all_parts_are_inside_of_their_dialogs() {
        for dialog in DIALOGS {
            let [width, height] = dialog.size;
            for (name, _, [x, y, w, h], ..) in dialog.parts {
                assert!(x + w < width && y + h < height, "{name}");
            }
            for (name, left, ..) in dialog.buttons {
                assert!(left + 70 < width, "{name}");
            }
        }
    }
}
