//! One archive of the images for several platforms: an image index (OCI image specification 1.0, `image-index.md`).
//!
//! `index.json` has one descriptor, of the index, as tools that expect one image in an archive want it. docker's
//! `manifest.json` has no word for platforms, so there is none.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use super::config::annotations;
use super::document::{INDEX, Index, Texts, to_bytes};
use super::layout::Layout;
use super::read::below;
use super::write::{Tar, finish, write_blob, write_file};
use crate::container::tar::{Owner, TarWriter};
use crate::container::{Malformed, Output};
use crate::format::FormatError;
use crate::model::entry::Entry;
use crate::model::package::Package;

/// Writes the index of some images, which are archives of this format with the entries that were recorded. A blob that
/// several of them have is written once.
pub(crate) fn write(
    package: &Package,
    images: &[(&Path, &[Entry])],
    date: i64,
    out: &mut dyn Output,
) -> Result<Vec<Entry>, FormatError> {
    let mut tar = TarWriter::new(out, date, "");
    tar.directory("blobs", 0o755, Owner::ROOT)?;
    tar.directory("blobs/sha256", 0o755, Owner::ROOT)?;
    let (mut manifests, mut entries) = (Vec::new(), Vec::new());
    let (mut names, mut written) = (Texts::new(), BTreeSet::new());
    for (path, recorded) in images {
        let layout = Layout::open(path)?;
        let index = layout.index()?;
        let image = index.manifests.into_iter().next();
        let Some((mut image, platform)) = image.and_then(|image| {
            let platform = image.platform.clone()?;
            Some((image, platform))
        }) else {
            let what = "the image: no platform in `index.json`".to_owned();
            return Err(Malformed { what, offset: 0 }.into());
        };
        copy_blobs(&layout, &mut written, &mut tar)?;
        names = std::mem::take(&mut image.annotations);
        entries.extend(recorded.iter().map(|entry| below(&platform, entry)));
        manifests.push(image);
    }
    let index = to_bytes(&Index::new(manifests, annotations(package, date)));
    let mut index = write_blob(&mut tar, INDEX, index)?;
    index.annotations = names;
    let top = Index::new(vec![index], Texts::new());
    write_file(&mut tar, "index.json", to_bytes(&top))?;
    finish(tar)?;
    Ok(entries)
}

fn copy_blobs(
    layout: &Layout,
    written: &mut BTreeSet<String>,
    tar: &mut Tar<'_>,
) -> Result<(), FormatError> {
    for (path, place) in layout.blobs() {
        if written.insert(path.to_owned()) {
            tar.deferred(|out| {
                io::copy(&mut place.read(0)?, out)?;
                Ok::<_, FormatError>((path.to_owned(), ()))
            })?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::format::oci::{Oci, REGISTRATION};
    use crate::format::testing::{DATE, TempFile, package, read, small_tree, write_for};
    use crate::model::target::Target;

    const ARM: &str = "armv7-unknown-linux-musleabihf";
    const INTEL: &str = "x86_64-unknown-linux-musl";

    /// An index of images that have the same files.
    fn index(test: &str, triples: &[&str]) -> (Vec<u8>, Vec<Entry>) {
        let image = |triple: &&str| {
            let target: Target = triple.parse().expect("a target");
            let image = write_for(target, &Oci::default(), &package(), &small_tree(), 1);
            let (bytes, entries) = image.expect("valid");
            (TempFile::new(&format!("{test}-{triple}"), &bytes), entries)
        };
        let images: Vec<_> = triples.iter().map(image).collect();
        let parts = images
            .iter()
            .map(|(file, entries)| (file.0.as_path(), &entries[..]));
        let parts: Vec<_> = parts.collect();
        let mut out = Cursor::new(Vec::new());
        let entries = write(&package(), &parts, DATE, &mut out).expect("valid");
        (out.into_inner(), entries)
    }

    #[test]
    fn reading_yields_the_files_of_all_images_below_their_platforms() {
        let (bytes, entries) = index("all", &[ARM, INTEL]);
        let found = read(&REGISTRATION, "index", &bytes).expect("just written");
        let found: Vec<_> = found.into_iter().map(|(entry, _)| entry).collect();
        assert_eq!(found, entries);
        let paths: Vec<_> = entries.iter().map(|entry| &*entry.path).collect();
        assert!(paths.contains(&"linux/arm/v7/usr/bin/hello"), "{paths:?}");
        assert!(paths.contains(&"linux/amd64/usr/bin/hello"), "{paths:?}");
    }

    #[test]
    fn a_layer_that_two_images_share_is_in_the_archive_once() {
        let (one, _) = index("one", &[INTEL]);
        let (two, _) = index("two", &[ARM, INTEL]);
        let blobs = |bytes: &[u8]| {
            let file = TempFile::new("blobs", bytes);
            let layout = Layout::open(&file.0).expect("just written");
            layout.blobs().count()
        };
        // A layer, and for each image its configuration and its manifest; then the index.
        assert_eq!((blobs(&one), blobs(&two)), (4, 6));
        assert_eq!(index("two", &[ARM, INTEL]).0, two);
    }

    #[test]
    fn two_images_for_one_platform_are_refused() {
        let (bytes, _) = index("twice", &[INTEL, INTEL]);
        let error = read(&REGISTRATION, "twice", &bytes).expect_err("not valid");
        let text = error.to_string();
        assert!(text.contains("two images for one platform"), "{text}");
    }

    #[test]
    fn damage_anywhere_is_refused_or_changes_nothing_that_is_shown() {
        let (good, _) = index("damage", &[ARM, INTEL]);
        let shown = read(&REGISTRATION, "whole", &good).expect("just written");
        for place in (0..good.len()).step_by(211) {
            let mut bytes = good.clone();
            bytes[place] ^= 0x40;
            if let Ok(found) = read(&REGISTRATION, "damaged", &bytes) {
                assert_eq!(found, shown, "at byte {place}");
            }
            let cut = read(&REGISTRATION, "cut", &good[..place]);
            assert!(cut.is_err(), "cut at byte {place}");
        }
    }
}
