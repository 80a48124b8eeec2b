//! What a deb installs, and where.

use std::io::Read;
use std::sync::Arc;

use super::changelog;
use super::copyright::{LicenseText, copyright};
use super::elf::{HEAD_BYTES, Linking, linking};
use super::{Deb, Value};
use crate::container::compress::gzip::{Level, compress};
use crate::format::FormatError;
use crate::format::installed;
use crate::format::relocate::{Layout, relative, relocate};
use crate::format::shell::file_name;
use crate::model::license::is_third_party;
use crate::model::package::{Context, Package};
use crate::model::tree::{Content, Kind, Tree, TreeFile};

/// The folders with the package's name in Debian's locations.
struct Debian<'a> {
    doc: &'a str,
}

impl Layout for Debian<'_> {
    fn place(&self, file: &TreeFile) -> Option<String> {
        let path = &file.path;
        match file.kind {
            // Both become files with other names, see `install`.
            Kind::License | Kind::Changelog => None,
            Kind::Man => Some(installed::man_page(path)),
            Kind::Completion => Some(installed::completion(path, "vendor-completions")),
            Kind::SystemdUnit => Some(installed::systemd_unit(path)),
            Kind::Doc => Some(match installed::below_package(path, "usr/share/doc/") {
                // Debian's folder always has the package's name.
                Some(below) => format!("{}/{below}", self.doc),
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

/// The tree as installed on the user's machine.
pub(super) fn install(
    deb: &Deb,
    package: &Package,
    context: &Context<'_>,
    version: &str,
) -> Result<Tree, FormatError> {
    let doc = format!("usr/share/doc/{}", package.name);
    let mut files = relocate(context.tree, &Debian { doc: &doc })?;
    installed::compress_man_pages(&mut files, package, context.tree)?;
    let mut overrides = static_programs(&files)?;
    let (of_others, texts) = license_texts(context.tree)?
        .into_iter()
        .partition::<Vec<_>, _>(|text| is_third_party(&text.name));
    let in_doc = |text: &LicenseText| format!("{doc}/{}", text.name);
    let places: Vec<_> = of_others.iter().map(in_doc).collect();
    let made = copyright(package, &texts, &places, context.date);
    for (place, LicenseText { text, .. }) in places.iter().zip(of_others) {
        files.push(text_file(place, Kind::License, text));
    }
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
