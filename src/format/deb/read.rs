//! Opens a deb, compares its parts with each other, and visits its entries.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use md5::{Digest, Md5};
use sha2::Sha256;

use super::members::{CONTROL, PREFIX, hex};
use crate::container::ar::{self, Member};
use crate::container::compress::decode;
use crate::container::members::{list, show};
use crate::container::tar::TarReader;
use crate::container::{Malformed, Visit};
use crate::format::FormatError;
use crate::model::digest::Sha256Sum;
use crate::model::entry::{Entry, EntryContent};

/// The maximum size of a control file in memory, enough for the sums of a hundred thousand files.
const MAX_CONTROL_BYTES: u64 = 16 << 20;

/// The control files that are held against the rest of the deb.
const NEEDED: [&str; 3] = ["conffiles", "control", "md5sums"];

/// Opens a deb and visits the control files, each in a folder `DEBIAN`, then the installed files. Everything is read
/// and checked once before the first entry is visited.
pub(super) fn read(artifact: &Path, visit: &mut Visit<'_>) -> Result<(), FormatError> {
    let parts = Parts::open(artifact)?;
    let (control, texts) = read_control(parts.control(artifact)?)?;
    let (data, sums) = read_data(parts.data(artifact)?)?;
    check_sums(&texts, &data, &sums)?;
    show(parts.control(artifact)?, &control, &mut |entry, content| {
        visit(&in_control_folder(entry), content)
    })?;
    Ok(show(parts.data(artifact)?, &data, visit)?)
}

fn in_control_folder(entry: &Entry) -> Entry {
    Entry {
        path: format!("{CONTROL}{}", entry.path),
        ..entry.clone()
    }
}

/// Where the parts of a deb are.
struct Parts {
    control: Member,
    data: Member,
}

impl Parts {
    fn open(artifact: &Path) -> Result<Self, FormatError> {
        let mut file = File::open(artifact)?;
        let members = ar::members(&mut file, 3)?;
        let [version, control, data] = <[Member; 3]>::try_from(members).map_err(|members| {
            let what = format!("{} members; expected 3", members.len());
            malformed(what, 0)
        })?;
        let mut text = String::new();
        part(artifact, &version)?
            .take(4)
            .read_to_string(&mut text)
            .ok();
        if (version.name.as_str(), version.size, text.as_str()) != ("debian-binary", 4, "2.0\n") {
            return Err(malformed(
                "no `debian-binary` that says `2.0`",
                version.start,
            ));
        }
        if control.name != "control.tar.gz" {
            let what = format!("`{}`; expected `control.tar.gz`", control.name);
            return Err(malformed(what, control.start));
        }
        if !["data.tar", "data.tar.gz", "data.tar.xz", "data.tar.zst"].contains(&data.name.as_str())
        {
            let what = format!(
                "`{}`; expected `data.tar`, `data.tar.gz`, `data.tar.xz` or `data.tar.zst`",
                data.name
            );
            return Err(malformed(what, data.start));
        }
        Ok(Self { control, data })
    }

    fn control(&self, artifact: &Path) -> Result<TarReader<'static>, FormatError> {
        let gzip = decode::gzip(part(artifact, &self.control)?);
        Ok(TarReader::new(gzip, "the deb's control.tar", PREFIX))
    }

    fn data(&self, artifact: &Path) -> Result<TarReader<'static>, FormatError> {
        let part = part(artifact, &self.data)?;
        let data: Box<dyn Read> = match self.data.name.as_str() {
            "data.tar.xz" => Box::new(decode::xz(part)?),
            "data.tar.zst" => Box::new(decode::zstd(part)?),
            "data.tar.gz" => Box::new(decode::gzip(part)),
            _ => Box::new(part),
        };
        Ok(TarReader::new(data, "the deb's data.tar", PREFIX))
    }
}

/// The bytes of one member.
fn part(artifact: &Path, member: &Member) -> io::Result<impl Read + use<>> {
    let mut file = File::open(artifact)?;
    file.seek(SeekFrom::Start(member.start))?;
    Ok(BufReader::new(file).take(member.size))
}

/// The contents of the needed control files, by name, without those that are too large.
type Texts = BTreeMap<String, String>;

fn read_control(tar: TarReader<'_>) -> Result<(Vec<Entry>, Texts), FormatError> {
    let mut texts = Texts::new();
    let entries = list(tar, &mut |member, content| {
        if !NEEDED.contains(&member.path.as_str()) {
            return Sha256Sum::of_reader(content);
        }
        let mut bytes = Vec::new();
        content.take(MAX_CONTROL_BYTES).read_to_end(&mut bytes)?;
        let sum = Sha256Sum::of_reader(&mut bytes.as_slice().chain(content))?;
        if let Ok(text) = String::from_utf8(bytes) {
            texts.insert(member.path.clone(), text);
        }
        Ok(sum)
    })?;
    match texts.get("control") {
        Some(text) if text.starts_with("Package: ") => Ok((entries, texts)),
        _ => Err(in_control(
            "no file `control` that starts with `Package: `",
            0,
        )),
    }
}

/// The MD5 sums of the installed files, by path.
type Sums = BTreeMap<String, String>;

fn read_data(tar: TarReader<'_>) -> Result<(Vec<Entry>, Sums), FormatError> {
    let mut sums = Sums::new();
    let entries = list(tar, &mut |member, content| {
        let mut both = BothSums::default();
        io::copy(content, &mut both)?;
        sums.insert(member.path.clone(), hex(&both.md5.finalize()));
        Ok(Sha256Sum(both.sha256.finalize().into()))
    })?;
    Ok((entries, sums))
}

/// Computes both Debian's sum and ours.
#[derive(Default)]
struct BothSums {
    md5: Md5,
    sha256: Sha256,
}

impl io::Write for BothSums {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.md5.update(bytes);
        self.sha256.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Every file must have a sum in the list or be a conffile, and every line of the lists must have a file.
fn check_sums(texts: &Texts, data: &[Entry], sums: &Sums) -> Result<(), FormatError> {
    let text = |name: &str| texts.get(name).map_or("", String::as_str);
    let mut missing: BTreeMap<&str, &str> = sums.iter().map(|(p, s)| (&p[..], &s[..])).collect();
    for line in text("conffiles").lines() {
        let path = line.strip_prefix('/').unwrap_or(line);
        if missing.remove(path).is_none() {
            return Err(in_control(
                format!("the conffile `{line}` is not a file of the deb"),
                0,
            ));
        }
    }
    let mut offset = 0;
    for line in text("md5sums").split_inclusive('\n') {
        let (sum, path) = line
            .trim_end_matches('\n')
            .split_once("  ")
            .unwrap_or_default();
        match missing.remove(path) {
            Some(found) if found == sum => offset += line.len() as u64,
            Some(found) => {
                let what = format!("md5sums has `{sum}` for `{path}`, whose sum is `{found}`");
                return Err(in_control(what, offset));
            }
            None => {
                let what =
                    format!("md5sums has a sum for `{path}`, which is not a file of the deb");
                return Err(in_control(what, offset));
            }
        }
    }
    if let Some(path) = missing.keys().next() {
        return Err(in_control(
            format!("md5sums has no sum for `{path}`"),
            offset,
        ));
    }
    let is_file = |entry: &&Entry| matches!(entry.content, EntryContent::File { .. });
    if data.iter().filter(is_file).count() == sums.len() {
        Ok(())
    } else {
        Err(in_control("the deb has a file twice", 0))
    }
}

fn malformed(what: impl AsRef<str>, offset: u64) -> FormatError {
    let what = format!("the deb: {}", what.as_ref());
    Malformed { what, offset }.into()
}

fn in_control(what: impl AsRef<str>, offset: u64) -> FormatError {
    let what = format!("the deb's control.tar: {}", what.as_ref());
    Malformed { what, offset }.into()
}
