//! xz with several threads.

use std::io::{self, Write};
use std::num::NonZeroUsize;

use liblzma::stream::{Check, MtStreamBuilder};
use liblzma::write::XzEncoder;

/// The preset of `xz` and `dpkg-deb`: a dictionary of 8 MiB, which every reader can afford.
const PRESET: u32 = 6;

/// Each thread takes up to 170 MB, so that a machine of many cores would run out of memory; their number changes no byte.
const MAX_THREADS: u32 = 8;

/// Compresses what is written to it. Nothing is complete before its `finish`.
///
/// liblzma's encoder for threads cuts the content into blocks of 24 MiB, its plain one does not, so the former is used
/// even with one thread: then the bytes are the same for any number.
pub fn writer<W: Write>(out: W, threads: NonZeroUsize) -> io::Result<XzEncoder<W>> {
    let threads = u32::try_from(threads.get()).map_or(MAX_THREADS, |n| n.min(MAX_THREADS));
    let stream = MtStreamBuilder::new()
        .preset(PRESET)
        .check(Check::Crc64)
        .threads(threads)
        .encoder()?;
    Ok(XzEncoder::new_stream(out, stream))
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;
    use crate::compress::decode;

    fn compress(content: &[u8], threads: usize) -> Vec<u8> {
        let threads = NonZeroUsize::new(threads).expect("not zero");
        let mut writer = writer(Vec::new(), threads).expect("a valid preset");
        writer.write_all(content).expect("written to memory");
        writer.finish().expect("written to memory")
    }

    #[test]
    fn the_bytes_do_not_depend_on_the_number_of_threads() {
        // More than one block of 24 MiB, or there would be nothing to share.
        let content = vec![0x5a; 25 << 20];
        let once = compress(&content, 1);
        assert_eq!(once, compress(&content, 2));
        let mut back = Vec::new();
        decode::xz(&once[..])
            .expect("a valid limit")
            .read_to_end(&mut back)
            .expect("is what was compressed");
        assert!(back == content);
    }
}
