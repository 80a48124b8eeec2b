//! `[package.metadata.packager]`, of cargo-packager.

use toml::{Table, Value};

use super::super::beside::Beside;
use super::assets::source_in_project;
use super::{Foreign, Note, Project, paragraphs};
use crate::model::path::RelativePath;
use crate::model::tree::Kind;

/// Takes over the long description and the icons.
pub(super) fn take(project: Project<'_>, table: &Table, foreign: &mut Foreign) {
    let mut note = Note::new("[package.metadata.packager]");
    for (key, value) in table {
        match (key.as_str(), value) {
            ("long-description" | "longDescription", Value::String(text)) => {
                if let Some(text) = paragraphs(text) {
                    foreign.description.get_or_insert(text);
                    note.takes("long-description");
                }
            }
            ("icons", Value::Array(paths)) => {
                for path in paths.iter().filter_map(Value::as_str) {
                    match icon(project, path, foreign) {
                        Ok(()) => note.takes(format!("`{path}`")),
                        Err(why) => note.leaves(path, why),
                    }
                }
            }
            ("nsis", Value::Table(nsis)) => setup(project, nsis, foreign, &mut note),
            (key, _) => note.leaves(key, "has no counterpart"),
        }
    }
    foreign.notes.push(note);
}

/// What NSIS would have made a setup with; ours needs no scripts, languages or pictures.
fn setup(project: Project<'_>, table: &Table, foreign: &mut Foreign, note: &mut Note) {
    for (key, value) in table {
        let name = format!("nsis.{key}");
        match (key.as_str(), value) {
            ("installer-icon" | "installerIcon", Value::String(path)) => {
                match icon(project, path, foreign) {
                    Ok(()) => note.takes(name),
                    Err(why) => note.leaves(&name, why),
                }
            }
            // The user chooses on the command line.
            ("install-mode" | "installMode", Value::String(_)) => {
                note.leaves(&name, "is an option of the setup: `/ALLUSERS`");
            }
            _ => note.leaves(&name, "has no counterpart"),
        }
    }
}

/// Windows and Linux take one icon each.
fn icon(project: Project<'_>, path: &str, foreign: &mut Foreign) -> Result<(), &'static str> {
    let source = source_in_project(project, path).ok_or("is outside of the project")?;
    let source: RelativePath = source
        .parse()
        .map_err(|_| "has a name that no manifest can say")?;
    if !project.root.join(source.as_str()).is_file() {
        return Err("is not in the project");
    }
    let extension = source
        .file_name()
        .rsplit_once('.')
        .map(|(_, extension)| extension.to_owned());
    match extension.as_deref() {
        Some("ico") if foreign.windows_icon.is_none() => foreign.windows_icon = Some(source),
        Some(extension @ ("png" | "svg")) if !has_icon(foreign) => {
            let directory = match extension {
                "svg" => "icons/hicolor/scalable/apps",
                _ => "pixmaps",
            };
            let mut icon = Beside::new(Kind::Icon, source);
            icon.destination = Some(format!(
                "usr/share/{directory}/{}.{extension}",
                project.name
            ));
            foreign.files.push(icon);
        }
        Some("ico" | "png" | "svg") => return Err("is left out: there is another one before it"),
        _ => return Err("is no image that packages take"),
    }
    Ok(())
}

fn has_icon(foreign: &Foreign) -> bool {
    foreign.files.iter().any(|file| file.kind == Kind::Icon)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{read_from, shown};

    #[test]
    fn the_description_and_an_icon_for_each_system_are_taken() {
        let cargo = r#"
[package]
name = "hello"
[package.metadata.packager]
product-name = "Hello"
identifier = "org.example.hello"
long-description = "Greets\nthe world."
icons = ["icons/32x32.png", "icons/icon.icns", "icons/icon.ico", "icons/icon.png"]
"#;
        let names = [
            "icons/32x32.png",
            "icons/icon.icns",
            "icons/icon.ico",
            "icons/icon.png",
        ];
        let foreign = read_from(cargo, &names.map(|name| (name, "")));
        assert_eq!(
            shown(&foreign),
            ["Icon icons/32x32.png -> usr/share/pixmaps/hello.png"]
        );
        let icon = foreign.windows_icon.as_ref().map(|icon| icon.as_str());
        assert_eq!(icon, Some("icons/icon.ico"));
        assert_eq!(foreign.description.as_deref(), Some("Greets the world."));
        assert_eq!(
            foreign.notes[0].left,
            [
                "`icons/icon.icns` is no image that packages take",
                "`icons/icon.png` is left out: there is another one before it",
                "`identifier` has no counterpart",
                "`product-name` has no counterpart",
            ]
        );
    }

    #[test]
    fn of_nsis_the_icon_is_taken() {
        let cargo = r#"
[package]
name = "hello"
[package.metadata.packager.nsis]
installer-icon = "setup.ico"
install-mode = "perMachine"
template = "setup.nsi"
"#;
        let foreign = read_from(cargo, &[("setup.ico", "")]);
        let icon = foreign.windows_icon.as_ref().map(|icon| icon.as_str());
        assert_eq!(icon, Some("setup.ico"));
        assert_eq!(
            foreign.notes[0].left,
            [
                "`nsis.install-mode` is an option of the setup: `/ALLUSERS`",
                "`nsis.template` has no counterpart",
            ]
        );
    }
}
