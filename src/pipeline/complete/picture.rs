//! Pictures: read from PNG and SVG, made smaller, and written as PNG. The same bytes on every machine: pixels are averaged in
//! integers, and libdeflate compresses alike everywhere.

use std::io::Cursor;

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg;

/// A picture has no more pixels on a side.
const MAX_SIDE: u32 = 4096;
/// Of libdeflate. Higher ones take twice the time for a hundredth of the size, measured with icons.
const LEVEL: i32 = 9;
/// Of the memory that reading takes. Pictures that need more are refused by their size.
const LIMITS: png::Limits = png::Limits { bytes: 512 << 20 };
const MAGIC: &[u8] = b"\x89PNG\r\n\x1a\n";

/// Why a file is no picture.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// It begins with something else.
    #[error("byte 0: no PNG picture, as the name says; expected `\\x89PNG`")]
    Magic,
    /// The data is damaged.
    #[error("byte {offset}: not a valid PNG picture: {what}")]
    Png {
        /// How far it was read.
        offset: u64,
        /// What is wrong.
        what: String,
    },
    /// It would not fit into memory.
    #[error(
        "byte 16: a picture of {width}x{height} pixels; expected at most {MAX_SIDE}x{MAX_SIDE}"
    )]
    TooLarge {
        /// In pixels.
        width: u32,
        /// In pixels.
        height: u32,
    },
}

/// A picture with four bytes a pixel: red, green and blue, each multiplied by the fourth, the opacity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Picture {
    pub(super) width: u32,
    pub(super) height: u32,
    pixels: Vec<[u8; 4]>,
}

impl Picture {
    /// Reads a PNG.
    pub(super) fn from_png(bytes: &[u8]) -> Result<Self, PictureError> {
        if !bytes.starts_with(MAGIC) {
            return Err(PictureError::Magic);
        }
        let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), LIMITS);
        decoder.set_transformations(
            png::Transformations::normalize_to_color8() | png::Transformations::ALPHA,
        );
        let damaged = |offset, error: png::DecodingError| PictureError::Png {
            offset,
            what: error.to_string(),
        };
        let mut reader = decoder
            .read_info()
            .map_err(|error| damaged(MAGIC.len() as u64, error))?;
        let (width, height) = reader.info().size();
        if width > MAX_SIDE || height > MAX_SIDE {
            return Err(PictureError::TooLarge { width, height });
        }
        let size = reader.output_buffer_size().unwrap_or_default();
        let mut decoded = vec![0; size];
        // The first chunk and its header are eight, and 25 bytes.
        let frame = reader
            .next_frame(&mut decoded)
            .map_err(|error| damaged(33, error))?;
        decoded.truncate(frame.buffer_size());
        let pixel = |values: &[u8]| match *values {
            [gray, alpha] => [gray, gray, gray, alpha],
            [red, green, blue, alpha] => [red, green, blue, alpha],
            _ => unreachable!("the transformations give two or four samples"),
        };
        let pixels = decoded.chunks_exact(frame.color_type.samples()).map(pixel);
        let pixels = pixels.map(premultiplied).collect();
        Ok(Self {
            width,
            height,
            pixels,
        })
    }

    /// Draws an SVG on a square, as large as it fits.
    pub(super) fn from_svg(svg: &usvg::Tree, side: u32) -> Self {
        let mut pixmap = Pixmap::new(side, side).expect("sides are from 1 to 1024");
        let (width, height) = (svg.size().width(), svg.size().height());
        let scale = side as f32 / width.max(height);
        let (x, y) = (side as f32 - width * scale, side as f32 - height * scale);
        let transform = Transform::from_row(scale, 0.0, 0.0, scale, x / 2.0, y / 2.0);
        resvg::render(svg, transform, &mut pixmap.as_mut());
        let pixels = pixmap.data().chunks_exact(4);
        Self {
            width: side,
            height: side,
            pixels: pixels.map(|p| [p[0], p[1], p[2], p[3]]).collect(),
        }
    }

    /// A square picture made smaller: each pixel is the average of the area that it covers.
    pub(super) fn shrunk(&self, side: u32) -> Self {
        let (from, to) = (self.width as usize, side as usize);
        // In both directions, a pixel of the source is `to` long, and one of the result `from`.
        let covered = |at: usize| {
            let (start, end) = (at * from, (at + 1) * from);
            (start / to..end.div_ceil(to)).map(move |pixel| {
                let weight = end.min((pixel + 1) * to) - start.max(pixel * to);
                (pixel, weight as u64)
            })
        };
        let area = (from * from) as u64;
        let mut pixels = Vec::with_capacity(to * to);
        for row in 0..to {
            for column in 0..to {
                let mut sums = [0u64; 4];
                for (y, height) in covered(row) {
                    for (x, width) in covered(column) {
                        let pixel = self.pixels[y * from + x];
                        for (sum, value) in sums.iter_mut().zip(pixel) {
                            *sum += u64::from(value) * height * width;
                        }
                    }
                }
                pixels.push(sums.map(|sum| ((sum + area / 2) / area) as u8));
            }
        }
        Self {
            width: side,
            height: side,
            pixels,
        }
    }

    /// The picture as a PNG of 8 bits with opacity (PNG specification, sections 5 to 11).
    pub(super) fn to_png(&self) -> Vec<u8> {
        let stride = self.width as usize * 4;
        let plain: Vec<u8> = self.pixels.iter().copied().flat_map(plain).collect();
        let mut rows = Vec::with_capacity(plain.len() + self.height as usize);
        let mut above = vec![0; stride];
        for row in plain.chunks_exact(stride) {
            rows.extend(filtered(row, &above));
            above.copy_from_slice(row);
        }
        let level = libdeflater::CompressionLvl::new(LEVEL).expect("libdeflate has levels 0 to 12");
        let mut compressor = libdeflater::Compressor::new(level);
        let mut compressed = vec![0; compressor.zlib_compress_bound(rows.len())];
        let size = compressor.zlib_compress(&rows, &mut compressed);
        compressed.truncate(size.expect("the bound is large enough"));
        let mut header = [self.width, self.height].map(u32::to_be_bytes).concat();
        // Eight bits a sample, true color with opacity; the only methods; not interlaced.
        header.extend([8, 6, 0, 0, 0]);
        let mut file = MAGIC.to_vec();
        for (name, data) in [
            (b"IHDR", &header),
            (b"IDAT", &compressed),
            (b"IEND", &Vec::new()),
        ] {
            file.extend((data.len() as u32).to_be_bytes());
            let start = file.len();
            file.extend(name);
            file.extend(data);
            let sum = libdeflater::crc32(&file[start..]);
            file.extend(sum.to_be_bytes());
        }
        file
    }
}

/// A row with the filter whose differences are smallest, which the specification suggests (section 12.8).
fn filtered(row: &[u8], above: &[u8]) -> Vec<u8> {
    let filter = |kind: u8| -> Vec<u8> {
        let byte = |at: usize| {
            let left = if at < 4 { 0 } else { row[at - 4] };
            let corner = if at < 4 { 0 } else { above[at - 4] };
            let guess = match kind {
                0 => 0,
                1 => left,
                2 => above[at],
                3 => ((u16::from(left) + u16::from(above[at])) / 2) as u8,
                _ => paeth(left, above[at], corner),
            };
            row[at].wrapping_sub(guess)
        };
        std::iter::once(kind)
            .chain((0..row.len()).map(byte))
            .collect()
    };
    let weight = |row: &Vec<u8>| -> u32 {
        let differences = row[1..]
            .iter()
            .map(|byte| u32::from((*byte as i8).unsigned_abs()));
        differences.sum()
    };
    (0..5)
        .map(filter)
        .min_by_key(weight)
        .expect("there are five filters")
}

/// The neighbor that is nearest to left + above - corner (section 9.4).
fn paeth(left: u8, above: u8, corner: u8) -> u8 {
    let estimate = i16::from(left) + i16::from(above) - i16::from(corner);
    let distance = |value: u8| (estimate - i16::from(value)).unsigned_abs();
    if distance(left) <= distance(above) && distance(left) <= distance(corner) {
        left
    } else if distance(above) <= distance(corner) {
        above
    } else {
        corner
    }
}

fn premultiplied([red, green, blue, alpha]: [u8; 4]) -> [u8; 4] {
    let times = |value: u8| ((u16::from(value) * u16::from(alpha) + 127) / 255) as u8;
    [times(red), times(green), times(blue), alpha]
}

fn plain([red, green, blue, alpha]: [u8; 4]) -> [u8; 4] {
    if alpha == 0 {
        return [0; 4];
    }
    let (alpha16, half) = (u16::from(alpha), u16::from(alpha) / 2);
    let divided = |value: u8| ((u16::from(value) * 255 + half) / alpha16).min(255) as u8;
    [divided(red), divided(green), divided(blue), alpha]
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A square of one color.
    pub(in crate::pipeline::complete) fn square(side: u32, pixel: [u8; 4]) -> Picture {
        Picture {
            width: side,
            height: side,
            pixels: vec![premultiplied(pixel); (side * side) as usize],
        }
    }

    #[test]
    fn a_png_is_read_as_it_was_written() {
        let mut picture = square(7, [200, 100, 50, 255]);
        for (index, pixel) in picture.pixels.iter_mut().enumerate() {
            *pixel = premultiplied([index as u8 * 5, 255 - index as u8, 3, 255 - index as u8 * 4]);
        }
        let read = Picture::from_png(&picture.to_png()).expect("a picture");
        assert_eq!(read, picture);
    }

    #[test]
    fn a_shrunk_picture_has_the_average_of_each_area() {
        let mut picture = square(3, [0, 0, 0, 255]);
        picture.pixels[4] = [255; 4];
        // The pixel in the middle is divided among four, each of which is 2.25 of the nine.
        assert_eq!(picture.shrunk(2).pixels, [[28, 28, 28, 255]; 4]);
        assert_eq!(picture.shrunk(3), picture);
        assert_eq!(picture.shrunk(1).pixels, [[28, 28, 28, 255]]);
        let clear = square(640, [9, 8, 7, 0]);
        assert_eq!(clear.shrunk(48), square(48, [0; 4]));
    }

    #[test]
    fn what_is_no_png_is_refused_with_a_place() {
        let error = |bytes: &[u8]| {
            Picture::from_png(bytes)
                .expect_err("no picture")
                .to_string()
        };
        assert_eq!(
            error(b"GIF89a"),
            "byte 0: no PNG picture, as the name says; expected `\\x89PNG`"
        );
        let good = square(16, [1, 2, 3, 255]).to_png();
        for end in [8, 20, 40, good.len() - 20] {
            assert!(
                error(&good[..end]).contains("not a valid PNG picture"),
                "{end}"
            );
        }
        let mut large = good.clone();
        large[16] = 1;
        let sum = libdeflater::crc32(&large[12..29]);
        large[29..33].copy_from_slice(&sum.to_be_bytes());
        assert_eq!(
            error(&large),
            "byte 16: a picture of 16777232x16 pixels; expected at most 4096x4096"
        );
    }
}
