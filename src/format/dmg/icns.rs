//! Icons of macOS (`.icns`): PNG pictures in several sizes, one after the other.

use std::sync::Arc;

use crate::format::FormatError;
use crate::model::tree::{Content, Kind, Tree, TreeFile};

pub(super) const PNG_MAGIC: &[u8] = b"\x89PNG\r\n\x1a\n";
/// Where a PNG's width is; the height follows (PNG specification, sections 5.3 and 11.2.1).
const PNG_WIDTH: usize = 16;
/// A picture is not larger.
pub(super) const MAX_PICTURE: u64 = 16 << 20;

/// The sizes of pictures in pixels, and their names: for that size, and for half of it on screens of twice the
/// resolution.
const SIZES: &[(u32, &[&[u8; 4]])] = &[
    (16, &[b"icp4"]),
    (32, &[b"icp5", b"ic11"]),
    (64, &[b"ic12"]),
    (128, &[b"ic07"]),
    (256, &[b"ic08", b"ic13"]),
    (512, &[b"ic09", b"ic14"]),
    (1024, &[b"ic10"]),
];

/// The icon made of a tree's PNG pictures: those with the name that a desktop entry asks for, or all if none has it.
/// `None` if there is no picture of a size that macOS shows.
pub(super) fn icon(tree: &Tree, name: Option<&str>) -> Result<Option<Arc<[u8]>>, FormatError> {
    let is_png = |file: &&TreeFile| {
        file.kind == Kind::Icon
            && file.path.ends_with(".png")
            && !matches!(file.content, Content::Symlink(_))
    };
    let all: Vec<_> = tree.files().iter().filter(is_png).collect();
    let named = all.iter().filter(|file| Some(stem(&file.path)) == name);
    let named: Vec<_> = named.copied().collect();
    let pictures = if named.is_empty() { all } else { named };
    let mut by_size: Vec<Option<Vec<u8>>> = vec![None; SIZES.len()];
    for file in pictures {
        let size = size_of(file)?;
        let place = SIZES.iter().position(|(known, _)| size == (*known, *known));
        if let Some(place) = place
            && by_size[place].is_none()
        {
            by_size[place] = Some(file.bytes()?);
        }
    }
    Ok(written(&by_size))
}

fn written(by_size: &[Option<Vec<u8>>]) -> Option<Arc<[u8]>> {
    let mut pictures = Vec::new();
    for ((_, names), picture) in SIZES.iter().zip(by_size) {
        for (name, picture) in names.iter().zip(picture.iter().cycle()) {
            pictures.extend(*name);
            pictures.extend((picture.len() as u32 + 8).to_be_bytes());
            pictures.extend(picture);
        }
    }
    if pictures.is_empty() {
        return None;
    }
    let mut icon = b"icns".to_vec();
    icon.extend((pictures.len() as u32 + 8).to_be_bytes());
    icon.extend(pictures);
    Some(icon.into())
}

fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// Width and height in pixels.
fn size_of(file: &TreeFile) -> Result<(u32, u32), FormatError> {
    let refuse = |what: String| FormatError::Invalid(format!("the icon `/{}` {what}", file.path));
    if file.size() > MAX_PICTURE {
        let what = format!("has {} bytes; expected at most {MAX_PICTURE}", file.size());
        return Err(refuse(what));
    }
    let size = png_size(&file.bytes()?);
    size.ok_or_else(|| refuse("is no PNG picture, as its name says".to_owned()))
}

/// Width and height of a PNG picture.
pub(super) fn png_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let number = |at: usize| {
        let bytes = bytes.get(at..)?.first_chunk()?;
        Some(u32::from_be_bytes(*bytes))
    };
    let is_png = bytes.starts_with(PNG_MAGIC) && bytes.get(12..16) == Some(b"IHDR");
    let (width, height) = (number(PNG_WIDTH)?, number(PNG_WIDTH + 4)?);
    (is_png && width > 0 && height > 0).then_some((width, height))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::format::testing::{file, tree};

    /// The start of a PNG picture, which is all that is looked at.
    pub(in crate::format::dmg) fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = PNG_MAGIC.to_vec();
        bytes.extend(b"\0\0\0\x0dIHDR");
        bytes.extend(width.to_be_bytes());
        bytes.extend(height.to_be_bytes());
        bytes
    }

    fn names(tree: &Tree, name: Option<&str>) -> Vec<String> {
        let icon = icon(tree, name).expect("pictures").expect("an icon");
        assert_eq!(&icon[..4], b"icns");
        let number = |at: usize| {
            u32::from_be_bytes(icon[at..at + 4].try_into().expect("four bytes")) as usize
        };
        assert_eq!(number(4), icon.len());
        let (mut names, mut at) = (Vec::new(), 8);
        while at < icon.len() {
            names.push(String::from_utf8_lossy(&icon[at..at + 4]).into_owned());
            assert!(icon[at + 8..].starts_with(PNG_MAGIC));
            at += number(at + 4);
        }
        names
    }

    #[test]
    fn pictures_of_known_sizes_become_an_icon() {
        let tree = tree(vec![
            file("i/256/hello.png", Kind::Icon, png(256, 256)),
            file("i/32/hello.png", Kind::Icon, png(32, 32)),
            file("i/48/hello.png", Kind::Icon, png(48, 48)),
            file("i/64x32/hello.png", Kind::Icon, png(64, 32)),
            file("i/128/other.png", Kind::Icon, png(128, 128)),
            file("i/hello.svg", Kind::Icon, "<svg/>"),
        ]);
        assert_eq!(
            names(&tree, Some("hello")),
            ["icp5", "ic11", "ic08", "ic13"]
        );
        let all = ["icp5", "ic11", "ic07", "ic08", "ic13"];
        assert_eq!(names(&tree, None), all);
    }

    #[test]
    fn without_a_picture_of_a_known_size_there_is_no_icon() {
        let tree = tree(vec![file("i/hello.svg", Kind::Icon, "<svg/>")]);
        assert!(icon(&tree, None).expect("no picture").is_none());
    }

    #[test]
    fn a_picture_that_is_none_is_refused() {
        for bytes in [
            &b"GIF89a"[..],
            b"",
            PNG_MAGIC,
            &png(0, 16),
            &png(16, 16)[..20],
        ] {
            let tree = tree(vec![file("i/hello.png", Kind::Icon, bytes)]);
            let error = icon(&tree, None).expect_err("no picture");
            assert_eq!(
                error.to_string(),
                "the icon `/i/hello.png` is no PNG picture, as its name says"
            );
        }
    }
}
