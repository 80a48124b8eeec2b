//! Desktop entries (freedesktop.org's Desktop Entry Specification 1.5).

use crate::format::desktop_entry::{GROUP, value};
use crate::model::package::Package;

/// The name of the icon that an entry asks for.
pub fn icon(entry: &str) -> Option<&str> {
    let name = value(entry, "Icon")?;
    // A path leads to the machine that the entry was made for, not into the AppImage.
    (!name.is_empty() && !name.contains('/')).then_some(name)
}

/// An entry for a program of the terminal.
pub fn generate(package: &Package, program: &str) -> String {
    let name = escape(&package.name);
    let comment = escape(&package.summary);
    let exec = escape(&quote(program));
    let version = &package.version;
    format!(
        "{GROUP}\nType=Application\nName={name}\nComment={comment}\nExec={exec}\nIcon={name}\nTerminal=true\n\
         Categories=Utility;ConsoleOnly;\nX-AppImage-Name={name}\nX-AppImage-Version={version}\n"
    )
}

/// A value of the type string.
fn escape(text: &str) -> String {
    let mut escaped = text.replace('\\', "\\\\").replace('\n', "\\n");
    escaped.retain(|c| !c.is_control());
    escaped
}

/// An argument of `Exec`: one with reserved characters is quoted.
fn quote(argument: &str) -> String {
    // A percent sign alone would begin a field code.
    let argument = argument.replace('%', "%%");
    let is_plain = |c: char| c.is_alphanumeric() || "-_.+/%".contains(c);
    if argument.chars().all(is_plain) {
        return argument;
    }
    let mut quoted = String::from('"');
    for c in argument.chars() {
        if "\"`$\\".contains(c) {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::testing::package;

    #[test]
    fn a_generated_entry_starts_the_program_in_a_terminal() {
        let expected = "[Desktop Entry]\nType=Application\nName=hello\nComment=greets people\nExec=hello\nIcon=hello\n\
                        Terminal=true\nCategories=Utility;ConsoleOnly;\nX-AppImage-Name=hello\n\
                        X-AppImage-Version=1.2.3\n";
        assert_eq!(generate(&package(), "hello"), expected);
    }

    #[test]
    fn text_of_the_package_cannot_add_keys() {
        assert_eq!(escape("one\nExec=rm\\"), "one\\nExec=rm\\\\");
        let entry = generate(&package(), "he said \"$5\"");
        assert!(
            entry.contains("\nExec=\"he said \\\\\"\\\\$5\\\\\"\"\n"),
            "{entry}"
        );
    }

    #[test]
    fn the_icon_is_that_of_the_first_group() {
        let entry = "# a comment\n[Desktop Entry]\nName=x\nIcon = hello \n[Desktop Action new]\nIcon=other\n";
        assert_eq!(icon(entry), Some("hello"));
        assert_eq!(
            icon("[Desktop Entry]\n[Desktop Action new]\nIcon=other\n"),
            None
        );
        assert_eq!(
            icon("[Desktop Entry]\nIcon=/usr/share/pixmaps/x.png\n"),
            None
        );
        assert_eq!(icon(""), None);
    }
}
