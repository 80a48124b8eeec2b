//! An OCI image layout (image specification 1.0, `image-layout.md`) as a tar or a directory, whoever wrote it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use super::document::{Descriptor, Digest, INDEX, Index, Layout as Version};
use crate::container::Malformed;
use crate::container::hash::HashReader;
use crate::container::members::MemberKind;
use crate::container::tar::TarReader;
use crate::format::FormatError;
use crate::model::digest::Sha256Sum;

/// The largest document that is read.
const MAX_DOCUMENT_BYTES: u64 = 4 << 20;

/// The maximum number of files in a layout.
const MAX_FILES: usize = 10_000;

const BLOBS: &str = "blobs/sha256/";

/// The bytes of a file of a layout: a part of the tar, or a file of the directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    file: PathBuf,
    pub(super) start: u64,
    pub(super) size: u64,
}

impl Place {
    /// The content from an offset.
    pub(super) fn read(&self, from: u64) -> io::Result<impl Read + Send + use<>> {
        let mut file = File::open(&self.file)?;
        let from = from.min(self.size);
        file.seek(SeekFrom::Start(self.start + from))?;
        Ok(file.take(self.size - from))
    }
}

/// A layout. What is taken out of it has the digest and size that its descriptor says.
pub(super) struct Layout {
    files: BTreeMap<String, Place>,
}

impl Layout {
    /// Opens a tar or a directory.
    pub(super) fn open(path: &Path) -> Result<Self, FormatError> {
        let files = match path.is_dir() {
            true => directory(path)?,
            false => tar(path)?,
        };
        let layout = Self { files };
        let version: Version = layout.document("oci-layout")?;
        match version.image_layout_version.as_str() {
            "1.0.0" => Ok(layout),
            _ => Err(malformed("`oci-layout` is not of version 1.0.0", 0)),
        }
    }

    /// The file `index.json`. Its media type may be missing (image specification, `image-index.md`).
    pub(super) fn index(&self) -> Result<Index, FormatError> {
        let index: Index = self.document("index.json")?;
        match index.media_type.as_str() {
            "" | INDEX => Ok(index),
            other => Err(malformed(
                format!("`index.json` is of the type `{other}`; expected `{INDEX}`"),
                self.files["index.json"].start,
            )),
        }
    }

    /// The bytes of a document that a descriptor points to.
    pub(super) fn bytes(&self, descriptor: &Descriptor) -> Result<Vec<u8>, FormatError> {
        let place = self.blob(descriptor)?;
        let bytes = read_document(&descriptor.digest.path(), place)?;
        check_sum(&descriptor.digest, Sha256Sum::of(&bytes), place)?;
        Ok(bytes)
    }

    /// The document that a descriptor points to.
    pub(super) fn parse<T: DeserializeOwned>(
        &self,
        descriptor: &Descriptor,
    ) -> Result<T, FormatError> {
        let bytes = self.bytes(descriptor)?;
        parse(&descriptor.digest.path(), &bytes, self.blob(descriptor)?)
    }

    /// The blob that a descriptor points to, all of which is read and compared with the digest.
    pub(super) fn verified(&self, descriptor: &Descriptor) -> Result<&Place, FormatError> {
        let place = self.blob(descriptor)?;
        let mut reader = HashReader::new(place.read(0)?);
        io::copy(&mut reader, &mut io::sink())?;
        check_sum(&descriptor.digest, reader.finish(), place)?;
        Ok(place)
    }

    fn blob(&self, descriptor: &Descriptor) -> Result<&Place, FormatError> {
        let place = self.place(&descriptor.digest.path())?;
        if descriptor.size == place.size {
            return Ok(place);
        }
        let what = format!(
            "the blob `{}` has {} bytes; its descriptor says {}",
            descriptor.digest, place.size, descriptor.size
        );
        Err(malformed(what, place.start))
    }

    /// The document at a path.
    pub(super) fn document<T: DeserializeOwned>(&self, path: &str) -> Result<T, FormatError> {
        let place = self.place(path)?;
        parse(path, &read_document(path, place)?, place)
    }

    /// The number of files, whether something points to them or not.
    pub(super) fn len(&self) -> usize {
        self.files.len()
    }

    /// The paths of the blobs, sorted.
    pub(super) fn blobs(&self) -> impl Iterator<Item = (&str, &Place)> {
        let files = self
            .files
            .iter()
            .map(|(path, place)| (path.as_str(), place));
        files.filter(|(path, _)| path.starts_with(BLOBS))
    }

    /// The bytes of the file at a path.
    pub(super) fn place(&self, path: &str) -> Result<&Place, FormatError> {
        let place = self.files.get(path);
        place.ok_or_else(|| malformed(format!("no file `{path}`"), 0))
    }
}

fn check_sum(expected: &Digest, found: Sha256Sum, place: &Place) -> Result<(), FormatError> {
    if expected.0 == found {
        return Ok(());
    }
    let what = format!("the blob `{expected}` does not have the sum that is its name");
    Err(malformed(what, place.start))
}

fn parse<T: DeserializeOwned>(path: &str, bytes: &[u8], place: &Place) -> Result<T, FormatError> {
    serde_json::from_slice(bytes).map_err(|e| malformed(format!("`{path}`: {e}"), place.start))
}

fn read_document(path: &str, place: &Place) -> Result<Vec<u8>, FormatError> {
    if place.size > MAX_DOCUMENT_BYTES {
        let what = format!("`{path}` has more than {MAX_DOCUMENT_BYTES} bytes");
        return Err(malformed(what, place.start));
    }
    let mut bytes = Vec::new();
    place.read(0)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn tar(path: &Path) -> Result<BTreeMap<String, Place>, FormatError> {
    let mut files = BTreeMap::new();
    let input = BufReader::new(File::open(path)?);
    let mut tar = TarReader::new(input, "the image's tar", "").or_posix();
    while let Some(member) = tar.next()? {
        let start = tar.position();
        let MemberKind::File(size) = member.kind else {
            continue;
        };
        let file = path.to_owned();
        let is_new = files
            .insert(member.path, Place { file, start, size })
            .is_none();
        if !is_new || files.len() > MAX_FILES {
            let what = format!("a file twice, or more than {MAX_FILES} files");
            return Err(malformed(what, start));
        }
    }
    Ok(files)
}

fn directory(path: &Path) -> Result<BTreeMap<String, Place>, FormatError> {
    let mut files = BTreeMap::new();
    let mut add = |name: String| -> io::Result<()> {
        let file = path.join(&name);
        let size = file.metadata()?.len();
        files.insert(
            name,
            Place {
                file,
                start: 0,
                size,
            },
        );
        Ok(())
    };
    for name in ["index.json", "oci-layout"] {
        if path.join(name).is_file() {
            add(name.to_owned())?;
        }
    }
    let blobs = path.join(BLOBS);
    if blobs.is_dir() {
        for entry in blobs.read_dir()?.take(MAX_FILES) {
            // Another name is no digest, and is not looked for.
            if let Some(name) = entry?.file_name().to_str() {
                add(format!("{BLOBS}{name}"))?;
            }
        }
    }
    Ok(files)
}

/// An error with the offset in the tar, or in a file of the directory.
pub(super) fn malformed(what: impl AsRef<str>, offset: u64) -> FormatError {
    let what = format!("the image: {}", what.as_ref());
    Malformed { what, offset }.into()
}
