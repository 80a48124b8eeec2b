//! Images of archives, as they are sent to a registry: documents with their bytes, and blobs that are read when needed.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};
use std::path::Path;

use super::document::{Descriptor, INDEX, Index, MANIFEST, Manifest, Platform, Texts, to_bytes};
use super::layout::{Layout, Place, malformed};
use crate::format::FormatError;
use crate::model::digest::Sha256Sum;

/// The images of a program, one for each platform.
#[derive(Clone, Debug)]
pub struct Stored {
    /// The tag that the archives say.
    pub tag: Option<String>,
    /// The index, if there are several images or an archive has one.
    pub index: Option<Document>,
    /// The images, in the order of the index.
    pub images: Vec<Image>,
}

/// One image.
#[derive(Clone, Debug)]
pub struct Image {
    /// The manifest.
    pub manifest: Document,
    /// The configuration and the layers.
    pub blobs: Vec<Blob>,
    descriptor: Descriptor,
    annotations: Texts,
}

/// A manifest or an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The media type.
    pub media_type: String,
    /// The sum of the bytes.
    pub digest: Sha256Sum,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// A blob in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob {
    /// The sum of the content, which was compared.
    pub digest: Sha256Sum,
    place: Place,
}

impl Blob {
    /// The number of bytes.
    pub fn size(&self) -> u64 {
        self.place.size
    }

    /// The content from an offset.
    pub fn read(&self, from: u64) -> io::Result<impl Read + Send + use<>> {
        self.place.read(from)
    }
}

impl Document {
    fn new(media_type: &str, bytes: Vec<u8>) -> Self {
        Self {
            media_type: media_type.to_owned(),
            digest: Sha256Sum::of(&bytes),
            bytes,
        }
    }
}

/// What one archive has.
struct Archive {
    tag: Option<String>,
    index: Option<Document>,
    images: Vec<Image>,
}

impl Stored {
    /// Opens archives or layouts and compares each blob with its digest. An error comes with the path.
    pub fn open<'p>(paths: &[&'p Path]) -> Result<Self, (&'p Path, FormatError)> {
        let mut tag = None;
        let (mut indexes, mut images) = (Vec::new(), BTreeMap::new());
        let mut order = Vec::new();
        for path in paths {
            let mut add = || {
                let archive = open(path)?;
                tag = agreed(tag.take(), archive.tag)?;
                let digests: BTreeSet<_> = digests(&archive.images).collect();
                indexes.extend(archive.index.map(|index| (index, digests)));
                for image in archive.images {
                    let digest = image.manifest.digest;
                    if images.insert(digest, image).is_none() {
                        order.push(digest);
                    }
                }
                Ok(())
            };
            add().map_err(|error| (*path, error))?;
        }
        let images = order.iter().filter_map(|digest| images.remove(digest));
        let images: Vec<_> = images.collect();
        let all = digests(&images).collect();
        let index = indexes.into_iter().find(|(_, has)| *has == all);
        let index = match index {
            Some((index, _)) => Some(index),
            None if images.len() < 2 => None,
            None => {
                let last = paths.last().copied().unwrap_or(Path::new(""));
                Some(compose(&images).map_err(|error| (last, error))?)
            }
        };
        Ok(Self { tag, index, images })
    }

    /// What a tag is to name: the index, or the only image.
    pub fn top(&self) -> Option<&Document> {
        let image = self.images.first().map(|image| &image.manifest);
        self.index.as_ref().or(image)
    }
}

fn digests(images: &[Image]) -> impl Iterator<Item = Sha256Sum> {
    images.iter().map(|image| image.manifest.digest)
}

fn agreed(first: Option<String>, other: Option<String>) -> Result<Option<String>, FormatError> {
    match (first, other) {
        (Some(first), Some(other)) if first != other => Err(FormatError::Invalid(format!(
            "the image has the tag `{other}`, but another one has `{first}`"
        ))),
        (first, other) => Ok(first.or(other)),
    }
}

fn open(path: &Path) -> Result<Archive, FormatError> {
    let layout = Layout::open(path)?;
    let top = layout.index()?;
    let name = |descriptor: &Descriptor| {
        let name = descriptor
            .annotations
            .get("org.opencontainers.image.ref.name");
        // A name in full, or a tag only.
        name.map(|name| name.rsplit(':').next().unwrap_or(name).to_owned())
    };
    let tag = top.manifests.iter().find_map(name);
    if let [only] = top.manifests.as_slice()
        && only.media_type == INDEX
    {
        let index: Index = layout.parse(only)?;
        return Ok(Archive {
            tag,
            index: Some(Document::new(INDEX, layout.bytes(only)?)),
            images: images(&layout, &index.manifests)?,
        });
    }
    Ok(Archive {
        tag,
        index: None,
        images: images(&layout, &top.manifests)?,
    })
}

fn images(layout: &Layout, descriptors: &[Descriptor]) -> Result<Vec<Image>, FormatError> {
    if descriptors.is_empty() {
        return Err(malformed("no image", 0));
    }
    descriptors.iter().map(|d| image(layout, d)).collect()
}

fn image(layout: &Layout, descriptor: &Descriptor) -> Result<Image, FormatError> {
    if descriptor.media_type != MANIFEST {
        let what = format!(
            "a descriptor of the type `{}`; expected `{MANIFEST}`",
            descriptor.media_type
        );
        return Err(malformed(what, 0));
    }
    let manifest: Manifest = layout.parse(descriptor)?;
    let mut blobs: Vec<Blob> = Vec::new();
    for blob in manifest.layers.iter().chain([&manifest.config]) {
        let digest = blob.digest.0;
        if blobs.iter().all(|other| other.digest != digest) {
            let place = layout.verified(blob)?.clone();
            blobs.push(Blob { digest, place });
        }
    }
    Ok(Image {
        manifest: Document::new(MANIFEST, layout.bytes(descriptor)?),
        blobs,
        descriptor: Descriptor {
            annotations: Texts::new(),
            ..descriptor.clone()
        },
        annotations: manifest.annotations,
    })
}

/// An index of images, with the annotations that all of them have.
fn compose(images: &[Image]) -> Result<Document, FormatError> {
    let mut platforms: BTreeSet<&Platform> = BTreeSet::new();
    for image in images {
        let Some(platform) = &image.descriptor.platform else {
            let what = "an image does not say its platform, so it cannot be one of several";
            return Err(FormatError::Invalid(what.to_owned()));
        };
        if !platforms.insert(platform) {
            let what = format!("there are two images for {platform}");
            return Err(FormatError::Invalid(what));
        }
    }
    let mut annotations = images
        .first()
        .map_or(Texts::new(), |image| image.annotations.clone());
    for image in images {
        annotations.retain(|name, value| image.annotations.get(name) == Some(value));
    }
    let manifests = images.iter().map(|image| image.descriptor.clone());
    let index = Index::new(manifests.collect(), annotations);
    Ok(Document::new(INDEX, to_bytes(&index)))
}
