//! Writes an image: first the layer, then the documents that describe it.

use std::io;
use std::sync::Arc;

use super::base::Base;
use super::config::{annotations, config, supported};
use super::document::Digest;
use super::document::{
    CONFIG, Descriptor, DockerImage, Index, LAYER, Layout, MANIFEST, Manifest, Platform, Texts,
    to_bytes, to_map,
};
use super::layout::Place;
use super::reference::{full_name, repository, tag};
use super::rootfs::RootFs;
use super::table::Oci;
use crate::container::Output;
use crate::container::compress::gzip::{GzipWriter, Level};
use crate::container::hash::HashWriter;
use crate::container::tar::{Owner, TarWriter};
use crate::format::FormatError;
use crate::model::digest::Sha256Sum;
use crate::model::entry::Entry;
use crate::model::package::{Context, Package};
use crate::model::tree::{Content, Kind, TreeFile};

/// Writes the image.
pub(super) fn write(
    oci: &Oci,
    package: &Package,
    context: &Context<'_>,
    out: &mut dyn Output,
) -> Result<Vec<Entry>, FormatError> {
    let (repository, tag) = (repository(oci, package)?, tag(package)?);
    let rootfs = RootFs::new(oci, context.tree)?;
    // Before the layer is compressed, so that invalid input is refused immediately.
    config(oci, package, context, Digest(Sha256Sum([0; 32])))?;
    let (architecture, variant) = supported(context.target);
    let platform = Platform {
        architecture: architecture.to_owned(),
        os: context.target.os.name().to_owned(),
        variant: variant.map(str::to_owned),
    };
    let base = oci.base.as_ref();
    let base = base
        .map(|path| Base::open(path.path(), &platform))
        .transpose()?;

    let mut tar = TarWriter::new(out, context.date, "");
    tar.directory("blobs", 0o755, Owner::ROOT)?;
    tar.directory("blobs/sha256", 0o755, Owner::ROOT)?;
    let mut layers = Vec::new();
    for (layer, place) in base.iter().flat_map(|base| &base.layers) {
        // One that is there twice is stored once.
        if !layers.contains(layer) {
            copy_blob(layer, place, &mut tar)?;
        }
        layers.push(layer.clone());
    }
    let layer = write_layer(&rootfs, context, &mut tar)?;
    layers.push(layer.descriptor);
    let own = config(oci, package, context, layer.diff_id)?;
    let config = match &base {
        None => to_bytes(&own),
        Some(base) => to_bytes(&base.merged(to_map(&own), oci)),
    };
    let config = write_blob(&mut tar, CONFIG, config)?;
    let mut annotations = annotations(package, context.date);
    annotations.extend(base.map(|base| {
        let name = "org.opencontainers.image.base.digest".to_owned();
        (name, base.digest.to_string())
    }));
    let manifest = to_bytes(&Manifest {
        schema_version: 2,
        media_type: MANIFEST.to_owned(),
        config: config.clone(),
        layers: layers.clone(),
        annotations,
    });
    let mut manifest = write_blob(&mut tar, MANIFEST, manifest)?;
    manifest.platform = Some(platform);
    manifest.annotations = names(repository, &tag);
    let index = Index::new(vec![manifest], Texts::new());
    write_file(&mut tar, "index.json", to_bytes(&index))?;
    let docker = DockerImage {
        config: config.digest.path(),
        repo_tags: vec![format!("{repository}:{tag}")],
        layers: layers.iter().map(|layer| layer.digest.path()).collect(),
    };
    write_file(&mut tar, "manifest.json", to_bytes(&[docker]))?;
    finish(tar)?;
    Ok(layer.entries)
}

/// Ends the tar of a layout with the file that says so.
pub(super) fn finish(mut tar: Tar<'_>) -> Result<(), FormatError> {
    let layout = Layout {
        image_layout_version: "1.0.0".to_owned(),
    };
    write_file(&mut tar, "oci-layout", to_bytes(&layout))?;
    Ok(tar.finish()?.0.flush()?)
}

/// The image's names for engines that read the layout. podman uses the first as the whole name, so a plain tag there
/// would become the image's name; containerd needs the second with a host.
fn names(repository: &str, tag: &str) -> Texts {
    let name = format!("{repository}:{tag}");
    let full = full_name(&name);
    Texts::from([
        ("org.opencontainers.image.ref.name".to_owned(), name),
        ("io.containerd.image.name".to_owned(), full),
    ])
}

pub(super) type Tar<'o> = TarWriter<&'o mut dyn Output>;

struct Written {
    descriptor: Descriptor,
    /// The digest of the uncompressed layer.
    diff_id: Digest,
    entries: Vec<Entry>,
}

fn write_layer(
    rootfs: &RootFs,
    context: &Context<'_>,
    tar: &mut Tar<'_>,
) -> Result<Written, FormatError> {
    tar.deferred(|out| {
        let gzip = GzipWriter::new(HashWriter::new(out), Level::Default, context.threads);
        let layer = TarWriter::new(HashWriter::new(gzip), context.date, "");
        let (layer, entries) = rootfs.write(layer)?;
        let (gzip, diff_id, _) = layer.finish();
        let diff_id = Digest(diff_id);
        let (_, sum, size) = gzip.finish()?.finish();
        let digest = Digest(sum);
        let descriptor = descriptor(LAYER, digest, size);
        let written = Written {
            descriptor,
            diff_id,
            entries,
        };
        Ok((digest.path(), written))
    })
}

/// Copies a layer of the base as it is.
fn copy_blob(layer: &Descriptor, place: &Place, tar: &mut Tar<'_>) -> Result<(), FormatError> {
    tar.deferred(|out| {
        io::copy(&mut place.read(0)?, out)?;
        Ok((layer.digest.path(), ()))
    })
}

pub(super) fn write_blob(
    tar: &mut Tar<'_>,
    media_type: &str,
    bytes: Vec<u8>,
) -> Result<Descriptor, FormatError> {
    let (digest, size) = (Digest(Sha256Sum::of(&bytes)), bytes.len() as u64);
    write_file(tar, &digest.path(), bytes)?;
    Ok(descriptor(media_type, digest, size))
}

pub(super) fn write_file(tar: &mut Tar<'_>, path: &str, bytes: Vec<u8>) -> Result<(), FormatError> {
    let file = TreeFile {
        path: path.to_owned(),
        mode: 0o644,
        kind: Kind::Data,
        content: Content::Bytes(Arc::from(bytes)),
    };
    Ok(tar.file(&file, Owner::ROOT)?)
}

fn descriptor(media_type: &str, digest: Digest, size: u64) -> Descriptor {
    Descriptor {
        media_type: media_type.to_owned(),
        digest,
        size,
        platform: None,
        annotations: Texts::new(),
    }
}
