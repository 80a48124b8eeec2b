//! `[package.metadata.generate-rpm]`, of cargo-generate-rpm.

use toml::{Table, Value};

use super::assets::{self, Asset, source_in_project};
use super::{Foreign, Note, Project};
use crate::format::rpm::Rpm;
use crate::model::toml_text::{array, quoted};

/// Tables of packages by their names, which are lists here.
const RELATIONS: &[&str] = &[
    "requires",
    "recommends",
    "suggests",
    "supplements",
    "enhances",
    "conflicts",
    "obsoletes",
    "provides",
];

/// The scripts, by their names there and here.
const SCRIPTS: &[(&str, &str)] = &[
    ("pre_install_script", "pre"),
    ("post_install_script", "post"),
    ("pre_uninstall_script", "preun"),
    ("post_uninstall_script", "postun"),
    ("pre_trans_script", "pretrans"),
    ("post_trans_script", "posttrans"),
];

/// Takes over the table.
pub(super) fn take(project: Project<'_>, table: &Table, foreign: &mut Foreign) {
    let mut note = Note::new("[package.metadata.generate-rpm]");
    for (key, value) in table {
        let script = SCRIPTS.iter().find(|(name, _)| name == key);
        let taken = match (key.as_str(), value) {
            ("assets", Value::Array(assets)) => {
                let assets = assets.iter().filter_map(asset);
                assets::take(project, assets, foreign, &mut note);
                continue;
            }
            ("release" | "vendor", Value::String(text)) => setting(key, quoted(text), foreign),
            ("epoch", Value::Integer(number)) => setting(key, number.to_string(), foreign),
            ("name", Value::String(name)) if name == project.name => Ok(()),
            (key, Value::Table(packages)) if RELATIONS.contains(&key) => {
                relations(key, packages, foreign)
            }
            (_, Value::String(text)) if let Some((_, name)) = script => {
                scripted(project, name, text, foreign)
            }
            _ => Err("has no counterpart"),
        };
        match taken {
            Ok(()) => note.takes(key),
            Err(why) => note.leaves(key, why),
        }
    }
    foreign.notes.push(note);
}

/// Adds a key of `[rpm]` if the format accepts its value.
fn setting(key: &str, value: String, foreign: &mut Foreign) -> Result<(), &'static str> {
    if toml::from_str::<Rpm>(&format!("{key} = {value}")).is_err() {
        return Err("has a value that is not valid here");
    }
    foreign.rpm.push((key.to_owned(), value));
    Ok(())
}

/// `{ name = "*", other = ">= 1.2" }`
fn relations(key: &str, packages: &Table, foreign: &mut Foreign) -> Result<(), &'static str> {
    let relation = |(name, version): (&String, &Value)| {
        let version = version.as_str()?.trim();
        Some(match version {
            "" | "*" => name.clone(),
            version => format!("{name} {version}"),
        })
    };
    let listed: Option<Vec<_>> = packages.iter().map(relation).collect();
    let listed = listed.ok_or("has a version that is no text")?;
    let listed: Vec<_> = listed.iter().map(String::as_str).collect();
    setting(key, array(&listed), foreign)
}

/// A file of the project, or the text itself, which a shell runs if it names nothing else.
fn scripted(
    project: Project<'_>,
    name: &str,
    text: &str,
    foreign: &mut Foreign,
) -> Result<(), &'static str> {
    let path = source_in_project(project, text).map(|path| project.root.join(path));
    let text = match path.filter(|path| path.is_file()) {
        Some(path) => std::fs::read_to_string(path).map_err(|_| "is a file that cannot be read")?,
        None => text.to_owned(),
    };
    let text = match text.starts_with("#!") {
        true => text,
        false => format!("#!/bin/sh\n{text}\n"),
    };
    foreign.rpm_scripts.push((name.to_owned(), text));
    Ok(())
}

/// `{ source, dest, mode }`
fn asset(asset: &Value) -> Option<Asset<'_>> {
    Some(Asset {
        source: asset.get("source")?.as_str()?,
        destination: asset.get("dest")?.as_str()?,
        mode: asset.get("mode").and_then(Value::as_str),
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{read_from, shown};

    #[test]
    fn the_files_of_an_rpm_are_shipped() {
        let cargo = r#"
[package]
name = "hello"
[package.metadata.generate-rpm]
auto-req = "disabled"
release = "2"
vendor = "Hello & Co"
requires = { git = "*", openssl = ">= 3.0" }
conflicts = { hello-old = "~1" }
post_install_script = "rpm/post.sh"
pre_uninstall_script = "echo bye"
assets = [
    { source = "target/release/hello", dest = "/usr/bin/", mode = "755" },
    { source = "hello.toml", dest = "/etc/hello/hello.toml", mode = "640", config = true },
    { source = "share/*.txt", dest = "/usr/share/hello/", mode = "644" },
]
"#;
        let files = [
            ("hello.toml", ""),
            ("rpm/post.sh", "#!/bin/bash\ntrue\n"),
            ("share/a.txt", ""),
            ("share/b.txt", ""),
            ("share/c.rs", ""),
        ];
        let foreign = read_from(cargo, &files);
        assert_eq!(
            shown(&foreign),
            [
                "Config hello.toml 640",
                "Data share/a.txt",
                "Data share/b.txt",
            ]
        );
        assert_eq!(
            foreign.notes[0].taken,
            [
                "3 files",
                "post_install_script",
                "pre_uninstall_script",
                "release",
                "requires",
                "vendor",
            ]
        );
        assert_eq!(
            foreign.notes[0].left,
            [
                "`auto-req` has no counterpart",
                "`conflicts` has a value that is not valid here"
            ]
        );
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        assert_eq!(
            foreign.rpm,
            [
                pair("release", "\"2\""),
                pair("requires", "[\"git\", \"openssl >= 3.0\"]"),
                pair("vendor", "\"Hello & Co\""),
            ]
        );
        assert_eq!(
            foreign.rpm_scripts,
            [
                pair("post", "#!/bin/bash\ntrue\n"),
                pair("preun", "#!/bin/sh\necho bye\n"),
            ]
        );
    }
}
