//! Opens an image, compares its documents and blobs with each other, and visits the entries of its layer.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use serde::de::DeserializeOwned;

use super::document::{
    self, CONFIG, Descriptor, Digest, DockerImage, INDEX, Index, LAYER, MANIFEST, Manifest,
    Platform, RootFs,
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

/// The maximum number of files in an image: five documents and the layers, of which engines take 127, or for several platforms
/// three more for each.
const MAX_FILES: usize = 640;

/// Opens an image and visits the entries of its layer. Everything is read and checked once before the first entry is
/// visited.
pub(super) fn read(artifact: &Path, visit: &mut Visit<'_>) -> Result<(), FormatError> {
    let image = Layout::open(artifact)?;
    let mut listed = Vec::new();
    for layer in image.layers()? {
        let mut hashing = HashReader::new(image.layer_tar(layer.place)?);
        let entries = list(layer_reader(&mut hashing), &mut |_, content| {
            Sha256Sum::of_reader(content)
        })?;
        let (found, diff_id) = (Digest(hashing.finish()), layer.diff_id);
        if found != diff_id {
            let what = format!(
                "the layer's content has the sum {found}; the configuration says {diff_id}"
            );
            return Err(malformed(what, layer.place.start));
        }
        listed.push((layer, entries));
    }
    for (layer, entries) in listed {
        let reader = layer_reader(image.layer_tar(layer.place)?);
        let mut show_one = |entry: &Entry, content: &mut dyn Read| match &layer.platform {
            Some(platform) => visit(&below(platform, entry), content),
            None => visit(entry, content),
        };
        show(reader, &entries, &mut show_one)?;
    }
    Ok(())
}

/// An entry of an image among several: its path is below the name of its platform.
pub(super) fn below(platform: &Platform, entry: &Entry) -> Entry {
    Entry {
        path: format!("{platform}/{}", entry.path),
        ..entry.clone()
    }
}

fn layer_reader<'a>(tar: impl Read + 'a) -> TarReader<'a> {
    TarReader::new(tar, "the image's layer", "")
}

/// The location of a file in the outer tar.
#[derive(Clone, Copy)]
pub(super) struct Place {
    start: u64,
    size: u64,
}

/// The layer of an image.
struct Layer<'l> {
    /// Of an image among several.
    platform: Option<Platform>,
    place: &'l Place,
    /// The digest of its content.
    diff_id: Digest,
}

/// A layout with one image, or with several in an index, whose blobs match the digests in their names.
pub(super) struct Layout<'p> {
    artifact: &'p Path,
    files: BTreeMap<String, Place>,
}

/// The only part of a configuration that must match something else.
#[derive(serde::Deserialize)]
struct Config {
    rootfs: RootFs,
}

impl<'p> Layout<'p> {
    pub(super) fn open(artifact: &'p Path) -> Result<Self, FormatError> {
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

    /// Follows all documents to the layers and to the digests of their content. Every file must be used.
    fn layers(&self) -> Result<Vec<Layer<'_>>, FormatError> {
        let (layout, place) = self.document::<document::Layout>("oci-layout")?;
        if layout.image_layout_version != "1.0.0" {
            return Err(malformed(
                "`oci-layout` is not of version 1.0.0",
                place.start,
            ));
        }
        let (index, place) = self.index()?;
        let top = only(&index.manifests, "manifest", place)?;
        let mut used = BTreeSet::from(["oci-layout".to_owned(), "index.json".to_owned()]);
        let layers = if top.media_type == INDEX {
            used.insert(top.digest.path());
            self.layers_of_all(top, &mut used)?
        } else {
            used.insert("manifest.json".to_owned());
            let (manifest, layer) = self.image(top, &mut used)?;
            self.hold_docker_to(&manifest)?;
            vec![layer]
        };
        match self.files.len() {
            n if n == used.len() => Ok(layers),
            n => {
                let what = format!("{n} files, of which {} are used", used.len());
                Err(malformed(what, 0))
            }
        }
    }

    /// The file `index.json`.
    pub(super) fn index(&self) -> Result<(Index, &Place), FormatError> {
        let (index, place) = self.document::<Index>("index.json")?;
        if index.media_type != INDEX {
            return Err(malformed(
                "`index.json` has another media type",
                place.start,
            ));
        }
        Ok((index, place))
    }

    fn layers_of_all(
        &self,
        top: &Descriptor,
        used: &mut BTreeSet<String>,
    ) -> Result<Vec<Layer<'_>>, FormatError> {
        let (index, place) = self.blob::<Index>(top, INDEX)?;
        let mut layers: Vec<Layer<'_>> = Vec::new();
        for descriptor in &index.manifests {
            let Some(platform) = descriptor.platform.clone() else {
                return Err(malformed("an image without a platform", place.start));
            };
            let platform = Some(platform);
            if layers.iter().any(|layer| layer.platform == platform) {
                return Err(malformed("two images for one platform", place.start));
            }
            let (_, layer) = self.image(descriptor, used)?;
            layers.push(Layer { platform, ..layer });
        }
        Ok(layers)
    }

    fn image(
        &self,
        descriptor: &Descriptor,
        used: &mut BTreeSet<String>,
    ) -> Result<(Manifest, Layer<'_>), FormatError> {
        let (manifest, place) = self.blob::<Manifest>(descriptor, MANIFEST)?;
        let (config, config_place) = self.blob::<Config>(&manifest.config, CONFIG)?;
        // The last layer is the package's own; those below are the base's.
        let diff_ids = &config.rootfs.diff_ids;
        if diff_ids.len() != manifest.layers.len() {
            let what = "another number of layers than of diff_ids";
            return Err(malformed(what, config_place.start));
        }
        let (Some(layer), Some(diff_id)) = (manifest.layers.last(), diff_ids.last().copied())
        else {
            return Err(malformed("no layer", place.start));
        };
        for path in manifest.layers.iter().map(|layer| layer.digest.path()) {
            self.place(&path)?;
            used.insert(path);
        }
        used.extend([descriptor, &manifest.config].map(|blob| blob.digest.path()));
        let layer = Layer {
            platform: None,
            place: self.described(layer, LAYER)?,
            diff_id,
        };
        Ok((manifest, layer))
    }

    /// docker's description of the image must be the same.
    fn hold_docker_to(&self, manifest: &Manifest) -> Result<(), FormatError> {
        let (docker, place) = self.document::<Vec<DockerImage>>("manifest.json")?;
        let docker = only(&docker, "image", place)?;
        let layers = manifest.layers.iter().map(|layer| layer.digest.path());
        let agrees = docker.config == manifest.config.digest.path()
            && docker.layers.iter().cloned().eq(layers);
        if !agrees {
            let what = "`manifest.json` names other blobs than `index.json`";
            return Err(malformed(what, place.start));
        }
        Ok(())
    }

    /// The paths of the blobs, sorted.
    pub(super) fn blobs(&self) -> impl Iterator<Item = (&str, &Place)> {
        let files = self
            .files
            .iter()
            .map(|(path, place)| (path.as_str(), place));
        files.filter(|(path, _)| path.starts_with("blobs/"))
    }

    fn layer_tar(&self, layer: &Place) -> Result<impl Read + use<>, FormatError> {
        Ok(decode::gzip(self.content(layer)?))
    }

    pub(super) fn content(&self, place: &Place) -> io::Result<impl Read + use<>> {
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
