//! Opens a package, compares its parts with each other, and visits its documents, scripts and files.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use super::{BOM, DISTRIBUTION, LICENSE, LOCATION, PACKAGE_INFO, PAYLOAD, SCRIPTS, made};
use crate::container::bom::{self, Cksum};
use crate::container::compress::decode;
use crate::container::cpio::odc::OdcReader;
use crate::container::members::{list, show};
use crate::container::xar::XarReader;
use crate::container::{Malformed, Visit};
use crate::format::FormatError;
use crate::model::digest::Sha256Sum;
use crate::model::entry::{Entry, EntryContent};

/// How large a document, the archive of the scripts, and one of them may be.
const MAX_DOCUMENT: u64 = 16 << 20;
/// How large the bill of materials may be: enough for a million paths.
const MAX_BOM: u64 = 512 << 20;

/// Everything is read and checked once before the first entry is visited.
pub(super) fn read(artifact: &Path, visit: &mut Visit<'_>) -> Result<(), FormatError> {
    let mut xar = XarReader::open(BufReader::new(File::open(artifact)?))?;
    let parts = Parts::of(&xar)?;
    let mut documents = Vec::new();
    for path in &parts.documents {
        let (bytes, _) = xar.bytes(path, MAX_DOCUMENT)?;
        documents.push((made(path.clone(), 0o644, &bytes), bytes));
    }
    if let Some(path) = &parts.scripts {
        let (bytes, place) = xar.bytes(path, MAX_DOCUMENT)?;
        documents.extend(scripts(path, &bytes, place)?);
    }
    let payload = Payload {
        artifact,
        place: xar.place(&parts.payload)?,
    };
    let mut sums = Vec::new();
    let entries = list(payload.open()?, &mut |_, content| {
        let mut content = Cksum::new(content);
        let sum = Sha256Sum::of_reader(&mut content);
        sums.push(content.finish());
        sum
    })?;
    let (list, place) = xar.bytes(&parts.bom, MAX_BOM)?;
    compare(&entries, &sums, &bom::read(&list)?, place)?;
    for (entry, bytes) in &documents {
        visit(entry, &mut bytes.as_slice())?;
    }
    Ok(show(payload.open()?, &entries, &mut |entry, content| {
        let path = format!("{LOCATION}/{}", entry.path);
        visit(
            &Entry {
                path,
                ..entry.clone()
            },
            content,
        )
    })?)
}

/// The paths of a package's members.
struct Parts {
    documents: Vec<String>,
    scripts: Option<String>,
    payload: String,
    bom: String,
}

impl Parts {
    fn of(xar: &XarReader<impl Read + Seek>) -> Result<Self, FormatError> {
        let paths: Vec<_> = xar.paths().collect();
        let component = paths.iter().find_map(|path| path.strip_suffix(PAYLOAD));
        let below = |name| format!("{}{name}", component.unwrap_or_default());
        let (info, scripts) = (below(PACKAGE_INFO), below(SCRIPTS));
        let (payload, bom) = (below(PAYLOAD), below(BOM));
        let has = |path: &str| paths.contains(&path);
        let mut documents = vec![DISTRIBUTION];
        documents.extend(has(LICENSE).then_some(LICENSE));
        documents.push(&info);
        let mut expected = documents.clone();
        expected.extend(has(&scripts).then_some(scripts.as_str()));
        expected.extend([payload.as_str(), &bom]);
        if paths != expected {
            let what = format!(
                "the members `{}`; expected those of one component",
                paths.join("`, `")
            );
            return Err(malformed(what, 0));
        }
        Ok(Self {
            documents: documents.into_iter().map(str::to_owned).collect(),
            scripts: has(&scripts).then_some(scripts.clone()),
            payload,
            bom,
        })
    }
}

/// The scripts in their archive.
fn scripts(path: &str, bytes: &[u8], place: u64) -> Result<Vec<(Entry, Vec<u8>)>, FormatError> {
    let mut contents = Vec::new();
    let open = || OdcReader::new(decode::gzip(bytes).take(MAX_DOCUMENT), "the pkg's scripts");
    let entries = list(open(), &mut |_, content| {
        let mut bytes = Vec::new();
        content.read_to_end(&mut bytes)?;
        let sum = Sha256Sum::of(&bytes);
        contents.push(bytes);
        Ok(sum)
    })?;
    let is_file = |entry: &Entry| matches!(entry.content, EntryContent::File { .. });
    if !entries.iter().all(is_file) {
        return Err(malformed(format!("`{path}` has more than files"), place));
    }
    let below = |entry: Entry| Entry {
        path: format!("{path}/{}", entry.path),
        ..entry
    };
    Ok(entries.into_iter().map(below).zip(contents).collect())
}

/// The archive of the files.
struct Payload<'a> {
    artifact: &'a Path,
    place: (u64, u64),
}

impl Payload<'_> {
    fn open(&self) -> io::Result<OdcReader<'static>> {
        let mut file = File::open(self.artifact)?;
        let (start, length) = self.place;
        file.seek(SeekFrom::Start(start))?;
        let gzip = decode::gzip(BufReader::new(file.take(length)));
        Ok(OdcReader::new(gzip, "the pkg's payload"))
    }
}

/// The bill of materials has to have exactly the files of the payload.
fn compare(
    entries: &[Entry],
    sums: &[u32],
    paths: &[bom::Path],
    place: u64,
) -> Result<(), FormatError> {
    let mut expected: BTreeMap<&str, &bom::Path> = BTreeMap::new();
    for path in paths {
        expected.insert(&path.path, path);
    }
    let mut sums = sums.iter().copied();
    let top = (String::new(), 0o755, bom::Kind::Directory);
    let found = entries.iter().map(|entry| {
        let kind = match &entry.content {
            EntryContent::Directory => bom::Kind::Directory,
            EntryContent::Symlink(target) => bom::Kind::Symlink(target.clone()),
            EntryContent::File { size, .. } => bom::Kind::File {
                // A header of the payload can have more bits, and the sum tells.
                size: *size as u32,
                sum: sums.next().unwrap_or_default(),
            },
        };
        (entry.path.clone(), entry.mode, kind)
    });
    for (path, mode, kind) in std::iter::once(top).chain(found) {
        let listed = expected.remove(path.as_str());
        if listed.is_none_or(|listed| (listed.mode, &listed.kind) != (mode, &kind)) {
            let what =
                format!("the payload and the bill of materials differ in `/{LOCATION}/{path}`");
            return Err(malformed(what, place));
        }
    }
    match expected.keys().next() {
        None => Ok(()),
        Some(path) => {
            let what = format!("the payload has no `/{LOCATION}/{path}`");
            Err(malformed(what, place))
        }
    }
}

fn malformed(what: impl AsRef<str>, offset: u64) -> FormatError {
    let what = format!("the pkg: {}", what.as_ref());
    Malformed { what, offset }.into()
}
