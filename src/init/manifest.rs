//! The text of a first manifest.

use std::fmt::Write;

use super::beside::Beside;
use super::metadata::{Metadata, Value};
use super::survey::Facts;
use super::toml_text::{array, quoted};
use crate::format::FORMATS;
use crate::model::target::Target;
use crate::model::tree::Kind;

/// Writes the manifest.
pub(super) fn text(facts: &Facts) -> String {
    let mut text = String::new();
    let mut add = |part: String| text.push_str(&part);
    add(head(facts));
    add(package(&facts.package, &facts.directory));
    add(build(facts));
    for program in &facts.programs {
        add(file(Kind::Binary, &format!("bin/{program}"), None));
    }
    for name in &facts.left_out {
        add(format!(
            "\n# The program `{name}` is not shipped: it needs a feature that is off by default.\n"
        ));
    }
    for Beside {
        kind,
        source,
        destination,
    } in &facts.beside
    {
        add(file(*kind, source.as_str(), destination.as_deref()));
    }
    let prints = |beside: &Beside| beside.kind == Kind::Completion;
    if !facts.beside.iter().any(prints) {
        add(generated(&facts.programs[0]));
    }
    add(image(facts));
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
        .filter(|format| !facts.formats.contains(&format.name));
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
                writeln!(written, "{key} = {}", quoted(value)).expect("a string takes all text")
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

/// In a workspace, only the released packages are built.
fn build(facts: &Facts) -> String {
    match facts.packages.as_slice() {
        [] => String::new(),
        packages => format!(
            "\n[build]\n# Packages of the workspace, by Cargo's names; without this line, all are built.\npackages = {}\n",
            array(packages)
        ),
    }
}

fn file(kind: Kind, source: &str, destination: Option<&str>) -> String {
    let mut text = format!(
        "\n[[files]]\nkind = {}\nsource = {}\n",
        kind_text(kind),
        quoted(source)
    );
    if let Some(destination) = destination {
        writeln!(text, "destination = {}", quoted(destination)).expect("a string takes all text");
    }
    text
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
    let name = facts.package.name.text();
    match facts.programs.as_slice() {
        [first, _, ..] if !facts.programs.iter().any(|program| program == name) => format!(
            "\n[oci]\n# The program that a container runs.\nentrypoint = {}\n",
            array(&[format!("/usr/bin/{first}")])
        ),
        _ => String::new(),
    }
}
