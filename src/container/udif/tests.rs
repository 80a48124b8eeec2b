//! Images, written and read.

use std::io::{Cursor, Read, Write};
use std::num::NonZeroUsize;

use super::{CHUNK, SECTOR, TRAILER, UdifReader, UdifWriter};
use crate::container::ReadError;
use crate::model::threads::Threads;

fn written(volume: &[u8], piece: usize, threads: usize) -> Vec<u8> {
    let threads = NonZeroUsize::new(threads).expect("not zero");
    let write = |threads: &Threads, ()| {
        let mut image = Vec::new();
        let mut writer = UdifWriter::new(&mut image, threads);
        for piece in volume.chunks(piece) {
            writer.write_all(piece).expect("written to memory");
        }
        writer.finish().expect("written to memory");
        image
    };
    Threads::each(threads, vec![()], write).remove(0)
}

fn read(image: &[u8]) -> Result<Vec<u8>, String> {
    let mut reader = UdifReader::open(Cursor::new(image)).map_err(|error| match error {
        ReadError::Malformed(error) => error.to_string(),
        ReadError::Io(error) => panic!("{error:?}"),
    })?;
    let mut volume = Vec::new();
    let whole = reader.read_to_end(&mut volume);
    whole.map(|_| volume).map_err(|error| error.to_string())
}

/// Chunks of every kind: compressed, zero (several), stored, and a short last one.
fn volume() -> Vec<u8> {
    let mut state = 1u32;
    let noise = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    });
    let mut volume: Vec<u8> = (0..CHUNK as u32 / 4).flat_map(u32::to_be_bytes).collect();
    volume.resize(4 * CHUNK, 0);
    volume.extend(noise.take(CHUNK));
    volume.resize(6 * CHUNK, 0);
    volume.extend([7; 3 * SECTOR]);
    volume
}

#[test]
fn the_bytes_depend_on_the_volume_alone_and_give_it_back() {
    for volume in [volume(), vec![1; SECTOR], vec![0; CHUNK], Vec::new()] {
        let image = written(&volume, volume.len().max(1), 1);
        assert!(read(&image).expect("just written") == volume);
        assert!(image == written(&volume, 77_777, 3));
    }
}

#[test]
fn zeros_take_no_space() {
    let small = written(&vec![0; CHUNK], CHUNK, 1);
    let large = written(&vec![0; 40 * CHUNK], CHUNK, 2);
    assert_eq!(small.len(), large.len());
}

#[test]
fn the_trailer_says_where_everything_is() {
    let image = written(&volume(), CHUNK, 1);
    let trailer = &image[image.len() - TRAILER..];
    let number = |at: usize| {
        let bytes = trailer[at..at + 8].try_into().expect("eight bytes");
        u64::from_be_bytes(bytes) as usize
    };
    assert_eq!(&trailer[..4], b"koly");
    let (list, size) = (number(216), number(224));
    assert!(image[list..].starts_with(b"<?xml"));
    assert_eq!(list + size + TRAILER, image.len());
    assert_eq!((number(24), number(32)), (0, list));
    assert_eq!(number(492), volume().len() / SECTOR);
}

#[test]
fn no_changed_or_missing_byte_gives_another_volume() {
    let volume: Vec<u8> = b"a volume of sectors "
        .iter()
        .copied()
        .cycle()
        .take(2 * SECTOR)
        .collect();
    let image = written(&volume, CHUNK, 1);
    for place in 0..image.len() {
        assert!(read(&image[..place]).is_err(), "{place} bytes");
        for change in [1, 0x80, 0xff] {
            let mut changed = image.clone();
            changed[place] ^= change;
            assert!(read(&changed).is_err(), "byte {place}");
        }
    }
}
