//! Opens an image, compares its documents and blobs with each other, and visits the entries of its layer.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use serde::de::DeserializeOwned;

use super::document::{
    CONFIG, Descriptor, Digest, DockerImage, INDEX, Index, LAYER, Layout, MANIFEST, Manifest,
    RootFs,
};
use crate::container::compress::decode;
use crate::container::hash::HashReader;
use crate::container::members::{MemberKind, list, show};
use crate::container::tar::TarReader;
use crate::container::{Malformed, Visit};
use crate::format::FormatError;
use crate::model::digest::Sha256Sum;
use crate::model::entry::Entry;

/// The largest document that is read.
const MAX_DOCUMENT_BYTES: u64 = 4 << 20;

/// The maximum number of files in an image: five documents and a layer, and some that other tools may add.
const MAX_FILES: usize = 64;

/// Opens an image and visits the entries of its layer. Everything is read and checked once before the first entry is
/// visited.
pub(super) fn read(artifact: &Path, visit: &mut Visit<'_>) -> Result<(), FormatError> {
    let image = Image::open(artifact)?;
    let (layer, diff_id) = image.layer()?;
    let mut hashing = HashReader::new(image.layer_tar(layer)?);
    let entries = list(layer_reader(&mut hashing), &mut |_, content| {
        Sha256Sum::of_reader(content)
    })?;
    let found = Digest(hashing.finish());
    if found != diff_id {
        let what =
            format!("the layer's content has the sum {found}; the configuration says {diff_id}");
        return Err(malformed(what, layer.start));
    }
    show_layer(&image, layer, &entries, visit)
}

fn show_layer(
    image: &Image<'_>,
    layer: &Place,
    entries: &[Entry],
    visit: &mut Visit<'_>,
) -> Result<(), FormatError> {
    Ok(show(layer_reader(image.layer_tar(layer)?), entries, visit)?)
}

fn layer_reader<'a>(tar: impl Read + 'a) -> TarReader<'a> {
    TarReader::new(tar, "the image's layer", "")
}

/// The location of a file in the outer tar.
#[derive(Clone, Copy)]
struct Place {
    start: u64,
    size: u64,
}

/// An image whose blobs match the digests in their names.
struct Image<'p> {
    artifact: &'p Path,
    files: BTreeMap<String, Place>,
}

/// The only part of a configuration that must match something else.
#[derive(serde::Deserialize)]
struct Config {
    rootfs: RootFs,
}

impl<'p> Image<'p> {
    fn open(artifact: &'p Path) -> Result<Self, FormatError> {
        let mut files = BTreeMap::new();
        let mut tar = TarReader::new(BufReader::new(File::open(artifact)?), "the image's tar", "");
        while let Some(member) = tar.next()? {
            let start = tar.position();
            let size = match member.kind {
                MemberKind::File(size) => size,
                MemberKind::Directory => continue,
                MemberKind::Symlink(_) => {
                    let what = format!("`{}` is a symbolic link", member.path);
                    return Err(malformed(what, start));
                }
            };
            if let Some(digits) = member.path.strip_prefix("blobs/sha256/") {
                let sum = Sha256Sum::of_reader(&mut tar.content());
                // Reading the next member reports the error again, with its place.
                if sum.map_or(true, |sum| sum.to_string() != digits) {
                    tar.next()?;
                    let what =
                        format!("the blob `{digits}` does not have the sum that is its name");
                    return Err(malformed(what, start));
                }
            }
            if files.len() == MAX_FILES
                || files.insert(member.path, Place { start, size }).is_some()
            {
                let what = format!("a file twice, or more than {MAX_FILES} files");
                return Err(malformed(what, start));
            }
        }
        Ok(Self { artifact, files })
    }

    /// Follows all documents to the layer and to the digest of its content.
    fn layer(&self) -> Result<(&Place, Digest), FormatError> {
        let (layout, place) = self.document::<Layout>("oci-layout")?;
        if layout.image_layout_version != "1.0.0" {
            return Err(malformed(
                "`oci-layout` is not of version 1.0.0",
                place.start,
            ));
        }
        let (index, place) = self.document::<Index>("index.json")?;
        let manifest = only(&index.manifests, "manifest", place)?;
        if index.media_type != INDEX {
            return Err(malformed(
                "`index.json` has another media type",
                place.start,
            ));
        }
        let (manifest, place) = self.blob::<Manifest>(manifest, MANIFEST)?;
        let layer = only(&manifest.layers, "layer", place)?;
        let (config, config_place) = self.blob::<Config>(&manifest.config, CONFIG)?;
        let diff_id = *only(&config.rootfs.diff_ids, "diff_id", config_place)?;

        let (docker, place) = self.document::<Vec<DockerImage>>("manifest.json")?;
        let docker = only(&docker, "image", place)?;
        let agrees = docker.config == manifest.config.digest.path()
            && docker.layers == [layer.digest.path()];
        if !agrees {
            let what = "`manifest.json` names other blobs than `index.json`";
            return Err(malformed(what, place.start));
        }
        let layer = self.described(layer, LAYER)?;
        // Three blobs and three documents have been used.
        match self.files.len() {
            6 => Ok((layer, diff_id)),
            n => Err(malformed(format!("{n} files, of which 6 are used"), 0)),
        }
    }

    fn layer_tar(&self, layer: &Place) -> Result<impl Read + use<>, FormatError> {
        Ok(decode::gzip(self.content(layer)?))
    }

    fn content(&self, place: &Place) -> io::Result<impl Read + use<>> {
        let mut file = File::open(self.artifact)?;
        file.seek(SeekFrom::Start(place.start))?;
        Ok(BufReader::new(file).take(place.size))
    }

    fn place(&self, path: &str) -> Result<&Place, FormatError> {
        let place = self.files.get(path);
        place.ok_or_else(|| malformed(format!("no file `{path}`"), 0))
    }

    fn described(&self, descriptor: &Descriptor, media_type: &str) -> Result<&Place, FormatError> {
        let place = self.place(&descriptor.digest.path())?;
        if descriptor.media_type != media_type || descriptor.size != place.size {
            let what = format!(
                "a descriptor says `{}` and {} bytes; expected `{media_type}` and {}",
                descriptor.media_type, descriptor.size, place.size
            );
            return Err(malformed(what, place.start));
        }
        Ok(place)
    }

    fn blob<T: DeserializeOwned>(
        &self,
        descriptor: &Descriptor,
        media_type: &str,
    ) -> Result<(T, &Place), FormatError> {
        self.described(descriptor, media_type)?;
        self.document(&descriptor.digest.path())
    }

    fn document<T: DeserializeOwned>(&self, path: &str) -> Result<(T, &Place), FormatError> {
        let place = self.place(path)?;
        if place.size > MAX_DOCUMENT_BYTES {
            let what = format!("`{path}` has more than {MAX_DOCUMENT_BYTES} bytes");
            return Err(malformed(what, place.start));
        }
        let mut bytes = Vec::new();
        self.content(place)?.read_to_end(&mut bytes)?;
        let document = serde_json::from_slice(&bytes)
            .map_err(|e| malformed(format!("`{path}`: {e}"), place.start))?;
        Ok((document, place))
    }
}

fn only<'a, T>(list: &'a [T], name: &str, place: &Place) -> Result<&'a T, FormatError> {
    match list {
        [only] => Ok(only),
        _ => {
            let what = format!("a list of {} where one {name} is expected", list.len());
            Err(malformed(what, place.start))
        }
    }
}

fn malformed(what: impl AsRef<str>, offset: u64) -> FormatError {
    let what = format!("the image: {}", what.as_ref());
    Malformed { what, offset }.into()
}
