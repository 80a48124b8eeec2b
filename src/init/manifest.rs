//! The text of a first manifest.

use std::fmt::Write;

use super::beside::Beside;
use super::foreign::{Foreign, Note};
use super::metadata::{Metadata, Value};
use super::platforms::APPIMAGE;
use super::survey::Facts;
use crate::format::FORMATS;
use crate::model::target::Target;
use crate::model::toml_text::{array, lines, quoted};
use crate::model::tree::Kind;
use crate::project::manifest::values::LICENSES;

/// Writes the manifest.
pub(super) fn text(facts: &Facts) -> String {
    let mut text = String::new();
    let mut add = |part: String| text.push_str(&part);
    add(head(facts));
    add(package(&facts.package, &facts.directory));
    add(build(facts));
    for program in &facts.programs {
        let source = format!("bin/{program}").parse();
        let source = source.expect("cargo's names of programs are valid in paths");
        add(file(&Beside::new(Kind::Binary, source)));
    }
    for name in &facts.left_out {
        add(format!(
            "\n# The program `{name}` is not shipped: it needs a feature that is off by default.\n"
        ));
    }
    for beside in &facts.beside {
        add(file(beside));
    }
    if facts.has_others {
        add(licenses());
    }
    let prints = |beside: &Beside| beside.kind == Kind::Completion;
    if !facts.beside.iter().any(prints) {
        add(generated(&facts.programs[0]));
    }
    add(settings(&facts.foreign));
    add(image(facts));
    add(windows(&facts.foreign));
    for note in &facts.foreign.notes {
        add(left(note));
    }
    text
}

fn head(facts: &Facts) -> String {
    let others = Target::all().filter(|target| !facts.targets.contains(&target.triple));
    let others: String = others.map(|target| format!("#   {target}\n")).collect();
    let others = match others.as_str() {
        "" => String::new(),
        list => format!(" More are\n{list}"),
    };
    let formats = FORMATS
        .iter()
        .filter(|format| !facts.formats.contains(&format.name))
        .filter(|format| facts.starts_one || format.name != APPIMAGE);
    let formats: String = formats
        .map(|format| format!("#   {:9} {}\n", format.name, format.summary))
        .collect();
    let formats = match formats.as_str() {
        "" => String::new(),
        list => format!(" More are\n{list}"),
    };
    format!(
        "\
# What is released, for which platforms and in which kinds of packages. `sealift plan` shows what would be made,
# `./nixw build .#release` makes it. Sealift's manifest reference (docs/manifest.md) has every key.

# Platforms, by their Rust target triples.{}
targets = {}

# Kinds of packages.{}
formats = {}

# Where a platform takes others, those of its system or its triple hold instead, as in
# formats-for.windows = [\"archive\"]
# formats-for.macos = [\"archive\"]
",
        others.trim_end(),
        array(&facts.targets),
        formats.trim_end(),
        array(&facts.formats),
    )
}

fn package(package: &Metadata, directory: &str) -> String {
    let keys = [
        ("name", Some(&package.name)),
        ("version", Some(&package.version)),
        ("summary", Some(&package.summary)),
        ("description", package.description.as_ref()),
        ("license", Some(&package.license)),
        ("maintainer", Some(&package.maintainer)),
        ("homepage", package.homepage.as_ref()),
        ("repository", package.repository.as_ref()),
    ];
    let mut inherited = Vec::new();
    let mut written = String::new();
    for (key, value) in keys {
        match value {
            Some(Value::Inherited(_)) => inherited.push(key),
            Some(Value::Written(value)) => {
                let value = match value.contains('\n') {
                    true => lines(value),
                    false => quoted(value),
                };
                writeln!(written, "{key} = {value}").expect("a string takes all text")
            }
            None => {}
        }
    }
    let comment = match (inherited.as_slice(), directory) {
        ([], directory) => format!("# As in {directory}/Cargo.toml; change the version in both.\n"),
        (keys, _) => format!(
            "# From Cargo.toml, unless they are given here: {}.\n",
            keys.join(", ")
        ),
    };
    format!("\n[package]\n{comment}{written}")
}

/// The profile for releases, only the released packages of a workspace, and the tools that crates run.
fn build(facts: &Facts) -> String {
    let mut text = String::new();
    if let Some(profile) = &facts.cargo_profile {
        text += "# The profile that Cargo.toml has for releases; `release` without this line.\n";
        text += &format!("cargo-profile = {}\n", quoted(profile));
    }
    if !facts.packages.is_empty() {
        text +=
            "# Packages of the workspace, by Cargo's names; without this line, all are built.\n";
        text += &format!("packages = {}\n", array(&facts.packages));
    }
    if !facts.tools.tools.is_empty() {
        let tools: Vec<_> = facts.tools.tools.iter().map(|tool| tool.name()).collect();
        text += &format!(
            "# What build scripts run: {}.\n",
            facts.tools.crates.join(", ")
        );
        text += &format!("tools = {}\n", array(&tools));
    }
    match text.as_str() {
        "" => text,
        keys => format!("\n[build]\n{keys}"),
    }
}

fn file(beside: &Beside) -> String {
    let kind = kind_text(beside.kind);
    let source = quoted(beside.source.as_str());
    let mut text = format!("\n[[files]]\nkind = {kind}\nsource = {source}\n");
    if let Some(destination) = &beside.destination {
        writeln!(text, "destination = {}", quoted(destination)).expect("a string takes all text");
    }
    if let Some(mode) = beside.mode {
        writeln!(text, "mode = {mode:#o}").expect("a string takes all text");
    }
    if let Some(system) = beside.system {
        writeln!(text, "targets = {}", array(&[system.name()])).expect("a string takes all text");
    }
    text
}

/// The licenses of the crates in the programs.
fn licenses() -> String {
    format!(
        "\n# The licenses of the crates that the programs are made of, in one file: most ask for their notices.\n\
         [[files]]\nkind = {}\nsource = {}\n",
        kind_text(Kind::License),
        quoted(LICENSES)
    )
}

/// The settings of packages for Linux that other packagers had.
fn settings(foreign: &Foreign) -> String {
    let table = |name: &str, lines: String| match lines.as_str() {
        "" => String::new(),
        lines => format!("\n[{name}]\n{lines}"),
    };
    let off = foreign.systemd.iter().map(|key| format!("{key} = false\n"));
    let mut text = table("systemd", off.collect());
    for (format, keys, scripts) in [
        ("deb", &foreign.deb, &foreign.scripts),
        ("rpm", &foreign.rpm, &foreign.rpm_scripts),
    ] {
        let keys = keys.iter().map(|(key, value)| format!("{key} = {value}\n"));
        text += &table(format, keys.collect());
        let scripts = scripts.iter();
        let scripts = scripts.map(|(key, script)| format!("{key} = {}\n", lines(script)));
        text += &table(&format!("{format}.scripts"), scripts.collect());
    }
    text
}

fn windows(foreign: &Foreign) -> String {
    match &foreign.windows_icon {
        Some(icon) => format!("\n[windows]\nicon = {}\n", quoted(icon.as_str())),
        None => String::new(),
    }
}

/// What the table of another packager says, and this manifest does not.
fn left(note: &Note) -> String {
    let lines: String = note
        .left
        .iter()
        .map(|left| format!("#   {left}\n"))
        .collect();
    match lines.as_str() {
        "" => String::new(),
        lines => format!("\n# Not taken from {}:\n{lines}", note.table),
    }
}

/// The JSON text of a kind, which is also valid TOML.
fn kind_text(kind: Kind) -> String {
    serde_json::to_string(&kind).expect("kinds are words")
}

fn generated(program: &str) -> String {
    let script = quoted(&format!("share/bash-completion/completions/{program}"));
    let command = array(&[&format!("bin/{program}"), "completions", "bash"]);
    format!(
        "
# What the program prints can be shipped as well, such as completions or manual pages. For one that has such a command:
#
# [[files]]
# kind = \"completion\"
# source = {script}
#
# [[generate]]
# command = {command}
# output = {script}
"
    )
}

/// An image runs the program with the package's name, or the only one, or else the first of several.
fn image(facts: &Facts) -> String {
    match facts.programs.as_slice() {
        [first, ..] if !facts.starts_one => format!(
            "\n# There is no AppImage: it starts one program, and none of these has the package's name.\n\n[oci]\n# The program that a container runs.\nentrypoint = {}\n",
            array(&[format!("/usr/bin/{first}")])
        ),
        _ => String::new(),
    }
}
