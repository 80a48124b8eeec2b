//! Icons: images in several sizes from an .ico file, or one from a .png file.

use super::Key;
use super::resources::{Resources, language, types};

const PNG_MAGIC: &[u8] = b"\x89PNG\r\n\x1a\n";
/// The start of an .ico file, and one entry of its directory.
const HEADER_BYTES: usize = 6;
const ENTRY_BYTES: usize = 16;
/// Windows shows no larger icons, and its structures cannot represent them.
const LARGEST: u32 = 256;
/// The ID of the program's own icon.
const GROUP: Key = Key::Id(1);

/// An image that is not an icon.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum IconError {
    /// The file has another format.
    #[error("not an icon; expected an .ico or .png file")]
    Kind,
    /// The file ends too early.
    #[error("malformed icon: {what} ends at byte {end} of {size}")]
    Beyond {
        /// The structure.
        what: &'static str,
        /// Where it ends.
        end: usize,
        /// How large the file is.
        size: usize,
    },
    /// It contains no images.
    #[error("an icon without pictures; expected one at least")]
    Empty,
    /// The image is too large.
    #[error("a picture of {width}x{height}; expected {LARGEST}x{LARGEST} at most")]
    TooLarge {
        /// In pixels.
        width: u32,
        /// In pixels.
        height: u32,
    },
}

/// An icon with its images.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Icon {
    pictures: Vec<Picture>,
}

/// One image.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Picture {
    /// Width, height, number of colors, zero, planes and bits per pixel, as .ico files and resources have them.
    about: [u8; 8],
    bytes: Vec<u8>,
}

impl Picture {
    fn width(&self) -> u32 {
        match self.about[0] {
            0 => LARGEST,
            width => u32::from(width),
        }
    }
}

impl Icon {
    /// Reads an .ico or .png file.
    pub fn read(file: &[u8]) -> Result<Self, IconError> {
        if file.starts_with(PNG_MAGIC) {
            return Self::from_png(file);
        }
        // Zero, then 1 for icons; 2 is for cursors.
        if !file.starts_with(&[0, 0, 1, 0]) {
            return Err(IconError::Kind);
        }
        let count = part(file, 4, 2, "the header")?;
        let count = usize::from(u16::from_le_bytes([count[0], count[1]]));
        if count == 0 {
            return Err(IconError::Empty);
        }
        let mut pictures = Vec::new();
        for index in 0..count {
            let entry = part(
                file,
                HEADER_BYTES + index * ENTRY_BYTES,
                ENTRY_BYTES,
                "the directory",
            )?;
            let number = |at: usize| {
                u32::from_le_bytes(entry[at..at + 4].try_into().expect("four bytes")) as usize
            };
            pictures.push(Picture {
                about: *entry.first_chunk().expect("16 bytes"),
                bytes: part(file, number(12), number(8), "a picture")?.to_vec(),
            });
        }
        Ok(Self { pictures })
    }

    /// Windows accepts PNG files as images of icons.
    fn from_png(file: &[u8]) -> Result<Self, IconError> {
        // The first chunk is IHDR, and starts with width and height.
        let size = part(file, 16, 8, "the header")?;
        let number =
            |at: usize| u32::from_be_bytes(size[at..at + 4].try_into().expect("four bytes"));
        let (width, height) = (number(0), number(4));
        if !(1..=LARGEST).contains(&width) || !(1..=LARGEST).contains(&height) {
            return Err(IconError::TooLarge { width, height });
        }
        // A byte represents 256 as zero.
        let about = [width as u8, height as u8, 0, 0, 1, 0, 32, 0];
        let bytes = file.to_vec();
        Ok(Self {
            pictures: vec![Picture { about, bytes }],
        })
    }

    /// One icon with the images of several, the largest first, and one of each size.
    pub fn joined(icons: impl IntoIterator<Item = Self>) -> Self {
        let pictures = icons.into_iter().flat_map(|icon| icon.pictures);
        let mut pictures: Vec<_> = pictures.collect();
        pictures.sort_by_key(|picture| std::cmp::Reverse(picture.width()));
        pictures.dedup_by_key(|picture| picture.about);
        Self { pictures }
    }

    /// The width of the largest image.
    pub fn width(&self) -> u32 {
        let widths = self.pictures.iter().map(Picture::width);
        widths.max().unwrap_or_default()
    }

    /// The icon as an .ico file.
    pub fn to_ico(&self) -> Vec<u8> {
        let count = self.pictures.len();
        let mut file = [0u16, 1, count as u16].map(u16::to_le_bytes).concat();
        let mut place = HEADER_BYTES + count * ENTRY_BYTES;
        for picture in &self.pictures {
            file.extend(picture.about);
            file.extend((picture.bytes.len() as u32).to_le_bytes());
            file.extend((place as u32).to_le_bytes());
            place += picture.bytes.len();
        }
        let bytes = self.pictures.iter().flat_map(|picture| &picture.bytes);
        file.extend(bytes);
        file
    }

    /// Makes it the program's icon, replacing the one that it has. Other icons are kept.
    pub fn insert(&self, resources: &mut Resources) {
        remove_group(resources);
        let mut free = (1..=u16::MAX).filter(|id| {
            let pictures = resources.0.get(&types::ICON);
            !pictures.is_some_and(|pictures| pictures.contains_key(&Key::Id(*id)))
        });
        let ids: Vec<_> = free.by_ref().take(self.pictures.len()).collect();
        let mut group = [0u16, 1, self.pictures.len() as u16]
            .map(u16::to_le_bytes)
            .concat();
        for (picture, id) in self.pictures.iter().zip(ids) {
            group.extend(picture.about);
            group.extend((picture.bytes.len() as u32).to_le_bytes());
            group.extend(id.to_le_bytes());
            resources.insert(
                types::ICON,
                Key::Id(id),
                language::ENGLISH,
                picture.bytes.clone(),
            );
        }
        resources.insert(types::GROUP_ICON, GROUP, language::ENGLISH, group);
    }
}

/// Removes the program's icon, and the images that no other icon uses.
fn remove_group(resources: &mut Resources) {
    let Some(groups) = resources.0.get_mut(&types::GROUP_ICON) else {
        return;
    };
    let ids = |languages: &std::collections::BTreeMap<Key, super::Data>| -> Vec<u16> {
        let entries = languages
            .values()
            .flat_map(|data| data.bytes.get(6..).unwrap_or_default().chunks_exact(14));
        entries
            .map(|entry| u16::from_le_bytes([entry[12], entry[13]]))
            .collect()
    };
    let removed = groups
        .remove(&GROUP)
        .map(|languages| ids(&languages))
        .unwrap_or_default();
    let kept: Vec<_> = groups.values().flat_map(ids).collect();
    if let Some(pictures) = resources.0.get_mut(&types::ICON) {
        pictures.retain(|key, _| match key {
            Key::Id(id) => kept.contains(id) || !removed.contains(id),
            Key::Name(_) => true,
        });
    }
}

fn part<'a>(
    file: &'a [u8],
    at: usize,
    length: usize,
    what: &'static str,
) -> Result<&'a [u8], IconError> {
    let (end, size) = (at.saturating_add(length), file.len());
    file.get(at..end)
        .ok_or(IconError::Beyond { what, end, size })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::pe::testing::{ico, png};

    fn pictures(resources: &Resources) -> Vec<(u16, Vec<u8>)> {
        let pictures = &resources.0[&types::ICON];
        let each = pictures.iter().map(|(key, languages)| {
            let Key::Id(id) = key else { panic!("{key:?}") };
            let data = languages.values().next().expect("one language");
            (*id, data.bytes.clone())
        });
        each.collect()
    }

    fn group(resources: &Resources) -> &[u8] {
        &resources.0[&types::GROUP_ICON][&GROUP][&language::ENGLISH].bytes
    }

    #[test]
    fn the_pictures_of_an_ico_file_become_resources_of_their_own() {
        let mut resources = Resources::default();
        let icon = Icon::read(&ico(&[(16, b"small"), (0, b"large")])).expect("valid");
        icon.insert(&mut resources);
        assert_eq!(
            pictures(&resources),
            [(1, b"small".to_vec()), (2, b"large".to_vec())]
        );
        let expected = [
            &[0, 0, 1, 0, 2, 0][..],
            &[16, 16, 0, 0, 1, 0, 32, 0, 5, 0, 0, 0, 1, 0],
            &[0, 0, 0, 0, 1, 0, 32, 0, 5, 0, 0, 0, 2, 0],
        ];
        assert_eq!(group(&resources), expected.concat());
    }

    #[test]
    fn a_png_file_is_a_picture_as_it_is() {
        let mut resources = Resources::default();
        let file = png(256, 48);
        Icon::read(&file).expect("valid").insert(&mut resources);
        assert_eq!(pictures(&resources), [(1, file.clone())]);
        assert_eq!(group(&resources)[6..14], [0, 48, 0, 0, 1, 0, 32, 0]);
    }

    #[test]
    fn the_program_s_own_icon_is_replaced_and_others_stay() {
        let mut resources = Resources::default();
        Icon::read(&ico(&[(16, b"a"), (32, b"b")]))
            .expect("valid")
            .insert(&mut resources);
        // Another icon shares the second image and has one more.
        let mut other = vec![0, 0, 1, 0, 2, 0];
        for id in [2u8, 7] {
            other.extend([32, 32, 0, 0, 1, 0, 32, 0, 1, 0, 0, 0, id, 0]);
        }
        resources.insert(types::GROUP_ICON, Key::Id(5), language::ENGLISH, other);
        resources.insert(types::ICON, Key::Id(7), language::ENGLISH, b"c".to_vec());
        let icon = Icon::read(&ico(&[(16, b"x"), (32, b"y"), (64, b"z")])).expect("valid");
        icon.insert(&mut resources);
        let expected = [(1, "x"), (2, "b"), (3, "y"), (4, "z"), (7, "c")];
        assert_eq!(
            pictures(&resources),
            expected.map(|(id, text)| (id, text.into()))
        );
        let once = resources.clone();
        icon.insert(&mut resources);
        assert_eq!(resources, once);
    }

    #[test]
    fn what_is_no_icon_is_refused() {
        let error = |file: &[u8]| Icon::read(file).expect_err("no icon").to_string();
        assert_eq!(
            error(b"<svg/>"),
            "not an icon; expected an .ico or .png file"
        );
        assert_eq!(
            error(&[0, 0, 2, 0, 1, 0]),
            "not an icon; expected an .ico or .png file"
        );
        assert_eq!(
            error(&ico(&[])),
            "an icon without pictures; expected one at least"
        );
        assert_eq!(
            error(&png(512, 16)),
            "a picture of 512x16; expected 256x256 at most"
        );
        let file = ico(&[(16, b"small")]);
        let size = file.len();
        assert_eq!(
            error(&file[..size - 1]),
            format!(
                "malformed icon: a picture ends at byte {size} of {}",
                size - 1
            )
        );
        assert_eq!(
            error(&png(16, 16)[..20]),
            "malformed icon: the header ends at byte 24 of 20"
        );
    }
}
