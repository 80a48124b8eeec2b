//! What a deb installs, and where.

use std::io::Read;
use std::sync::Arc;

use super::changelog;
use super::copyright::{LicenseText, copyright};
use super::elf::{HEAD_BYTES, Linking, linking};
use super::man::described;
use super::{Deb, Value};
use crate::container::compress::gzip::{Level, compress};
use crate::format::FormatError;
use crate::format::relocate::{Layout, relative, relocate};
use crate::format::shell::{Shell, file_name};
use crate::model::package::{Context, Package};
use crate::model::tree::{Content, Kind, Tree, TreeFile};

/// The folders with the package's name in Debian's locations.
struct Debian<'a> {
    doc: &'a str,
}

impl Layout for Debian<'_> {
    fn place(&self, file: &TreeFile) -> Option<String> {
        let (path, name) = (&file.path, file_name(&file.path));
        match file.kind {
            // Both become files with other names, see `install`.
            Kind::License | Kind::Changelog => None,
            Kind::Man if name.ends_with(".gz") => Some(path.clone()),
            Kind::Man => Some(format!("{}.gz", man_page(path, name))),
            Kind::Completion => Some(completion(path, name)),
            Kind::SystemdUnit => Some(systemd_unit(path)),
            Kind::Doc => Some(match path.strip_prefix("usr/share/doc/") {
                // Debian's folder always has the package's name.
                Some(below) => match below.split_once('/') {
                    Some((_, rest)) => format!("{}/{rest}", self.doc),
                    None => format!("{}/{below}", self.doc),
                },
                None => path.clone(),
            }),
            _ => Some(path.clone()),
        }
    }

    /// As in `dh_link`: absolute if the link leaves its top-level folder, else relative (Debian Policy 10.5).
    fn link(&self, from: &str, to: &str) -> String {
        let top = |path: &str| path.split('/').next().map(str::to_owned);
        match top(from) == top(to) {
            true => relative(from, to),
            false => format!("/{to}"),
        }
    }
}

fn man_page(path: &str, name: &str) -> String {
    let section = name.rsplit('.').next().and_then(|s| s.chars().next());
    match section.filter(char::is_ascii_digit) {
        Some(section) if !path.starts_with("usr/share/man/") => {
            format!("usr/share/man/man{section}/{name}")
        }
        _ => path.to_owned(),
    }
}

fn completion(path: &str, name: &str) -> String {
    match Shell::of(path) {
        Shell::Bash => {
            let command = name.strip_suffix(".bash").unwrap_or(name);
            format!("usr/share/bash-completion/completions/{command}")
        }
        Shell::Zsh => format!("usr/share/zsh/vendor-completions/{name}"),
        Shell::Fish => format!("usr/share/fish/vendor_completions.d/{name}"),
        Shell::Other => path.to_owned(),
    }
}

/// Since Debian 12 every `/lib` is `/usr/lib`, and newer versions require it to be written so.
fn systemd_unit(path: &str) -> String {
    match path.strip_prefix("lib/systemd/") {
        Some(below) => format!("usr/lib/systemd/{below}"),
        None => path.to_owned(),
    }
}

/// The tree as installed on the user's machine.
pub(super) fn install(
    deb: &Deb,
    package: &Package,
    context: &Context<'_>,
    version: &str,
) -> Result<Tree, FormatError> {
    let doc = format!("usr/share/doc/{}", package.name);
    let mut files = relocate(context.tree, &Debian { doc: &doc })?;
    let is_program = |name: &str| {
        let is = |f: &TreeFile| f.kind == Kind::Binary && file_name(&f.path) == name;
        context.tree.files().iter().any(is)
    };
    for file in &mut files {
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
            file.content = content(compress(&page, Level::Best));
        }
    }
    let mut overrides = static_programs(&files)?;
    let texts = license_texts(context.tree)?;
    let made = copyright(package, &texts, context.date);
    files.push(text_file(
        &format!("{doc}/copyright"),
        Kind::License,
        made.text,
    ));
    for index in made.unused {
        let LicenseText { name, text } = &texts[index];
        files.push(text_file(
            &format!("{doc}/{name}"),
            Kind::License,
            text.clone(),
        ));
        overrides.push("extra-license-file");
    }
    let (changelogs, is_generated) = changelogs(package, context, version, &doc)?;
    files.extend(changelogs);
    if is_generated {
        // The entry would close the bug that announces a package for Debian's own archive.
        overrides.push("initial-upload-closes-no-bugs");
    }
    let has = |kind| context.tree.files().iter().any(|f| f.kind == kind);
    if has(Kind::Binary) && !has(Kind::Man) {
        // A project that ships no manual page has none to add; one that forgot a page is still told.
        overrides.push("no-manual-page");
    }
    overrides.extend(deb.lintian_overrides.iter().map(Value::as_str));
    files.extend(overrides_file(&package.name, overrides));
    Tree::new(files).map_err(|e| FormatError::Invalid(e.to_string()))
}

/// The lintian overrides file; `None` if there are no overrides.
fn overrides_file(name: &str, mut tags: Vec<&str>) -> Option<TreeFile> {
    tags.sort_unstable();
    tags.dedup();
    let lines: String = tags.iter().map(|tag| format!("{name}: {tag}\n")).collect();
    let path = format!("usr/share/lintian/overrides/{name}");
    (!tags.is_empty()).then(|| text_file(&path, Kind::Data, lines))
}

fn text_file(path: &str, kind: Kind, text: String) -> TreeFile {
    new_file(path, kind, text.into_bytes())
}

fn new_file(path: &str, kind: Kind, bytes: Vec<u8>) -> TreeFile {
    TreeFile {
        path: path.to_owned(),
        mode: 0o644,
        kind,
        content: content(bytes),
    }
}

fn content(bytes: Vec<u8>) -> Content {
    Content::Bytes(Arc::from(bytes))
}

/// The tags for intentionally static programs: that they are static, and that they contain code that Debian has as
/// libraries.
fn static_programs(files: &[TreeFile]) -> Result<Vec<&'static str>, FormatError> {
    let mut tags = Vec::new();
    for file in files.iter().filter(|f| f.kind == Kind::Binary) {
        let mut head = Vec::new();
        let mut start = file.open()?.take(HEAD_BYTES as u64);
        start.read_to_end(&mut head)?;
        match linking(&head) {
            Linking::Other => {}
            // lintian mistakes it for a library, which can also be loaded anywhere.
            Linking::Static => {
                tags.extend(["embedded-library", "shared-library-lacks-prerequisites"]);
            }
            Linking::FixedStatic => tags.extend(["embedded-library", "statically-linked-binary"]),
        }
    }
    Ok(tags)
}

fn license_texts(tree: &Tree) -> Result<Vec<LicenseText>, FormatError> {
    let mut texts = Vec::new();
    for file in tree.files().iter().filter(|f| f.kind == Kind::License) {
        if !matches!(file.content, Content::Symlink(_)) {
            texts.push(LicenseText {
                name: file_name(&file.path).to_owned(),
                text: String::from_utf8_lossy(&file.bytes()?).into_owned(),
            });
        }
    }
    Ok(texts)
}

/// Debian's changelog, upstream's if it is a different one (Debian Policy 12.7), and whether the former was generated.
fn changelogs(
    package: &Package,
    context: &Context<'_>,
    version: &str,
    doc: &str,
) -> Result<(Vec<TreeFile>, bool), FormatError> {
    let file = context
        .tree
        .files()
        .iter()
        .find(|f| f.kind == Kind::Changelog);
    let upstream = match file {
        Some(file) => String::from_utf8_lossy(&file.bytes()?).into_owned(),
        None => String::new(),
    };
    let gzipped = |name: &str, text: &str| {
        let bytes = compress(text.as_bytes(), Level::Best);
        new_file(&format!("{doc}/{name}"), Kind::Changelog, bytes)
    };
    if changelog::is_debian(&upstream, &package.name) {
        return Ok((vec![gzipped("changelog.Debian.gz", &upstream)], false));
    }
    let generated = changelog::generate(package, version, context.date, &upstream);
    let mut files = vec![gzipped("changelog.Debian.gz", &generated)];
    if !upstream.is_empty() {
        files.push(gzipped("changelog.gz", &upstream));
    }
    Ok((files, true))
}
