//! `[package.metadata.generate-rpm]`, of cargo-generate-rpm.

use toml::{Table, Value};

use super::assets::{self, Asset};
use super::{Foreign, Note, Project};

/// Takes over the files; what else is there is for rpm packages alone.
pub(super) fn take(project: Project<'_>, table: &Table, foreign: &mut Foreign) {
    let mut note = Note::new("[package.metadata.generate-rpm]");
    let assets = table.get("assets").and_then(Value::as_array);
    let assets = assets.into_iter().flatten().filter_map(asset);
    assets::take(project, assets, foreign, &mut note);
    for key in table.keys().filter(|key| *key != "assets") {
        note.leaves(key, "is for rpm packages alone");
    }
    foreign.notes.push(note);
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
assets = [
    { source = "target/release/hello", dest = "/usr/bin/", mode = "755" },
    { source = "hello.toml", dest = "/etc/hello/hello.toml", mode = "640", config = true },
    { source = "share/*.txt", dest = "/usr/share/hello/", mode = "644" },
]
"#;
        let files = [
            ("hello.toml", ""),
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
        assert_eq!(foreign.notes[0].taken, ["3 files"]);
        assert_eq!(
            foreign.notes[0].left,
            ["`auto-req` is for rpm packages alone"]
        );
    }
}
