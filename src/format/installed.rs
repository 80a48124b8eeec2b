//! Where files are on an installed Linux system, as far as distributions agree.

use std::io;
use std::sync::Arc;

use super::man::described;
use super::shell::{Shell, file_name};
use crate::container::compress::gzip::{Level, compress};
use crate::model::package::Package;
use crate::model::tree::{Content, Kind, Tree, TreeFile};
use crate::program::elf::Facts;
use crate::program::kind::Magic;

/// The place of a manual page, which is compressed.
pub(super) fn man_page(path: &str) -> String {
    let name = file_name(path);
    if name.ends_with(".gz") {
        return path.to_owned();
    }
    let section = name.rsplit('.').next().and_then(|s| s.chars().next());
    match section.filter(char::is_ascii_digit) {
        Some(section) if !path.starts_with("usr/share/man/") => {
            format!("usr/share/man/man{section}/{name}.gz")
        }
        _ => format!("{path}.gz"),
    }
}

/// The place of a completion script. Distributions have different folders for zsh.
pub(super) fn completion(path: &str, zsh: &str) -> String {
    let name = file_name(path);
    match Shell::of(path) {
        Shell::Bash => {
            let command = name.strip_suffix(".bash").unwrap_or(name);
            format!("usr/share/bash-completion/completions/{command}")
        }
        Shell::Zsh => format!("usr/share/zsh/{zsh}/{name}"),
        Shell::Fish => format!("usr/share/fish/vendor_completions.d/{name}"),
        Shell::Other => path.to_owned(),
    }
}

/// Every `/lib` is `/usr/lib` today, and checkers require it to be written so.
pub(super) fn systemd_unit(path: &str) -> String {
    match path.strip_prefix("lib/systemd/") {
        Some(below) => format!("usr/lib/systemd/{below}"),
        None => path.to_owned(),
    }
}

/// What follows a package's own folder in `folder`, or a file that is directly there.
pub(super) fn below_package<'a>(path: &'a str, folder: &str) -> Option<&'a str> {
    let below = path.strip_prefix(folder)?;
    Some(below.split_once('/').map_or(below, |(_, rest)| rest))
}

/// Compresses the manual pages. One without a description gets the package's summary.
pub(super) fn compress_man_pages(
    files: &mut [TreeFile],
    package: &Package,
    tree: &Tree,
) -> io::Result<()> {
    let is_program = |name: &str| {
        let is = |f: &TreeFile| f.kind == Kind::Binary && file_name(&f.path) == name;
        tree.files().iter().any(is)
    };
    for file in files {
        if file.kind != Kind::Man || matches!(file.content, Content::Symlink(_)) {
            continue;
        }
        let mut page = file.bytes()?;
        // A page that is already compressed starts with gzip's magic number.
        if !page.starts_with(&[31, 139]) {
            let text = std::str::from_utf8(&page).ok();
            let summary = package.summary.as_str();
            if let Some(text) = text.and_then(|text| described(text, summary, is_program)) {
                page = text.into_bytes();
            }
            file.content = Content::Bytes(Arc::from(compress(&page, Level::Best)));
        }
    }
    Ok(())
}

/// What the ELF files of a tree need. Those that cannot be read, the gates report.
pub(super) fn elf_facts(tree: &Tree) -> io::Result<Vec<Facts>> {
    let mut facts = Vec::new();
    for file in tree.files() {
        if Magic::read(&mut file.open()?)? == Some(Magic::Elf) {
            facts.extend(Facts::read(&file.bytes()?));
        }
    }
    Ok(facts)
}
