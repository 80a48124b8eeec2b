//! Opens an image, compares its documents and blobs with each other, and visits the entries of its layer.

use std::collections::BTreeSet;
use std::io::{BufReader, Read};
use std::path::Path;

use serde::de::DeserializeOwned;

use super::document::{
    CONFIG, Descriptor, Digest, DockerImage, INDEX, Index, LAYER, MANIFEST, Manifest, Platform,
    RootFs,
};
use super::layout::{Layout, Place, malformed};
use crate::container::Visit;
use crate::container::compress::decode;
use crate::container::hash::HashReader;
use crate::container::members::{list, show};
use crate::container::tar::TarReader;
use crate::format::FormatError;
use crate::model::digest::Sha256Sum;
use crate::model::entry::Entry;

/// Opens an image and visits the entries of its layer. Everything is read and checked once before the first entry is
/// visited.
pub(super) fn read(artifact: &Path, visit: &mut Visit<'_>) -> Result<(), FormatError> {
    let layout = Layout::open(artifact)?;
    let mut listed = Vec::new();
    for layer in layers(&layout)? {
        let mut hashing = HashReader::new(layer.tar()?);
        let entries = list(reader(&mut hashing), &mut |_, content| {
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
        let mut show_one = |entry: &Entry, content: &mut dyn Read| match &layer.platform {
            Some(platform) => visit(&below(platform, entry), content),
            None => visit(entry, content),
        };
        show(reader(layer.tar()?), &entries, &mut show_one)?;
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

fn reader<'a>(tar: impl Read + 'a) -> TarReader<'a> {
    TarReader::new(tar, "the image's layer", "")
}

/// The layer of an image.
struct Layer<'l> {
    /// Of an image among several.
    platform: Option<Platform>,
    place: &'l Place,
    /// The digest of its content.
    diff_id: Digest,
}

impl Layer<'_> {
    fn tar(&self) -> Result<impl Read + use<>, FormatError> {
        Ok(decode::gzip(BufReader::new(self.place.read(0)?)))
    }
}

/// Follows all documents to the layers and to the digests of their content. Every file must be used.
fn layers(layout: &Layout) -> Result<Vec<Layer<'_>>, FormatError> {
    let mut walk = Walk {
        layout,
        used: BTreeSet::from(["oci-layout".to_owned(), "index.json".to_owned()]),
    };
    let index = layout.index()?;
    let top = only(&index.manifests, "manifest", layout.place("index.json")?)?;
    let layers = if top.media_type == INDEX {
        walk.images(top)?
    } else {
        let (manifest, layer) = walk.image(top)?;
        walk.hold_docker_to(&manifest)?;
        vec![layer]
    };
    match layout.len() {
        n if n == walk.used.len() => Ok(layers),
        n => {
            let what = format!("{n} files, of which {} are used", walk.used.len());
            Err(malformed(what, 0))
        }
    }
}

/// The only part of a configuration that must match something else.
#[derive(serde::Deserialize)]
struct Config {
    rootfs: RootFs,
}

/// A walk over the documents of a layout, with one image or with several in an index.
struct Walk<'l> {
    layout: &'l Layout,
    /// The paths of the files that were met.
    used: BTreeSet<String>,
}

impl<'l> Walk<'l> {
    fn images(&mut self, top: &Descriptor) -> Result<Vec<Layer<'l>>, FormatError> {
        let (index, place) = self.document::<Index>(top, INDEX)?;
        let mut layers: Vec<Layer<'_>> = Vec::new();
        for descriptor in &index.manifests {
            let Some(platform) = descriptor.platform.clone() else {
                return Err(malformed("an image without a platform", place.start));
            };
            let platform = Some(platform);
            if layers.iter().any(|layer| layer.platform == platform) {
                return Err(malformed("two images for one platform", place.start));
            }
            let (_, layer) = self.image(descriptor)?;
            layers.push(Layer { platform, ..layer });
        }
        Ok(layers)
    }

    fn image(&mut self, descriptor: &Descriptor) -> Result<(Manifest, Layer<'l>), FormatError> {
        let (manifest, place) = self.document::<Manifest>(descriptor, MANIFEST)?;
        let (config, config_place) = self.document::<Config>(&manifest.config, CONFIG)?;
        // The last layer is the package's own; those below are the base's.
        let diff_ids = &config.rootfs.diff_ids;
        if diff_ids.len() != manifest.layers.len() {
            let what = "another number of layers than of diff_ids";
            return Err(malformed(what, config_place.start));
        }
        let (Some((own, base)), Some(diff_id)) = (manifest.layers.split_last(), diff_ids.last())
        else {
            return Err(malformed("no layer", place.start));
        };
        for layer in base {
            self.blob(layer)?;
        }
        let layer = Layer {
            platform: None,
            place: self.blob_of(own, LAYER)?,
            diff_id: *diff_id,
        };
        Ok((manifest, layer))
    }

    /// docker's description of the image must be the same.
    fn hold_docker_to(&mut self, manifest: &Manifest) -> Result<(), FormatError> {
        let path = "manifest.json";
        let docker: Vec<DockerImage> = self.layout.document(path)?;
        let place = self.layout.place(path)?;
        self.used.insert(path.to_owned());
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

    fn document<T: DeserializeOwned>(
        &mut self,
        descriptor: &Descriptor,
        media_type: &str,
    ) -> Result<(T, &'l Place), FormatError> {
        let place = self.blob_of(descriptor, media_type)?;
        Ok((self.layout.parse(descriptor)?, place))
    }

    fn blob_of(
        &mut self,
        descriptor: &Descriptor,
        media_type: &str,
    ) -> Result<&'l Place, FormatError> {
        let place = self.blob(descriptor)?;
        if descriptor.media_type != media_type {
            let what = format!(
                "a descriptor says `{}`; expected `{media_type}`",
                descriptor.media_type
            );
            return Err(malformed(what, place.start));
        }
        Ok(place)
    }

    fn blob(&mut self, descriptor: &Descriptor) -> Result<&'l Place, FormatError> {
        self.used.insert(descriptor.digest.path());
        self.layout.verified(descriptor)
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
