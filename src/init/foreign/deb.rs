//! `[package.metadata.deb]`, of cargo-deb.

use toml::{Table, Value};

use super::super::beside::Beside;
use super::assets::{self, Asset, source_in_project};
use super::{Foreign, Note, Project, paragraphs};
use crate::format::deb::Deb;
use crate::model::path::RelativePath;
use crate::model::person::Person;
use crate::model::toml_text::{array, quoted};
use crate::model::tree::Kind;
use crate::project::cargo::names;

/// Lists of packages, with the same names as here.
const RELATIONS: &[&str] = &[
    "pre-depends",
    "depends",
    "recommends",
    "suggests",
    "enhances",
    "breaks",
    "conflicts",
    "replaces",
    "provides",
];

/// Packages that hold the libraries of a C compiler, which programs bring along or a build finds out about.
const LIBRARIES: &[&str] = &["$auto", "libc6", "libgcc1", "libgcc-s1", "libstdc++6"];

/// The sections of Debian's archive (Debian Policy 4.7, section 2.4). lintian complains about others.
const SECTIONS: &[&str] = &[
    "admin",
    "cli-mono",
    "comm",
    "database",
    "debug",
    "devel",
    "doc",
    "editors",
    "education",
    "electronics",
    "embedded",
    "fonts",
    "games",
    "gnome",
    "gnu-r",
    "gnustep",
    "golang",
    "graphics",
    "hamradio",
    "haskell",
    "httpd",
    "interpreters",
    "introspection",
    "java",
    "javascript",
    "kde",
    "kernel",
    "libdevel",
    "libs",
    "lisp",
    "localization",
    "mail",
    "math",
    "metapackages",
    "misc",
    "net",
    "news",
    "ocaml",
    "oldlibs",
    "otherosfs",
    "perl",
    "php",
    "python",
    "raku",
    "ruby",
    "rust",
    "science",
    "shells",
    "sound",
    "tasks",
    "tex",
    "text",
    "utils",
    "vcs",
    "video",
    "web",
    "x11",
    "xfce",
    "zope",
];

/// The scripts that dpkg runs.
const SCRIPTS: &[&str] = &["preinst", "postinst", "prerm", "postrm"];

/// How the names of systemd's units end.
const UNITS: &[&str] = &["service", "socket", "timer", "path", "target", "mount"];

/// Takes over the table.
pub(super) fn take(project: Project<'_>, table: &Table, foreign: &mut Foreign) {
    let mut note = Note::new("[package.metadata.deb]");
    for (key, value) in table {
        let taken = match (key.as_str(), value) {
            ("section", Value::String(text)) if !SECTIONS.contains(&text.as_str()) => {
                Err("is no section of Debian's archive")
            }
            ("section" | "priority", Value::String(text)) => setting(key, quoted(text), foreign),
            (key, value) if RELATIONS.contains(&key) => relations(key, value, foreign),
            ("extended-description", Value::String(text)) => described(text, foreign),
            ("maintainer", Value::String(text)) => answered(text, foreign),
            ("assets", Value::Array(assets)) => {
                let assets = assets.iter().filter_map(asset);
                assets::take(project, assets, foreign, &mut note);
                continue;
            }
            ("conf-files", Value::Array(files)) => configured(files),
            ("changelog", Value::String(path)) => document(project, Kind::Changelog, path, foreign),
            ("license-file", value) => {
                let path = value
                    .as_array()
                    .and_then(|lines| lines.first())
                    .unwrap_or(value);
                let path = path.as_str().unwrap_or_default();
                document(project, Kind::License, path, foreign)
            }
            ("maintainer-scripts", Value::String(path)) => scripts(project, path, foreign),
            ("systemd-units", value) => units(project, table, value, foreign),
            ("name", Value::String(name)) if name == project.name => Ok(()),
            ("features" | "default-features", _) => {
                Err("is for this package alone; `[build] features` is for all packages")
            }
            _ => Err("has no counterpart"),
        };
        match taken {
            Ok(()) => note.takes(key),
            Err(why) => note.leaves(key, why),
        }
    }
    leave_units_to_scripts(table, foreign);
    foreign.notes.push(note);
}

/// What the table says of its units. Scripts without a place for commands do all by themselves.
fn leave_units_to_scripts(table: &Table, foreign: &mut Foreign) {
    let units = table.get("systemd-units");
    let one = units.map(std::slice::from_ref).unwrap_or_default();
    let units = units.and_then(Value::as_array).map_or(one, Vec::as_slice);
    let has_place = |script: &str| script.lines().any(|line| line.trim() == "#DEBHELPER#");
    let mut scripts = foreign.scripts.iter().filter(|(name, _)| name != "preinst");
    let has_units = foreign
        .files
        .iter()
        .any(|file| file.kind == Kind::SystemdUnit);
    let by_themselves = has_units && scripts.any(|(_, script)| !has_place(script));
    for (theirs, ours) in [
        ("enable", "enable"),
        ("start", "start"),
        ("restart-after-upgrade", "restart"),
    ] {
        let is_off = |unit: &Value| unit.get(theirs).and_then(Value::as_bool) == Some(false);
        if by_themselves || units.iter().any(is_off) {
            foreign.systemd.insert(ours);
        }
    }
}

/// `["source", "destination", "mode"]`, or the same as a table.
fn asset(asset: &Value) -> Option<Asset<'_>> {
    let text = |index: usize, key: &str| match asset {
        Value::Array(values) => values.get(index)?.as_str(),
        _ => asset.get(key)?.as_str(),
    };
    Some(Asset {
        source: text(0, "source")?,
        destination: text(1, "dest")?,
        mode: text(2, "mode"),
    })
}

/// Adds a key of `[deb]` if the format accepts its value.
fn setting(key: &str, value: String, foreign: &mut Foreign) -> Result<(), &'static str> {
    let is_valid = toml::from_str::<Deb>(&format!("{key} = {value}")).is_ok();
    if !is_valid {
        return Err("has a value that is not valid here");
    }
    foreign.deb.push((key.to_owned(), value));
    Ok(())
}

/// A list of packages, which may be written with commas.
fn relations(key: &str, value: &Value, foreign: &mut Foreign) -> Result<(), &'static str> {
    let listed = match value {
        Value::Array(values) => values.iter().filter_map(Value::as_str).collect(),
        value => vec![value.as_str().unwrap_or_default()],
    };
    let packages = listed
        .iter()
        .flat_map(|list| list.split(','))
        .map(str::trim);
    let is_needed = |package: &&str| {
        let name = package.split([' ', ':', '(']).next().unwrap_or_default();
        !name.is_empty() && !LIBRARIES.contains(&name)
    };
    let packages: Vec<_> = packages.filter(is_needed).collect();
    if packages.is_empty() {
        return Err("names nothing that the programs need");
    }
    setting(key, array(&packages), foreign)
}

fn described(text: &str, foreign: &mut Foreign) -> Result<(), &'static str> {
    foreign.description = Some(paragraphs(text).ok_or("is empty")?);
    Ok(())
}

fn answered(text: &str, foreign: &mut Foreign) -> Result<(), &'static str> {
    text.parse::<Person>().map_err(|_| "has no address")?;
    foreign.maintainer = Some(text.to_owned());
    Ok(())
}

/// Files in `/etc` are configuration without being named.
fn configured(files: &[Value]) -> Result<(), &'static str> {
    let mut files = files.iter().filter_map(Value::as_str);
    let is_kept = |file: &str| file.trim_start_matches('/').starts_with("etc/");
    if files.all(is_kept) {
        Ok(())
    } else {
        Err("has files outside of /etc, which are not kept on an upgrade")
    }
}

/// A document that the project's files do not have under one of the usual names.
fn document(
    project: Project<'_>,
    kind: Kind,
    path: &str,
    foreign: &mut Foreign,
) -> Result<(), &'static str> {
    let source = file(project, path)?;
    if !project.beside.iter().any(|beside| beside.kind == kind) {
        foreign.files.push(Beside::new(kind, source));
    }
    Ok(())
}

fn file(project: Project<'_>, path: &str) -> Result<RelativePath, &'static str> {
    let source = source_in_project(project, path).ok_or("is outside of the project")?;
    let source: RelativePath = source
        .parse()
        .map_err(|_| "has a name that no manifest can say")?;
    match project.root.join(source.as_str()).is_file() {
        true => Ok(source),
        false => Err("is not in the project"),
    }
}

/// The scripts in a directory. Sealift takes debhelper's token for the place of its own commands, too.
fn scripts(project: Project<'_>, path: &str, foreign: &mut Foreign) -> Result<(), &'static str> {
    let mut found = Err("has none of dpkg's scripts");
    for name in SCRIPTS {
        let Ok(source) = file(project, &format!("{path}/{name}")) else {
            continue;
        };
        let text = std::fs::read_to_string(project.root.join(source.as_str()));
        let text = text.map_err(|_| "has a script that cannot be read")?;
        if !text.starts_with("#!") {
            return Err("has a script that does not begin with `#!`");
        }
        foreign.scripts.push(((*name).to_owned(), text));
        found = Ok(());
    }
    found
}

/// The units in the directory that is named, or else in that of the scripts.
fn units(
    project: Project<'_>,
    table: &Table,
    value: &Value,
    foreign: &mut Foreign,
) -> Result<(), &'static str> {
    let one = [value.clone()];
    let listed = value.as_array().map_or(one.as_slice(), Vec::as_slice);
    let mut found = Err("names no unit in the project");
    for each in listed {
        let scripts = table.get("maintainer-scripts");
        let directory = each.get("unit-scripts").or(scripts).and_then(Value::as_str);
        let directory = source_in_project(project, directory.unwrap_or("systemd"));
        let directory = directory.ok_or("is outside of the project")?;
        let wanted = each.get("unit-name").and_then(Value::as_str);
        for name in names(&project.root.join(&directory)).unwrap_or_default() {
            let Some((stem, suffix)) = name.rsplit_once('.') else {
                continue;
            };
            let is_wanted = wanted.is_none_or(|wanted| stem == wanted);
            let Ok(source) = format!("{directory}/{name}")
                .trim_start_matches('/')
                .parse()
            else {
                continue;
            };
            if is_wanted && UNITS.contains(&suffix) {
                foreign.files.push(Beside::new(Kind::SystemdUnit, source));
                found = Ok(());
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::testing::{read_from, shown};

    #[test]
    fn the_example_of_a_command_line_tool_is_taken() {
        let cargo = r#"
[package]
name = "hello"
[package.metadata.deb]
maintainer = "A. Person <a@example.org>"
license-file = ["COPYING", "4"]
depends = "$auto, ca-certificates, libc6 (>= 2.28)"
section = "web"
priority = "optional"
features = ["tls"]
extended-description = """
Greets the world,
and all in it.

Twice."""
assets = [
    ["target/release/hello", "usr/bin/", "755"],
    ["target/release/completions/_hello", "usr/share/zsh/vendor-completions/", "644"],
    ["README.md", "usr/share/doc/hello/README", "644"],
    ["FAQ.md", "usr/share/doc/hi/FAQ.md", "644"],
    ["shell/_hello", "usr/share/zsh/vendor-completions/", "644"],
    ["pages/*.1", "/usr/share/man/man1/", "644"],
    ["hello.1.gz", "usr/share/man/man1/hello.1.gz", "644"],
    ["gone.txt", "usr/share/hello/", "644"],
    { source = "hello.desktop", dest = "usr/share/applications/", mode = "644" },
    "$auto",
]
[package.metadata.deb.variants.musl]
name = "hello-musl"
"#;
        let files = [
            ("COPYING", ""),
            ("README.md", ""),
            ("FAQ.md", ""),
            ("shell/_hello", ""),
            ("pages/hello.1", ""),
            ("pages/hello-sub.1", ""),
            ("hello.1.gz", ""),
            ("hello.desktop", ""),
        ];
        let foreign = read_from(cargo, &files);
        let setting = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        assert_eq!(
            foreign.deb,
            [
                setting("depends", "[\"ca-certificates\"]"),
                setting("priority", "\"optional\""),
                setting("section", "\"web\""),
            ]
        );
        assert_eq!(
            shown(&foreign),
            [
                "Doc FAQ.md",
                "Completion shell/_hello",
                "Man pages/hello-sub.1",
                "Man pages/hello.1",
                "Desktop hello.desktop",
            ]
        );
        let description = foreign.description.as_deref();
        assert_eq!(
            description,
            Some("Greets the world, and all in it.\n\nTwice.")
        );
        assert_eq!(
            foreign.maintainer.as_deref(),
            Some("A. Person <a@example.org>")
        );
        assert_eq!(
            foreign.notes[0].left,
            [
                "`target/release/completions/_hello` is made by something that a release does not run",
                "`hello.1.gz` is compressed already; the page itself can be shipped",
                "`gone.txt` is not in the project",
                "`features` is for this package alone; `[build] features` is for all packages",
                "`variants` has no counterpart",
            ]
        );
    }

    #[test]
    fn the_example_of_a_daemon_is_taken() {
        let cargo = r#"
[package]
name = "hello"
[package.metadata.deb]
maintainer-scripts = "debian"
systemd-units = { unit-name = "hello", enable = false }
conf-files = ["/etc/hello/hello.toml"]
assets = [["conf/hello.toml", "etc/hello/hello.toml", "640"]]
"#;
        let files = [
            ("conf/hello.toml", ""),
            ("debian/postinst", "#!/bin/sh\nset -e\n#DEBHELPER#\n"),
            ("debian/hello.service", ""),
            ("debian/other.service", ""),
        ];
        let foreign = read_from(cargo, &files);
        assert_eq!(
            shown(&foreign),
            [
                "Config conf/hello.toml 640",
                "SystemdUnit debian/hello.service"
            ]
        );
        let script = (
            "postinst".to_owned(),
            "#!/bin/sh\nset -e\n#DEBHELPER#\n".to_owned(),
        );
        assert_eq!(foreign.scripts, [script]);
        assert_eq!(foreign.systemd, ["enable"].into());
        assert_eq!(foreign.notes[0].left, Vec::<String>::new());
    }

    #[test]
    fn scripts_without_a_place_for_commands_are_left_to_themselves() {
        let cargo = "[package]\nname = 'hello'\n[package.metadata.deb]\nmaintainer-scripts = 'debian'\nsystemd-units = [{ unit-name = 'hello' }]\n";
        let files = [
            ("debian/postinst", "#!/bin/sh\nsystemctl enable hello\n"),
            ("debian/hello.service", ""),
        ];
        let foreign = read_from(cargo, &files);
        assert_eq!(foreign.systemd, ["enable", "restart", "start"].into());
        assert!(read_from(cargo, &files[1..]).systemd.is_empty());
    }

    #[test]
    fn values_that_are_not_valid_here_are_left() {
        let cargo = "[package]\nname = 'hello'\n[package.metadata.deb]\npriority = 'extra'\nsection = 'utility'\nconflicts = 'a | b'\nextended-description = ''\ndepends = '$auto'\n";
        let foreign = read_from(cargo, &[]);
        assert!(foreign.deb.is_empty(), "{:?}", foreign.deb);
        assert_eq!(
            foreign.notes[0].left,
            [
                "`conflicts` has a value that is not valid here",
                "`depends` names nothing that the programs need",
                "`extended-description` is empty",
                "`priority` has a value that is not valid here",
                "`section` is no section of Debian's archive",
            ]
        );
    }
}
