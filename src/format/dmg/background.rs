//! The picture behind the icons of an open volume.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::icns::{MAX_PICTURE, PNG_MAGIC, png_size};
use crate::format::FormatError;
use crate::model::text::{InvalidText, typed_text};

/// How many pixels a meter has at 144 dots per inch, for screens of twice the resolution.
const TWICE: std::ops::RangeInclusive<u32> = 5_668..=5_670;
/// The largest picture in pixels.
const MAX_PIXELS: u32 = 16_384;

/// A PNG picture.
pub(super) struct Background {
    pub(super) bytes: Vec<u8>,
    /// In points, as windows are measured.
    pub(super) width: u32,
    pub(super) height: u32,
}

impl Background {
    pub(super) fn read(path: &Path) -> Result<Self, FormatError> {
        let refuse = |what: String| {
            let path = path.display();
            FormatError::Invalid(format!("the background `{path}` {what}"))
        };
        let metadata =
            std::fs::metadata(path).map_err(|e| refuse(format!("cannot be read: {e}")))?;
        if metadata.len() > MAX_PICTURE {
            let what = format!(
                "has {} bytes; expected at most {MAX_PICTURE}",
                metadata.len()
            );
            return Err(refuse(what));
        }
        let bytes = std::fs::read(path).map_err(|e| refuse(format!("cannot be read: {e}")))?;
        let Some((width, height)) = png_size(&bytes) else {
            return Err(refuse(
                "is something else; expected a PNG picture".to_owned(),
            ));
        };
        if width.max(height) > MAX_PIXELS {
            let what =
                format!("has {width}x{height} pixels; expected at most {MAX_PIXELS} in a row");
            return Err(refuse(what));
        }
        let scale = if is_twice(&bytes) { 2 } else { 1 };
        Ok(Self {
            bytes,
            width: width.div_ceil(scale),
            height: height.div_ceil(scale),
        })
    }
}

/// Whether a picture says that it has 144 dots per inch (PNG specification, section 11.3.5.3).
fn is_twice(png: &[u8]) -> bool {
    let number = |at: usize| {
        let bytes = png.get(at..).and_then(<[u8]>::first_chunk);
        bytes.map(|bytes| u32::from_be_bytes(*bytes))
    };
    let mut place = PNG_MAGIC.len();
    while let (Some(length), Some(kind)) = (number(place), png.get(place + 4..place + 8)) {
        match kind {
            b"pHYs" => return number(place + 8).is_some_and(|dots| TWICE.contains(&dots)),
            b"IDAT" => return false,
            // A length, a kind and a sum.
            _ => place += 12 + length as usize,
        }
    }
    false
}

/// The picture's path from the project's directory, or where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PicturePath(pub(super) PathBuf);

impl FromStr for PicturePath {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        if text.is_empty() || text.contains(char::is_control) {
            let expected = "the path of a PNG picture, such as `assets/background.png`";
            return Err(InvalidText::new("background", text, expected));
        }
        Ok(Self(text.into()))
    }
}

impl fmt::Display for PicturePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.display().fmt(f)
    }
}

typed_text!(PicturePath);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::dmg::icns::tests::png;
    use crate::format::testing::TempFile;

    fn chunk(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
        let length = (content.len() as u32).to_be_bytes();
        [&length[..], kind, content, &[0; 4]].concat()
    }

    #[test]
    fn a_picture_of_twice_the_resolution_has_half_as_many_points() {
        let picture = |dots: u32| {
            // The start of a picture, and the sum of its first chunk.
            let mut bytes = png(1201, 800);
            bytes.extend([8, 6, 0, 0, 0, 0, 0, 0, 0]);
            bytes.extend(chunk(b"tEXt", b"a text"));
            bytes.extend(chunk(b"pHYs", &[&dots.to_be_bytes()[..], &[0; 5]].concat()));
            bytes.extend(chunk(b"IDAT", b""));
            bytes
        };
        for (dots, width, height) in [(2835, 1201, 800), (5669, 601, 400)] {
            let file = TempFile::new("background-points", &picture(dots));
            let read = Background::read(&file.0).expect("a picture");
            assert_eq!((read.width, read.height), (width, height));
        }
    }

    #[test]
    fn what_is_no_picture_is_refused_with_its_path() {
        let file = TempFile::new("background-gif", b"GIF89a");
        let error = Background::read(&file.0).err().expect("no picture");
        let expected = format!(
            "the background `{}` is something else; expected a PNG picture",
            file.0.display()
        );
        assert_eq!(error.to_string(), expected);
        let missing = Background::read(Path::new("/no/such.png")).err();
        let missing = missing.expect("no file").to_string();
        assert!(missing.starts_with("the background `/no/such.png` cannot be read: "));
    }
}
